"""Through PgBouncer in transaction mode, where each transaction may run on another server connection."""

import asyncio
from collections import Counter

import pytest
from tests.contracts.records import (
    DAY,
    NOW,
    some_client,
    some_family,
    some_invite,
    some_revocation,
    some_session,
    some_user,
)

from watchword.core.models.identity import Role
from watchword.ports.grants import Rotation
from watchword.ports.identity import Added, Change, Redemption
from watchword.stores.open import open_stores

TASKS = 64


@pytest.fixture
def bouncer_url(postgres_server, postgres_database, pgbouncer_port):
    url = postgres_server.url(postgres_database, pgbouncer="true")
    return url.replace(f":{postgres_server.port}/", f":{pgbouncer_port}/")


@pytest.fixture
async def stores(bouncer_url):
    opened = open_stores(bouncer_url)
    yield opened
    await opened.close()


async def test_a_rotation_has_exactly_one_winner(stores):
    family = some_family()
    await stores.families.add(family)
    for generation in range(1, 11):
        attempts = (
            stores.families.rotate(
                family.user_id, family.id, generation=generation, scopes=frozenset(), idle_expires_at=NOW + DAY, now=NOW
            )
            for _ in range(TASKS)
        )
        assert Counter(await asyncio.gather(*attempts)) == {Rotation.ROTATED: 1, Rotation.STALE: TASKS - 1}


async def test_many_different_statements_at_once_never_meet_anothers(stores, bouncer_url):
    """A statement without a name must be prepared and run on one server connection."""
    other = open_stores(bouncer_url)
    await stores.roles.put(Role(name="editor"))

    async def one(each, number: int) -> None:
        user = some_user(f"user{number}", roles=("editor",))
        session, family, invite, client = (
            some_session(user.id),
            some_family(user.id),
            some_invite(user.id),
            some_client(),
        )
        assert await each.users.add(user) == Added.ADDED
        assert await each.users.find(user.id) == user
        assert await each.users.disable(user.id, now=NOW) == Change.CHANGED
        await each.sessions.begin(session, family)
        assert await each.families.find(user.id, family.id) == family
        assert (await each.families.find_holding(user.id, family.id)).family == family
        assert await each.sessions.end(user.id, session.id, now=NOW)
        await each.invites.add(invite)
        assert await each.invites.redeem(invite.secret_hash, user_id=user.id, now=NOW) == Redemption.REDEEMED
        await each.clients.add(client)
        assert await each.clients.find([client.id]) == [client]
        await each.revocations.append([some_revocation(user.id), some_revocation(session.id)])

    await asyncio.gather(*(one((stores, other)[number % 2], number) for number in range(TASKS)))
    assert len(await stores.revocations.read(after=0, limit=1000, now=NOW)) == 2 * TASKS
    assert len(await other.users.list(limit=1000)) == TASKS
    await other.close()


async def test_each_transaction_is_bounded_though_no_session_is(stores):
    from sqlalchemy import text

    database = stores.users._database
    shown = text("SELECT current_setting('statement_timeout')")
    for run in (database.look, database.write):
        assert await run(lambda transaction: transaction.all(shown, {})[0][0]) == "1s"


async def test_nothing_of_a_statement_is_left_on_a_server_connection(stores):
    from sqlalchemy import text

    await asyncio.gather(*(stores.users.find(f"user{n}") for n in range(TASKS)))
    left = text("SELECT count(*) FROM pg_prepared_statements")
    counts = [await stores.users._database.look(lambda transaction: transaction.all(left, {})[0][0]) for _ in range(10)]
    assert counts == [0] * 10


async def test_the_schema_is_migrated_through_it_too(postgres_server, empty_postgres, pgbouncer_port):
    url = postgres_server.url(empty_postgres, pgbouncer="1").replace(f":{postgres_server.port}/", f":{pgbouncer_port}/")
    one, two = open_stores(url), open_stores(url)
    await asyncio.gather(one.migrate(), two.migrate())
    await one.check_schema()
    for stores in (one, two):
        await stores.close()
