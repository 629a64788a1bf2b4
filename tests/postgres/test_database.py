"""What is special about PostgreSQL: connections, errors, retries, cancellation."""

import asyncio
import random

import pytest
from sqlalchemy import text, update
from tests.contracts.records import DAY, NOW, some_family, some_invite, some_revocation, some_user

from watchword.core.account_errors import Conflict
from watchword.core.errors import ConfigError, StoreUnavailable
from watchword.core.models.identity import Role
from watchword.ports.grants import Rotation
from watchword.ports.identity import Added, Redemption
from watchword.stores.open import open_stores
from watchword.stores.sql import open_database
from watchword.stores.sql.postgres_database import PostgresDatabase
from watchword.stores.sql.postgres_url import parse_postgres_url
from watchword.stores.sql.tables import users


def parsed(url: str):
    return parse_postgres_url(url.partition("://")[2])


@pytest.fixture
async def database(postgres_url):
    opened = PostgresDatabase(parsed(postgres_url))
    yield opened
    await opened.close()


async def setting(database, name: str) -> str:
    return await database.look(lambda transaction: transaction.all(text(f"SHOW {name}"), {})[0][0])


async def test_connections_bound_what_can_hang_and_keep_what_was_acknowledged(
    database, postgres_server, postgres_database
):
    postgres_server.run(f"ALTER DATABASE {postgres_database} SET synchronous_commit = off")
    assert await setting(database, "statement_timeout") == "1s"
    assert await setting(database, "idle_in_transaction_session_timeout") == "5s"
    assert await setting(database, "synchronous_commit") == "on"
    assert await setting(database, "application_name") == "watchword"


async def test_a_stronger_commit_than_ours_stays(database, postgres_server, postgres_database):
    postgres_server.run(f"ALTER DATABASE {postgres_database} SET synchronous_commit = remote_apply")
    assert await setting(database, "synchronous_commit") == "remote_apply"


async def test_writes_are_read_committed_whatever_the_database_prefers(database, postgres_server, postgres_database):
    postgres_server.run(f"ALTER DATABASE {postgres_database} SET default_transaction_isolation = 'serializable'")
    level = await database.write(lambda transaction: transaction.all(text("SHOW transaction_isolation"), {})[0][0])
    assert level == "read committed"


async def test_a_unix_socket_will_do(postgres_server, postgres_database):
    stores = open_stores(postgres_server.socket_url(postgres_database))
    assert await stores.users.add(some_user()) == Added.ADDED
    await stores.close()


async def test_of_several_hosts_the_one_that_writes_is_used(postgres_server, postgres_database):
    there = f"127.0.0.1:{postgres_server.port}"
    url = postgres_server.url(postgres_database).replace(there, f"127.0.0.1:1,{there}")
    stores = open_stores(url)
    assert await stores.users.add(some_user()) == Added.ADDED
    await stores.close()


async def test_a_server_that_takes_no_writes_is_unavailable_until_it_does(
    stores, postgres_server, postgres_database, postgres_url
):
    postgres_server.run(f"ALTER DATABASE {postgres_database} SET default_transaction_read_only = on")
    with pytest.raises(StoreUnavailable, match="read-write"):
        await stores.users.find("user")
    postgres_server.run(f"ALTER DATABASE {postgres_database} RESET default_transaction_read_only")
    assert await stores.users.find("user") is None


async def test_too_many_connections_are_unavailable(stores, postgres_server, postgres_database):
    postgres_server.run(
        "CREATE ROLE plain LOGIN PASSWORD 'not-a-real-password'; "
        f"ALTER DATABASE {postgres_database} CONNECTION LIMIT 0; GRANT ALL ON DATABASE {postgres_database} TO plain"
    )
    limited = open_stores(postgres_server.url(postgres_database).replace("//tests:", "//plain:"))
    with pytest.raises(StoreUnavailable, match="too many connections"):
        await limited.ping()
    await limited.close()
    postgres_server.run(f"DROP OWNED BY plain; REVOKE ALL ON DATABASE {postgres_database} FROM plain; DROP ROLE plain")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("not-a-real-password", "canary", "password authentication failed"),
        ("//tests:", "//nobody:", "password authentication failed"),
        ("/test_", "/absent_", "does not exist"),
        ("127.0.0.1", "host.invalid", "gaierror|Name or service|failure in name"),
    ],
)
async def test_an_operator_reads_why_nothing_connects_and_no_password(postgres_url, old, new, reason):
    stores = open_stores(postgres_url.replace(old, new))
    with pytest.raises(StoreUnavailable, match=reason) as refusal:
        await stores.ping()
    assert "canary" not in refusal.value.hint
    await stores.close()


