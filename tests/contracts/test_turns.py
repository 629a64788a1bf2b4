"""A writer that does not get its turn in time is told so, and nothing of it is done, then or later."""

import asyncio
import sqlite3
import threading
import time
from contextlib import closing

import pytest
from tests.contracts.records import some_user

from watchword.core.errors import StoreUnavailable
from watchword.ports.identity import Added
from watchword.stores.sql import turns
from watchword.stores.sql.engine import sqlite_engine
from watchword.stores.sql.sqlite_database import SqliteDatabase


@pytest.fixture
def locked(sqlite_url, sqlite_stores):
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


async def test_a_writer_is_refused_within_a_second_and_never_carried_out(sqlite_stores, locked):
    took = []
    for _ in range(3):
        begun = time.monotonic()
        adding = [sqlite_stores.users.add(some_user(f"user{n}")) for n in range(100)]
        answers = await asyncio.gather(*adding, return_exceptions=True)
        took.append(time.monotonic() - begun)
        assert {type(answer) for answer in answers} == {StoreUnavailable}
    assert min(took) < 1
    locked.execute("ROLLBACK")
    assert await sqlite_stores.users.add(some_user("user0")) == Added.ADDED
    assert [user.username for user in await sqlite_stores.users.list(limit=200)] == ["user0"]


async def test_a_lock_that_goes_in_time_is_waited_for(sqlite_stores, locked):
    adding = asyncio.create_task(sqlite_stores.users.add(some_user("ada")))
    await asyncio.wait([adding], timeout=0.2)
    locked.execute("ROLLBACK")
    assert await adding == Added.ADDED


async def test_a_work_that_has_begun_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.01)
    database = SqliteDatabase(sqlite_engine(str(tmp_path / "turns.db")))
    free = threading.Event()
    working = asyncio.create_task(database.write(lambda _: free.wait(10)))
    await asyncio.wait([working], timeout=0.2)
    assert not working.done()
    free.set()
    assert await working is True
    await database.close()


async def test_a_caller_that_is_cancelled_leaves_as_before(sqlite_stores, locked):
    adding = asyncio.create_task(sqlite_stores.users.add(some_user("ada")))
    await asyncio.wait([adding], timeout=0.05)
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    locked.execute("ROLLBACK")
    assert await sqlite_stores.users.add(some_user("grace")) == Added.ADDED
