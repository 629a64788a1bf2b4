"""The SQLite engine: file, pragmas, locks, errors, cancellation."""

import asyncio
import os
import random
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.contracts.records import NOW, some_family, some_invite, some_user

from watchword.core.errors import StoreUnavailable
from watchword.ports.identity import Added, Redemption
from watchword.stores.open import open_stores
from watchword.stores.sql import engine, open_database
from watchword.stores.sql.sqlite_database import SqliteDatabase


def path_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def other_connection(url: str) -> sqlite3.Connection:
    return sqlite3.connect(path_of(url), isolation_level=None, check_same_thread=False)


async def test_the_files_are_for_their_owner_alone(sqlite_stores, sqlite_url):
    await sqlite_stores.users.add(some_user())
    path = path_of(sqlite_url)
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == [path.name, f"{path.name}-shm", f"{path.name}-wal"]
    assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600"] * 3


async def test_an_existing_file_keeps_its_mode_and_its_content(tmp_path):
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE products (id INTEGER)")
    path.chmod(0o640)
    stores = open_stores(f"sqlite:///{path}")
    await stores.migrate()
    await stores.close()
    assert path.stat().st_mode & 0o777 == 0o640
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM products").fetchone() == (0,)


@pytest.mark.parametrize(
    ("mode", "warned"), [(0o666, True), (0o604, True), (0o620, True), (0o640, False), (0o600, False)]
)
async def test_an_existing_file_that_is_open_to_strangers_is_warned_of(tmp_path, caplog, mode, warned):
    path = tmp_path / "app.db"
    path.touch()
    path.chmod(mode)
    await open_stores(f"sqlite:///{path}").close()
    assert [record.getMessage() for record in caplog.records] == [
        f"app.db can be read or changed by others (mode {mode:04o}); run `chmod 600 app.db`"
    ] * warned
    assert path.stat().st_mode & 0o777 == mode


async def test_every_connection_is_durable_and_checks_foreign_keys(tmp_path):
    sqlite = engine.sqlite_engine(str(tmp_path / "pragmas.db"))
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    with ExitStack() as stack:
        for _ in range(engine.CONNECTIONS):
            connection = stack.enter_context(sqlite.connect())
            found = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in expected}
            assert found == expected
    sqlite.dispose()


async def test_a_relative_url_is_relative_to_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stores = open_stores("sqlite:///new/folder/relative.db")
    await stores.migrate()
    await stores.close()
    assert (tmp_path / "new" / "folder" / "relative.db").is_file()