async def test_a_certificate_that_is_not_there_is_said(postgres_url):
    stores = open_stores(f"{postgres_url}?sslmode=verify-full&sslrootcert=/absent.pem")
    with pytest.raises(StoreUnavailable, match=r"absent\.pem|No such file"):
        await stores.ping()
    await stores.close()


async def test_missing_tables_are_unavailable(postgres_server, empty_postgres):
    stores = open_stores(postgres_server.url(empty_postgres))
    with pytest.raises(StoreUnavailable, match="watchword_users"):
        await stores.users.find("user")
    await stores.close()


async def test_errors_hold_no_values(stores, postgres_server, postgres_database):
    """The server's details would hold the whole row."""
    postgres_server.run("ALTER TABLE watchword_users ADD COLUMN later text NOT NULL", postgres_database)
    with pytest.raises(ValueError, match="later") as refusal:
        await stores.users.add(some_user(password_hash="canary-hash", profile={"p": "canary-profile"}))
    error = refusal.value
    assert "canary" not in f"{error} {error!r}"
    assert error.__suppress_context__


async def test_text_that_no_row_can_hold_finds_nothing_and_is_not_stored(stores):
    for name in ("a\0b", "\ud800"):
        assert await stores.users.find(name) is None
        assert await stores.users.find_by_login(name) is None
        assert await stores.users.withdraw_role(name, "editor") is not None
        with pytest.raises(UnicodeError):
            await stores.users.add(some_user(name))
    assert await stores.users.add(some_user("a")) == Added.ADDED


async def test_a_write_that_raises_is_undone(database):
    stores, user = open_database(database), some_user()

    def work(transaction):
        transaction.run(users.insert(), {**_values(user)})
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(work)
    assert await stores.users.find(user.id) is None
    assert await stores.users.add(user) == Added.ADDED


def _values(user):
    return {column.name: getattr(user, column.name) for column in users.columns}


def rename(transaction, user_id: str) -> None:
    transaction.count(update(users).where(users.c.id == user_id).values(username="renamed"), {})


async def test_a_deadlock_is_run_again(database, postgres_server, postgres_database):
    postgres_server.run(f"ALTER DATABASE {postgres_database} SET deadlock_timeout = '20ms'")
    stores, runs = open_database(database), []
    ids = [user.id for user in (some_user("ada"), some_user("bob"))]
    for user_id, name in zip(ids, ("ada", "bob"), strict=True):
        await stores.users.add(some_user(name, id=user_id))

    def work(transaction, first, second):
        runs.append(first)
        rename(transaction, first)
        transaction.all(text("SELECT pg_sleep(0.1)"), {})
        rename(transaction, second)

    await asyncio.gather(
        database.write(lambda transaction: work(transaction, *ids)),
        database.write(lambda transaction: work(transaction, *reversed(ids))),
    )
    assert len(runs) == 3
    assert [user.username for user in await stores.users.list(limit=9)] == ["renamed"] * 2


async def test_what_the_server_always_undoes_is_unavailable_in_the_end(database):
    runs = []

    def work(transaction):
        runs.append(1)
        transaction.all(text("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$"), {})

    with pytest.raises(StoreUnavailable, match="no"):
        await database.write(work)
    assert len(runs) == 6


async def test_a_role_that_goes_while_it_is_granted_is_not_granted(database, stores):
    """The foreign key breaks, the function runs again and finds no such role."""
    user = some_user()
    await stores.users.add(user)
    await stores.roles.put(Role(name="editor"))
    deleting = open_database(database)
    outcomes = await asyncio.gather(
        *(stores.users.grant_role(user.id, "editor") for _ in range(5)),
        deleting.roles.delete("editor"),
        *(stores.users.add(some_user(f"user{n}", roles=("editor",))) for n in range(5)),
    )
    assert len(outcomes) == 11
    assert (await stores.users.find(user.id)).roles == ()


async def test_rows_that_hold_an_account_refuse_its_deletion(stores, postgres_server, postgres_database):
    user = some_user()
    await stores.users.add(user)
    postgres_server.run(
        f"CREATE TABLE orders (owner text REFERENCES watchword_users); INSERT INTO orders VALUES ('{user.id}')",
        postgres_database,
    )
    with pytest.raises(Conflict):
        await stores.users.delete(user.id)
    assert await stores.users.find(user.id) == user


