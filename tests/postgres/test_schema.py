"""The schema on PostgreSQL: the same revisions, one migrator at a time, never in the way of traffic for long."""

import asyncio
import random
import signal
import time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.contracts.test_processes import contender, go, said

from watchword.core.errors import ConfigError, StoreUnavailable
from watchword.stores.open import open_stores
from watchword.stores.sql.postgres_database import PostgresDatabase
from watchword.stores.sql.postgres_schema import MIGRATION_LOCK
from watchword.stores.sql.postgres_url import parse_postgres_url
from watchword.stores.sql.schema import check_schema, migrate
from watchword.stores.sql.tables import VERSION_TABLE, metadata, revocations, users

COLUMNS = """SELECT table_name, column_name, data_type, is_nullable, column_default, collation_name
FROM information_schema.columns WHERE table_name LIKE 'watchword%' AND table_name <> 'watchword_schema' ORDER BY 1, 2"""
INDEXES = """SELECT indexname, indexdef FROM pg_indexes
WHERE tablename LIKE 'watchword%' AND tablename <> 'watchword_schema' ORDER BY 1"""
FOREIGN_KEYS = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' ORDER BY 1"


@pytest.fixture
def empty_url(postgres_server, empty_postgres):
    return postgres_server.url(empty_postgres)


@pytest.fixture
async def database(empty_url):
    opened = PostgresDatabase(parse_postgres_url(empty_url.partition("://")[2]))
    yield opened
    await opened.close()


async def test_the_migrated_schema_is_that_of_the_tables(database):
    differences = []

    def compare(connection) -> None:
        options = {"version_table": VERSION_TABLE, "compare_type": True}
        differences[:] = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    await database.upgrade(compare)
    assert len(differences) >= len(metadata.tables)
    await migrate(database)
    await database.upgrade(compare)
    assert differences == []


async def test_the_migrated_tables_are_made_as_the_tables_say(database, postgres_server, empty_postgres):
    await database.upgrade(metadata.create_all)
    expected = [postgres_server.run(question, empty_postgres) for question in (COLUMNS, INDEXES, FOREIGN_KEYS)]
    await database.upgrade(metadata.drop_all)
    await migrate(database)
    assert [postgres_server.run(question, empty_postgres) for question in (COLUMNS, INDEXES, FOREIGN_KEYS)] == expected


async def test_text_is_compared_by_its_bytes(database, postgres_server, empty_postgres):
    await migrate(database)
    collations = "SELECT DISTINCT collation_name FROM information_schema.columns WHERE column_name = "
    for name in ("username_key", "user_id", "id", "role", "email_key"):
        assert postgres_server.run(f"{collations} '{name}'", empty_postgres) == "C"


BACK_TO_0002 = f"""
DROP TABLE watchword_used_once, watchword_resources, watchword_consents, watchword_device_grants,
    watchword_authorization_codes, watchword_browser_sessions;
ALTER TABLE watchword_sessions DROP COLUMN browser_id, DROP COLUMN acr;
ALTER TABLE watchword_clients DROP COLUMN metadata, DROP COLUMN version, DROP COLUMN dynamic,
    DROP COLUMN registration_hash, DROP COLUMN secret_salts;
UPDATE {VERSION_TABLE} SET version_num = '0002'
"""
SHORT_LIVED = {"watchword_authorization_codes", "watchword_device_grants"}
"""They are looked up by a secret that must not name the person to a client, and are placed by it."""


def test_a_table_of_people_has_the_user_first_in_its_key():
    """So that a distributed engine can place the rows of one person together."""
    with_users = [table for table in metadata.tables.values() if "user_id" in table.columns]
    assert {table.name for table in with_users} >= {"watchword_sessions", "watchword_refresh_families"}
    others = {table.name for table in with_users if next(iter(table.primary_key.columns)).name != "user_id"}
    assert others == SHORT_LIVED
    assert [column.name for column in users.primary_key.columns] == ["id"]
    assert "user_id" not in revocations.columns


async def test_an_unmigrated_database_is_refused_with_what_to_do(database):
    with pytest.raises(ConfigError, match="Run `watchword migrate`"):
        await check_schema(database)
    await migrate(database)
    await check_schema(database)