async def test_a_writer_waits_for_the_writer_of_another_process(sqlite_stores, sqlite_url):
    with closing(other_connection(sqlite_url)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(sqlite_stores.users.add(some_user()))
        assert await sqlite_stores.users.list(limit=1) == []
        assert not waiting.done()
        other.execute("COMMIT")
        assert await waiting == Added.ADDED


async def test_a_reader_waits_for_nobody(sqlite_stores, sqlite_url):
    user = some_user()
    await sqlite_stores.users.add(user)
    with closing(other_connection(sqlite_url)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM watchword_users")
        assert await sqlite_stores.users.find(user.id) == user
        other.execute("ROLLBACK")


async def test_a_lock_that_is_never_released_is_unavailable(sqlite_stores, sqlite_url, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    impatient = open_stores(sqlite_url)
    with closing(other_connection(sqlite_url)) as other:
        await impatient.ping()
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable) as refusal:
            await impatient.users.add(some_user())
        other.execute("ROLLBACK")
    assert "locked" in refusal.value.hint
    assert await impatient.users.add(some_user()) == Added.ADDED
    await impatient.close()


async def test_no_free_connection_in_time_is_unavailable(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)
    sqlite = engine.sqlite_engine(str(tmp_path / "pool.db"))
    stores = open_database(SqliteDatabase(sqlite))
    with ExitStack() as stack:
        for _ in range(engine.CONNECTIONS):
            stack.enter_context(sqlite.connect())
        with pytest.raises(StoreUnavailable):
            await stores.ping()
    await stores.ping()
    await stores.close()


@pytest.mark.parametrize("verb", ["ping", "check_schema", "migrate"])
async def test_a_file_that_is_no_database_is_unavailable(tmp_path, verb):
    path = tmp_path / "text.db"
    path.write_text("this is no database, but a text that is long enough to be taken for a broken one" * 20)
    stores = open_stores(f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable, match="not a database"):
        await getattr(stores, verb)()
    await stores.close()


async def test_a_folder_in_place_of_the_file_is_unavailable(tmp_path):
    stores = open_stores(f"sqlite:///{tmp_path}")
    with pytest.raises(StoreUnavailable):
        await stores.ping()
    await stores.close()


async def test_a_file_in_place_of_the_folder_is_unavailable(tmp_path):
    (tmp_path / "file").touch()
    stores = open_stores(f"sqlite:///{tmp_path}/file/below.db")
    with pytest.raises(StoreUnavailable):
        await stores.users.find("user")
    await stores.close()


async def test_a_full_disk_is_unavailable_and_undone(sqlite_stores, sqlite_url, monkeypatch):
    monkeypatch.setattr(engine, "PRAGMAS", (*engine.PRAGMAS, "max_page_count=1"))
    full = open_stores(sqlite_url)
    with pytest.raises(StoreUnavailable, match="full"):
        await full.users.add(some_user(profile={"long": "x" * 1_000_000}))
    await full.close()
    assert await sqlite_stores.users.list(limit=1) == []
    assert await sqlite_stores.users.add(some_user()) == Added.ADDED


async def test_missing_tables_are_unavailable(tmp_path):
    stores = open_stores(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(StoreUnavailable, match="no such table"):
        await stores.users.find("user")
    with pytest.raises(StoreUnavailable, match="no such table"):
        await stores.users.add(some_user())
    await stores.close()


async def test_a_closed_store_is_unavailable(sqlite_url):
    stores = open_stores(sqlite_url)
    await stores.migrate()
    await stores.ping()
    await stores.close()
    await stores.close()
    for use in (stores.ping, lambda: stores.users.find("user"), lambda: stores.users.add(some_user())):
        with pytest.raises(StoreUnavailable, match="closed"):
            await use()


async def test_errors_hold_no_values(sqlite_stores, sqlite_url):
    with closing(other_connection(sqlite_url)) as other:
        other.execute("ALTER TABLE watchword_users RENAME COLUMN password_hash TO gone")
    with pytest.raises(StoreUnavailable) as refusal:
        await sqlite_stores.users.add(some_user(password_hash="canary-hash", profile={"p": "canary-profile"}))
    cause = refusal.value.__cause__
    assert "canary" not in f"{refusal.value} {refusal.value.hint} {cause!r} {cause}"


async def test_a_cancelled_write_is_done_or_undone_and_blocks_nobody(sqlite_stores):
    invites = [some_invite(f"not-a-secret-{n}") for n in range(60)]
    for invite in invites:
        await sqlite_stores.invites.add(invite)

    async def cancelled_at_some_point(invite) -> None:
        task = asyncio.create_task(sqlite_stores.invites.redeem(invite.secret_hash, user_id="a", now=NOW))
        for _ in range(random.randrange(12)):
            await asyncio.sleep(0)
        await asyncio.sleep(random.random() / 300)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await asyncio.gather(*(cancelled_at_some_point(invite) for invite in invites[:30]))
    for invite in invites[30:]:
        await cancelled_at_some_point(invite)
    async with asyncio.timeout(5):
        for invite in invites:
            found = await sqlite_stores.invites.find(invite.secret_hash)
            again = await sqlite_stores.invites.redeem(invite.secret_hash, user_id="b", now=NOW)
            assert again == (Redemption.SPENT if found.redeemed_by == "a" else Redemption.REDEEMED)


async def test_a_write_that_raises_is_undone(sqlite_stores):
    user = some_user(roles=("editor",), credential_version=10**30)
    with pytest.raises(OverflowError):
        await sqlite_stores.users.add(user)
    assert await sqlite_stores.users.find(user.id) is None
    assert await sqlite_stores.users.add(some_user()) == Added.ADDED


async def test_an_acknowledged_write_is_seen_by_every_later_reader(sqlite_stores, sqlite_url):
    family = some_family()
    await sqlite_stores.families.add(family)
    reader = open_stores(sqlite_url)
    for generation in range(1, 20):
        await sqlite_stores.families.rotate(
            family.user_id,
            family.id,
            generation=generation,
            scopes=frozenset(),
            idle_expires_at=family.expires_at,
            now=NOW,
        )
        assert (await reader.families.find(family.user_id, family.id)).generation == generation + 1
    await reader.close()


async def test_stores_leave_no_open_file_behind(sqlite_url):
    def open_files() -> int:
        return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0

    before = open_files()
    stores = open_stores(sqlite_url)
    await stores.migrate()
    await asyncio.gather(*(stores.users.list(limit=1) for _ in range(30)))
    await stores.close()
    assert open_files() == before
