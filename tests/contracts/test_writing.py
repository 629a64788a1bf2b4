"""Writes that wait together share one commit, and nothing else."""

import asyncio
import sqlite3
import threading
from contextlib import asynccontextmanager, closing

import pytest
from sqlalchemy import event, text
from tests.contracts.records import NOW, some_family, some_user

from watchword.core.errors import StoreUnavailable
from watchword.ports.grants import Rotation
from watchword.ports.identity import Added
from watchword.stores.sql import engine, open_database
from watchword.stores.sql.sqlite_database import SqliteDatabase
from watchword.stores.sql.writing import MOST_TOGETHER

NAMES = text("SELECT username FROM watchword_users ORDER BY username")


@pytest.fixture
def drivers():
    """The driver's connections, as a list that grows."""
    return []


@pytest.fixture
async def database(tmp_path, drivers):
    opened = SqliteDatabase(engine.sqlite_engine(str(tmp_path / "writing.db")))
    event.listen(opened.engine, "connect", lambda driver, _: drivers.append(driver))
    await open_database(opened).migrate()
    yield opened
    await opened.close()


@pytest.fixture
def commits(database, drivers):
    """How many commits there were since, as a list that grows."""
    seen = []
    for driver in drivers:
        driver.set_trace_callback(lambda sql: seen.append(sql) if sql == "COMMIT" else None)
    return seen


def refuse_commits(action, name, *_):
    refused = action == sqlite3.SQLITE_TRANSACTION and name == "COMMIT"
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


@pytest.fixture
def stores(database):
    return open_database(database)


@asynccontextmanager
async def held(database):
    """Keep the writing thread busy; what is asked for meanwhile waits together."""
    busy, free = threading.Event(), threading.Event()

    def work(_):
        busy.set()
        free.wait(10)

    holding = asyncio.create_task(database.write(work))
    await asyncio.to_thread(busy.wait, 10)
    try:
        yield
    finally:
        free.set()
        await holding


async def together(database, *calls):
    """Run calls that wait together, in this order, and return what they answer or raise."""
    async with held(database):
        tasks = [asyncio.create_task(call) for call in calls]
        await asyncio.sleep(0)
    return await asyncio.gather(*tasks, return_exceptions=True)


async def names(database):
    return [row.username for row in await database.rows(NAMES, {})]


async def test_what_waits_together_is_committed_once(database, stores, commits):
    answers = await together(database, *(stores.users.add(some_user(name)) for name in "abc"))
    assert answers == [Added.ADDED] * 3
    assert len(commits) == 2
    assert await names(database) == ["a", "b", "c"]


async def test_one_that_fails_undoes_no_neighbour(database, stores):
    broken = some_user("broken", credential_version=10**30)
    answers = await together(
        database,
        stores.users.add(some_user("a")),
        stores.users.add(broken),
        stores.users.add(some_user("a")),
        stores.users.add(some_user("b")),
    )
    assert (answers[0], answers[2], answers[3]) == (Added.ADDED, Added.USERNAME_TAKEN, Added.ADDED)
    assert isinstance(answers[1], OverflowError)
    assert await names(database) == ["a", "b"]


async def test_of_those_that_wait_together_one_wins(database, stores):
    family = some_family()
    await stores.families.add(family)

    def rotate(generation):
        return stores.families.rotate(
            family.user_id,
            family.id,
            generation=generation,
            scopes=frozenset(),
            idle_expires_at=family.expires_at,
            now=NOW,
        )

    answers = await together(database, rotate(1), rotate(1), rotate(2), rotate(1))
    assert answers == [Rotation.ROTATED, Rotation.STALE, Rotation.ROTATED, Rotation.STALE]
    assert (await stores.families.find(family.user_id, family.id)).generation == 3


async def test_a_commit_that_fails_answers_nobody(database, stores, drivers):
    refusing = database.write(lambda transaction: transaction.driver.set_authorizer(refuse_commits))
    answers = await together(database, refusing, *(stores.users.add(some_user(name)) for name in "ab"))
    assert [(type(answer), answer.hint) for answer in answers] == [
        (StoreUnavailable, "DatabaseError: not authorized")
    ] * 3
    for driver in drivers:
        driver.set_authorizer(None)
    assert await names(database) == []
    assert await stores.users.add(some_user("a")) == Added.ADDED


async def test_a_lock_that_is_not_released_makes_those_who_wait_together_wait_once(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.2)
    path = str(tmp_path / "locked.db")
    database = SqliteDatabase(engine.sqlite_engine(path))
    stores = open_database(database)
    await stores.migrate()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with asyncio.timeout(5):
            adding = [stores.users.add(some_user(f"user{n}")) for n in range(50)]
            answers = await asyncio.gather(*adding, return_exceptions=True)
        other.execute("ROLLBACK")
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 50
    assert await names(database) == []
    assert await stores.users.add(some_user("a")) == Added.ADDED
    await database.close()


async def test_more_than_fit_into_one_commit_are_all_done(database, stores, commits):
    many = 2 * MOST_TOGETHER + 1
    answers = await together(database, *(stores.users.add(some_user(f"user{n:03}")) for n in range(many)))
    assert answers == [Added.ADDED] * many
    assert len(commits) == 4


async def test_one_that_was_cancelled_while_it_waited_is_not_done(database, stores):
    async with held(database):
        kept, gone = [asyncio.create_task(stores.users.add(some_user(name))) for name in ("kept", "gone")]
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
    assert await kept == Added.ADDED
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert await names(database) == ["kept"]


async def test_closing_waits_for_what_was_asked_before(database, stores, tmp_path):
    async with held(database):
        tasks = [asyncio.create_task(stores.users.add(some_user(name))) for name in "ab"]
        await asyncio.sleep(0)
        closing_it = asyncio.create_task(database.close())
        await asyncio.sleep(0)
    assert await asyncio.gather(*tasks) == [Added.ADDED] * 2
    await closing_it