async def test_a_newer_schema_is_refused_and_left_alone(database, postgres_server, empty_postgres):
    await migrate(database)
    postgres_server.run(f"UPDATE {VERSION_TABLE} SET version_num = '9999'", empty_postgres)
    for attempt in (check_schema, migrate):
        with pytest.raises(ConfigError, match="newer version of Watchword"):
            await attempt(database)
    assert postgres_server.run(f"SELECT version_num FROM {VERSION_TABLE}", empty_postgres) == "9999"


async def test_a_migration_that_fails_leaves_nothing_behind(database, postgres_server, empty_postgres):
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    postgres_server.run("CREATE TABLE watchword_signing_keys (x int)", empty_postgres)
    with pytest.raises(StoreUnavailable, match="watchword_signing_keys"):
        await migrate(database)
    assert postgres_server.run(tables, empty_postgres) == "watchword_signing_keys"
    postgres_server.run("DROP TABLE watchword_signing_keys", empty_postgres)
    await migrate(database)
    await check_schema(database)


async def test_migrators_take_turns(empty_url):
    opened = [open_stores(empty_url) for _ in range(4)]
    await asyncio.gather(*(stores.migrate() for stores in opened))
    for stores in opened:
        await stores.check_schema()
        await stores.close()


async def test_two_migrating_processes_both_succeed(empty_url):
    async with contender("migrate", empty_url) as first, contender("migrate", empty_url) as second:
        go(first)
        go(second)
        assert await asyncio.gather(said(first), said(second)) == [["done"], ["done"]]


async def test_a_migrator_waits_for_one_that_is_at_work(database, postgres_server, empty_postgres):
    held = f"BEGIN; SELECT pg_advisory_xact_lock({MIGRATION_LOCK}); SELECT pg_sleep(1.2); COMMIT"
    holding = asyncio.create_task(asyncio.to_thread(postgres_server.run, held, empty_postgres))
    locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    while await asyncio.to_thread(postgres_server.run, locks) == "0":  # noqa: ASYNC110  it tells nobody
        await asyncio.sleep(0)
    begun = time.monotonic()
    await migrate(database)
    assert time.monotonic() - begun > 0.5
    await holding
    await check_schema(database)


async def test_a_migration_that_waits_for_a_table_lets_traffic_pass(postgres_server, postgres_database, postgres_url):
    """It gives up its place in the queue of locks after half a second, and tries again."""
    postgres_server.run(BACK_TO_0002, postgres_database)
    stores = open_stores(postgres_url)
    held = f"BEGIN; LOCK TABLE {VERSION_TABLE} IN SHARE MODE; SELECT pg_sleep(2); COMMIT"
    holding = asyncio.create_task(asyncio.to_thread(postgres_server.run, held, postgres_database))
    locks = "SELECT count(*) FROM pg_locks WHERE mode = 'ShareLock'"
    while await asyncio.to_thread(postgres_server.run, locks) == "0":  # noqa: ASYNC110  it tells nobody
        await asyncio.sleep(0)
    migrating = asyncio.create_task(stores.migrate())
    slowest = 0.0
    while not migrating.done():
        begun = time.monotonic()
        assert await stores.users.find("user") is None
        slowest = max(slowest, time.monotonic() - begun)
    await migrating
    assert slowest < 0.7
    await holding
    await stores.check_schema()
    await stores.close()


async def test_a_killed_migration_can_be_run_again(postgres_server):
    for number in range(4):
        name = f"killed_{number}"
        postgres_server.run(f"CREATE DATABASE {name}")
        url = postgres_server.url(name)
        async with contender("migrate", url) as process:
            go(process)
            await asyncio.sleep(random.random() / 2)
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.wait()
        stores = open_stores(url)
        await stores.migrate()
        await stores.check_schema()
        assert await stores.users.list(limit=1) == []
        await stores.close()
        postgres_server.run(f"DROP DATABASE {name} WITH (FORCE)")


async def test_an_up_to_date_schema_is_checked_without_a_lock(postgres_url, postgres_server, postgres_database):
    held = f"BEGIN; SELECT pg_advisory_xact_lock({MIGRATION_LOCK}); SELECT pg_sleep(1); COMMIT"
    holding = asyncio.create_task(asyncio.to_thread(postgres_server.run, held, postgres_database))
    stores = open_stores(postgres_url)
    await stores.migrate()
    assert not holding.done()
    await holding
    await stores.close()
