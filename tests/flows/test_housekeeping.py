"""What has expired goes, of every kind, in batches with rests between; and a background task sees to it."""

import asyncio
from datetime import timedelta

import pytest

from watchword.core.errors import StoreUnavailable
from watchword.core.models.authorizations import AuthorizationCode, DeviceGrant
from watchword.core.models.identity import Invite
from watchword.core.models.sessions import BrowserSession
from watchword.flows import housekeeper, housekeeping
from watchword.flows.housekeeper import Housekeeper
from watchword.flows.housekeeping import BATCH, KNOWN_FOR, REST, purge_expired, rest_long

MINUTE = timedelta(minutes=1)


async def add_authorizations(world, number, *, lasts):
    """Store one of each thing that is kept for a while and belongs to no session."""
    now, name = world.clock.now(), f"{number}"
    times = {"created_at": now, "expires_at": now + lasts}
    stores, key = world.plain, name.encode()
    login = {"user_id": "user", "auth_time": now, **times}
    await stores.browsers.add(BrowserSession(id=name, secret_hash=key, last_seen_at=now, **login))
    code = {"client_id": "client", "session_id": name, "redirect_uri": "", "scopes": frozenset()}
    await stores.codes.add(AuthorizationCode(code_hash=key, **code, **login))
    device = {"client_id": "client", "scopes": frozenset(), "interval": timedelta(seconds=5)}
    assert await stores.devices.add(DeviceGrant(device_hash=key, user_code_hash=key, **device, **times))
    assert await stores.once.claim(key, expires_at=now + lasts, now=now)
    await stores.invites.add(Invite(secret_hash=key, **times))


def left(world):
    state = world.plain.codes._state
    return [len(rows) for rows in (state.browsers, state.codes, state.devices, state.used, state.invites)]


async def test_authorizations_go_when_they_have_expired(world):
    await add_authorizations(world, 1, lasts=MINUTE)
    await add_authorizations(world, 2, lasts=5 * MINUTE)
    await purge_expired(world.ctx)
    assert left(world) == [2, 2, 2, 2, 2]
    world.clock.tick(3 * MINUTE)
    await purge_expired(world.ctx)
    assert left(world) == [1, 2, 1, 1, 1]
    world.clock.tick(KNOWN_FOR)
    await purge_expired(world.ctx)
    assert left(world) == [0, 1, 0, 0, 0]
    assert await world.plain.codes.find(b"2") is not None


async def test_it_rests_after_each_batch_that_was_full(world):
    rests = []

    async def rest(took):
        rests.append(took)

    for number in range(2 * BATCH + 1):
        await add_authorizations(world, number, lasts=MINUTE)
    world.clock.tick(KNOWN_FOR + 3 * MINUTE)
    await purge_expired(world.ctx, rest=rest)
    assert left(world) == [0, 0, 0, 0, 0]
    assert len(rests) == 2 * 5
    assert min(rests) > 0


async def test_a_rest_is_many_times_as_long_as_the_batch(monkeypatch):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    monkeypatch.setattr(housekeeping.asyncio, "sleep", sleep)
    await rest_long(0.004)
    assert slept == [0.004 * REST]


async def test_who_follows_the_feed_keeps_house_and_who_does_not_does_not(world):
    assert not world.ctx.housekeeper.running
    await world.ctx.start(follow=True)
    assert world.ctx.housekeeper.running
    await world.ctx.close()
    assert not world.ctx.housekeeper.running


async def test_what_fails_is_tried_again_in_the_next_round(monkeypatch):
    monkeypatch.setattr(housekeeper, "EVERY", timedelta(0))
    monkeypatch.setattr(housekeeper, "FIRST", timedelta(0))
    done = asyncio.Event()
    failures = [StoreUnavailable(hint="gone"), RuntimeError("a mistake")]

    async def clean():
        if failures:
            raise failures.pop(0)
        done.set()

    keeper = Housekeeper()
    keeper.start(clean)
    keeper.start(clean)
    await asyncio.wait_for(done.wait(), 10)
    assert keeper.running
    await keeper.stop()
    await keeper.stop()
    assert not keeper.running


async def test_processes_that_start_together_begin_within_a_minute_and_not_together(monkeypatch):
    slept = []

    async def sleep(seconds):
        slept.append(seconds)
        raise asyncio.CancelledError

    monkeypatch.setattr(housekeeper.asyncio, "sleep", sleep)
    for _ in range(5):
        with pytest.raises(asyncio.CancelledError):
            await Housekeeper()._run(lambda: None)
    assert len(set(slept)) == 5
    assert 0 <= min(slept) <= max(slept) <= 60