async def test_a_connection_that_the_server_ends_is_replaced(database):
    with pytest.raises(StoreUnavailable):
        await database.write(
            lambda transaction: transaction.all(text("SELECT pg_terminate_backend(pg_backend_pid())"), {})
        )
    await database.ping()


async def test_connections_that_were_ended_while_idle_are_noticed_before_use(stores, postgres_server):
    await asyncio.gather(*(stores.users.list(limit=1) for _ in range(20)))
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'watchword'"
    await asyncio.to_thread(postgres_server.run, ending)
    assert await asyncio.gather(*(stores.users.list(limit=1) for _ in range(20))) == [[]] * 20


async def test_a_type_that_changed_under_a_prepared_statement_is_no_error(stores, postgres_server, postgres_database):
    user = some_user()
    await stores.users.add(user)
    for _ in range(3):
        assert await stores.users.find(user.id) == user
    postgres_server.run("ALTER TABLE watchword_users ALTER COLUMN username TYPE text", postgres_database)
    assert await stores.users.find(user.id) == user


async def test_a_cancelled_write_is_done_or_undone_and_blocks_nobody(stores):
    invites = [some_invite(f"not-a-secret-{n}") for n in range(40)]
    for invite in invites:
        await stores.invites.add(invite)

    async def cancelled_at_some_point(invite) -> None:
        task = asyncio.create_task(stores.invites.redeem(invite.secret_hash, user_id="a", now=NOW))
        await asyncio.sleep(random.random() / 200)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    await asyncio.gather(*(cancelled_at_some_point(invite) for invite in invites))
    async with asyncio.timeout(5):
        for invite in invites:
            found = await stores.invites.find(invite.secret_hash)
            again = await stores.invites.redeem(invite.secret_hash, user_id="b", now=NOW)
            assert again in {Redemption.SPENT, Redemption.REDEEMED}
            assert again == Redemption.SPENT or found.redeemed_by is None


def test_event_loops_may_come_one_after_the_other(postgres_url):
    stores = open_stores(postgres_url)

    async def use() -> Rotation:
        family = some_family()
        await stores.families.add(family)
        return await stores.families.rotate(
            family.user_id, family.id, generation=1, scopes=frozenset(), idle_expires_at=NOW + DAY, now=NOW
        )

    async def close() -> None:
        await stores.close()

    with asyncio.Runner() as first:
        assert first.run(use()) == Rotation.ROTATED
        with asyncio.Runner() as second:
            assert second.run(use()) == Rotation.ROTATED
            second.run(close())
        first.run(close())


async def test_a_closed_store_is_unavailable(postgres_url):
    stores = open_stores(postgres_url)
    await stores.ping()
    await stores.close()
    await stores.close()
    for use in (stores.ping, lambda: stores.users.find("user"), lambda: stores.users.add(some_user()), stores.migrate):
        with pytest.raises(StoreUnavailable, match="closed"):
            await use()


async def test_closing_waits_for_what_was_asked_before(postgres_url, stores):
    closing = open_stores(postgres_url)
    tasks = [asyncio.create_task(closing.users.add(some_user(f"user{n}"))) for n in range(30)]
    await asyncio.sleep(0)
    await closing.close()
    assert await asyncio.gather(*tasks) == [Added.ADDED] * 30
    assert len(await stores.users.list(limit=99)) == 30


async def test_no_connection_is_left_behind(postgres_server, postgres_url):
    stores = open_stores(postgres_url)
    await asyncio.gather(*(stores.users.list(limit=1) for _ in range(30)))
    assert await _connections(postgres_server) == 10
    await stores.close()
    assert await _connections(postgres_server) == 0


async def _connections(server) -> int:
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'watchword'"
    return int(await asyncio.to_thread(server.run, count))


async def test_a_feed_entry_is_not_left_uncommitted_by_a_caller_that_hangs(database, postgres_server):
    """A reader gives up a gap in the feed after ten seconds; the server undoes such a transaction in half of that."""
    assert await setting(database, "idle_in_transaction_session_timeout") == "5s"
    stores = open_database(database)
    await stores.revocations.append([some_revocation("s")])
    assert len(await stores.revocations.read(after=0, limit=9, now=NOW)) == 1


async def test_a_database_that_cannot_hold_every_text_is_refused(postgres_server):
    postgres_server.run("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0")
    stores = open_stores(postgres_server.url("ascii"))
    with pytest.raises(ConfigError, match="ENCODING 'UTF8'"):
        await stores.migrate()
    await stores.close()
    postgres_server.run("DROP DATABASE ascii")
