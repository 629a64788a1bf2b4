"""The schema: migrated once, compared with the tables, refused when it is not this package's."""

import asyncio
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.contracts.test_processes import contender, go

from watchword.core.errors import ConfigError
from watchword.stores.open import open_stores
from watchword.stores.sql.engine import sqlite_engine
from watchword.stores.sql.schema import REVISIONS, check_schema, migrate
from watchword.stores.sql.sqlite_database import SqliteDatabase
from watchword.stores.sql.tables import VERSION_TABLE, metadata


@pytest.fixture
async def database(tmp_path):
    opened = SqliteDatabase(sqlite_engine(str(tmp_path / "schema.db")))
    yield opened
    await opened.close()


def run(database: SqliteDatabase, sql: str, *values: object) -> list[tuple]:
    with closing(sqlite3.connect(database.engine.url.database, isolation_level=None)) as connection:
        return connection.execute(sql, values).fetchall()


async def test_the_migrated_schema_is_that_of_the_tables(database):
    def differences(transaction) -> list:
        options = {"version_table": VERSION_TABLE, "compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(transaction.connection, opts=options), metadata)

    assert len(await database.look(differences)) >= len(metadata.tables)
    await migrate(database)
    assert await database.look(differences) == []


async def test_the_migrated_tables_are_made_as_the_tables_say(database, tmp_path):
    await migrate(database)
    made = SqliteDatabase(sqlite_engine(str(tmp_path / "made.db")))
    await made.write(lambda transaction: metadata.create_all(transaction.connection))
    tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'watchword%' AND name <> ?"
    for (name,) in run(made, tables, VERSION_TABLE):
        for question in ("table_xinfo", "foreign_key_list", "index_list"):
            pragma = f"SELECT * FROM pragma_{question}(?)"
            rows, expected = (sorted(repr(row[1:]) for row in run(each, pragma, name)) for each in (database, made))
            assert rows == expected
    await made.close()


async def test_the_known_revisions_are_those_of_the_package():
    config = Config()
    config.set_main_option("script_location", "watchword.stores.sql:migrations")
    scripts = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(scripts)) == REVISIONS


async def test_an_unmigrated_database_is_refused_with_what_to_do(database):
    with pytest.raises(ConfigError, match="Run `watchword migrate`"):
        await check_schema(database)
    await migrate(database)
    await check_schema(database)


async def test_a_newer_schema_is_refused_and_left_alone(database):
    await migrate(database)
    run(database, f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    with pytest.raises(ConfigError, match="newer version of Watchword"):
        await check_schema(database)
    with pytest.raises(ConfigError, match="newer version of Watchword"):
        await migrate(database)
    assert run(database, f"SELECT version_num FROM {VERSION_TABLE}") == [("9999",)]


async def test_migrate_again_changes_nothing(sqlite_stores):
    await sqlite_stores.migrate()
    await asyncio.gather(*(sqlite_stores.migrate() for _ in range(4)))
    await sqlite_stores.check_schema()


async def test_a_migration_that_fails_leaves_nothing_behind(database):
    run(database, "CREATE TABLE watchword_signing_keys (x)")
    with pytest.raises(Exception, match="watchword_signing_keys"):
        await migrate(database)
    assert run(database, "SELECT name FROM sqlite_schema WHERE type = 'table'") == [("watchword_signing_keys",)]
    run(database, "DROP TABLE watchword_signing_keys")
    await migrate(database)
    await check_schema(database)


async def test_a_killed_migration_can_be_run_again(tmp_path):
    for number in range(5):
        url = f"sqlite:///{tmp_path}/killed-{number}.db"
        async with contender("migrate", url) as process:
            go(process)
            await asyncio.sleep(random.random() / 4)
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.wait()
        stores = open_stores(url)
        await stores.migrate()
        await stores.check_schema()
        assert await stores.users.list(limit=1) == []
        await stores.close()


async def test_the_memory_store_needs_no_schema():
    stores = open_stores("memory://")
    await stores.check_schema()
    await stores.migrate()
    await stores.ping()
    await stores.close()


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        ("watchword.stores.sql", "alembic"),
        ("watchword.stores.open", "sqlalchemy"),
        ("watchword.stores.sql", "aiosqlite"),
    ],
)
def test_a_library_is_imported_only_where_it_is_needed(module, absent):
    code = f"import sys; sys.path[:] = {sys.path!r}; import {module}; assert {absent!r} not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def test_an_up_to_date_schema_is_left_alone_without_loading_the_migrations(tmp_path):
    url = f"sqlite:///{tmp_path}/current.db"
    stores = open_stores(url)
    await stores.migrate()
    await stores.close()
    code = (
        f"import asyncio, sys; sys.path[:] = {sys.path!r}; from watchword.stores.open import open_stores;"
        f"asyncio.run(open_stores({url!r}).migrate()); assert 'alembic' not in sys.modules"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0


def test_the_package_holds_its_migrations():
    package = Path(sys.modules["watchword.stores.sql"].__file__).parent
    assert (package / "migrations" / "env.py").is_file()
    assert len(list((package / "migrations" / "versions").glob("0*.py"))) == len(REVISIONS)
