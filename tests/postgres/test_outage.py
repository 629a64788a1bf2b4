"""The server is stopped, killed, paused and started again: 503 within a second, nothing spent, and back by itself."""

import asyncio
import random
import time
from functools import partial

import pytest
from tests.contracts.records import DAY, NOW, some_family, some_invite, some_user

from watchword.core.errors import StoreUnavailable
from watchword.ports.grants import Rotation
from watchword.ports.identity import Added, Redemption
from watchword.stores.open import open_stores

FAMILY = some_family()
INVITE = some_invite()


@pytest.fixture
async def stores(own_url):
    opened = open_stores(own_url)
    await opened.families.add(FAMILY)
    await opened.invites.add(INVITE)
    await asyncio.gather(*(opened.ping() for _ in range(20)))
    yield opened
    await opened.close()


def rotate(stores):
    return stores.families.rotate(
        FAMILY.user_id, FAMILY.id, generation=1, scopes=frozenset(), idle_expires_at=NOW + DAY, now=NOW
    )


async def seconds_until_refused(*attempts) -> float:
    begun = time.monotonic()
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert [outcome for outcome in outcomes if not isinstance(outcome, StoreUnavailable)] == []
    return time.monotonic() - begun


async def least_seconds_until_refused(stores, leave, come_back) -> float:
    """Of three outages, as a machine that stands still for a moment is not the store's doing."""
    took = []
    for _ in range(3):
        await asyncio.to_thread(leave)
        took.append(await seconds_until_refused(*attempts_on(stores)))
        await asyncio.to_thread(come_back)
        assert await seconds_until_back(stores) < 5
    return min(took)


async def seconds_until_back(stores) -> float:
    begun = time.monotonic()
    while True:
        try:
            await stores.ping()
        except StoreUnavailable:
            await asyncio.sleep(random.random() / 10)
        else:
            return time.monotonic() - begun


def attempts_on(stores):
    return (
        stores.ping(),
        stores.users.find_by_login("ada"),
        stores.families.find_holding(FAMILY.user_id, FAMILY.id),
        rotate(stores),
        stores.invites.redeem(INVITE.secret_hash, user_id="user-1", now=NOW),
        *(stores.users.add(some_user(f"user{n}")) for n in range(30)),
    )


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_server_that_was_stopped_is_unavailable_at_once_and_used_again_when_it_is_back(
    stores, own_server, mode
):
    assert await least_seconds_until_refused(stores, partial(own_server.stop, mode), own_server.start) < 1
    await nothing_was_spent(stores)


async def nothing_was_spent(stores) -> None:
    assert await rotate(stores) == Rotation.ROTATED
    assert await stores.invites.redeem(INVITE.secret_hash, user_id="user-2", now=NOW) == Redemption.REDEEMED
    assert await stores.users.list(limit=9) == []
    assert await stores.users.add(some_user("user1")) == Added.ADDED


async def test_a_server_that_hangs_is_unavailable_within_a_second_and_spends_nothing_when_it_goes_on(
    stores, own_server
):
    assert await least_seconds_until_refused(stores, own_server.pause, own_server.resume) < 1
    assert (await stores.families.find(FAMILY.user_id, FAMILY.id)).generation == 1
    assert await rotate(stores) == Rotation.ROTATED
    assert await stores.invites.redeem(INVITE.secret_hash, user_id="user-2", now=NOW) == Redemption.REDEEMED


async def test_a_killed_server_loses_nothing_that_was_acknowledged(stores, own_server):
    assert await rotate(stores) == Rotation.ROTATED
    assert await least_seconds_until_refused(stores, own_server.kill, own_server.start) < 1
    assert await rotate(stores) == Rotation.STALE


async def test_stores_that_are_opened_while_the_server_is_down_work_when_it_is_up(own_server, own_url):
    await asyncio.to_thread(own_server.stop)
    stores = open_stores(own_url)
    assert await seconds_until_refused(stores.ping(), stores.check_schema(), stores.migrate()) < 1
    await asyncio.to_thread(own_server.start)
    await seconds_until_back(stores)
    await stores.check_schema()
    await stores.close()


async def test_a_row_that_stays_locked_is_unavailable_and_its_neighbours_are_not(stores, own_server, own_url):
    lock = "BEGIN; UPDATE watchword_refresh_families SET cnf = 'x'; SELECT pg_sleep(2); ROLLBACK"
    locking = asyncio.create_task(asyncio.to_thread(own_server.run, lock, "own"))
    while not await is_locked(own_server):  # noqa: ASYNC110  it tells nobody
        await asyncio.sleep(0)
    begun = time.monotonic()
    locked = asyncio.create_task(rotate(stores))
    while not locked.done():
        assert await stores.users.find("user") is None
    with pytest.raises(StoreUnavailable, match="statement timeout"):
        await locked
    assert time.monotonic() - begun < 1.5
    await locking
    assert await rotate(stores) == Rotation.ROTATED


async def is_locked(server) -> bool:
    sleeping = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    return bool(await asyncio.to_thread(server.run, sleeping))
