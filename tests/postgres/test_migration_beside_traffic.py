"""An index of a table with many rows is made while others write to it, whatever becomes of the migrator."""

import asyncio
import signal
from datetime import timedelta

import asyncpg
import pytest
from tests.contracts.records import NOW, some_session
from tests.contracts.test_processes import contender, go

from watchword.core.errors import ConfigError
from watchword.stores.open import open_stores
from watchword.stores.sql.tables import VERSION_TABLE

NAME = "ix_watchword_sessions_user_id_browser_id"
BEFORE_THE_INDEX = f"DROP INDEX {NAME}; UPDATE {VERSION_TABLE} SET version_num = '0003'"
BUILDERS = "SELECT pid FROM pg_stat_progress_create_index WHERE datname = current_database()"
WAITING = f"SELECT count(*) FROM ({BUILDERS} AND phase = 'waiting for old snapshots') AS waiting"
PATIENCE = 30
STATE = f"SELECT indexrelid, indisvalid FROM pg_index WHERE indexrelid = to_regclass('{NAME}')"
STUCK = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype <> 'virtualxid'"
STRONG = """SELECT count(*) FROM pg_locks WHERE relation = 'watchword_sessions'::regclass
AND mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')"""


class Place:
    """A database one revision before the index, and a reader for whose end the index has to wait."""

    def __init__(self, server, database, reader):
        self.url = server.url(database)
        self._server, self._database, self._reader = server, database, reader

    async def ask(self, sql):
        return await asyncio.to_thread(self._server.run, sql, self._database)

    async def until(self, sql, answer):
        async with asyncio.timeout(PATIENCE):
            while await self.ask(sql) != answer:
                pass

    async def let_the_reader_end(self):
        await self._reader.execute("ROLLBACK")


@pytest.fixture
async def place(postgres_server, postgres_database):
    postgres_server.run(BEFORE_THE_INDEX, postgres_database)
    reader = await asyncpg.connect(postgres_server.url(postgres_database))
    await reader.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM watchword_users")
    yield Place(postgres_server, postgres_database, reader)
    await reader.close()


@pytest.fixture
async def stores(place):
    opened = open_stores(place.url)
    yield opened
    await opened.close()


async def test_sessions_begin_and_end_while_their_index_is_made(place, stores):
    migrating = asyncio.create_task(stores.migrate())
    await place.until(WAITING, "1")
    session = some_session()
    await stores.sessions.add(session)
    await stores.sessions.touch(session.user_id, session.id, now=NOW + timedelta(seconds=1))
    assert await stores.sessions.end(session.user_id, session.id, now=NOW)
    assert [await place.ask(STUCK), await place.ask(STRONG)] == ["0", "0"]
    assert (await place.ask(STATE)).endswith("|f")
    assert not migrating.done()
    await place.let_the_reader_end()
    await migrating
    assert (await place.ask(STATE)).endswith("|t")
    await stores.check_schema()


async def test_a_second_migrator_waits_without_being_waited_for(place, stores):
    first, second = asyncio.create_task(stores.migrate()), asyncio.create_task(stores.migrate())
    await place.until(WAITING, "1")
    assert [await place.ask(BUILDERS) != "", await place.ask(STUCK)] == [True, "0"]
    assert [first.done(), second.done()] == [False, False]
    await place.let_the_reader_end()
    await asyncio.gather(first, second)
    await stores.check_schema()


async def killed_migration(place):
    async with contender("migrate", place.url) as process:
        go(process)
        await place.until(WAITING, "1")
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_what_the_server_finishes_for_a_killed_migrator_is_used(place, stores):
    await killed_migration(place)
    before = await place.ask(STATE)
    with pytest.raises(ConfigError, match="Run `watchword migrate`"):
        await stores.check_schema()
    migrating = asyncio.create_task(stores.migrate())
    await place.let_the_reader_end()
    await migrating
    assert await place.ask(STATE) == before.replace("|f", "|t")
    await stores.check_schema()


async def test_what_the_server_left_half_made_is_made_anew(place, stores):
    await killed_migration(place)
    before = await place.ask(STATE)
    await place.ask(f"SELECT pg_terminate_backend(({BUILDERS}))")
    await place.until(BUILDERS, "")
    assert await place.ask(STATE) == before
    await place.let_the_reader_end()
    await stores.migrate()
    after = await place.ask(STATE)
    assert after.endswith("|t")
    assert after != before.replace("|f", "|t")
    await stores.check_schema()
