"""How often an issuer is asked for its keys, and what happens when it does not answer."""

import asyncio
from datetime import timedelta

import pytest
from tests.remote.sites import FakeClock

from watchword.core.errors import Unavailable
from watchword.ports.outside import FetchFailed
from watchword.remote.key_cache import CacheTimes, KeyCache
from watchword.remote.key_source import Loaded

FRESH = timedelta(minutes=5)


class Loader:
    """Gives keys (any object will do here) or fails, at once or when its gate is opened."""

    def __init__(self):
        self.calls = 0
        self.keys = ("old",)
        self.failure = None
        self.gate = None

    async def load(self):
        self.calls += 1
        if self.gate is not None:
            await self.gate.wait()
        if self.failure:
            raise FetchFailed(self.failure)
        return Loaded(self.keys, FRESH)


@pytest.fixture
def loader():
    return Loader()


@pytest.fixture
def cache(loader, clock):
    return KeyCache(loader.load, clock)


async def settle():
    """Let what runs beside the requests come to its end."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_fresh_keys_are_served_without_asking(cache, loader, clock):
    for _ in range(100):
        assert await cache.get() == ("old",)
        clock.tick(seconds=2.9)
    assert loader.calls == 1


async def test_a_hundred_callers_cause_one_fetch(cache, loader):
    loader.gate = asyncio.Event()
    callers = [asyncio.create_task(cache.get()) for _ in range(100)]
    await settle()
    loader.gate.set()
    assert await asyncio.gather(*callers) == [("old",)] * 100
    assert loader.calls == 1


async def test_a_cancelled_leader_takes_nobody_along(cache, loader):
    loader.gate = asyncio.Event()
    leader, *others = [asyncio.create_task(cache.get()) for _ in range(100)]
    await settle()
    leader.cancel()
    await settle()
    loader.gate.set()
    assert await asyncio.gather(*others) == [("old",)] * 99
    assert leader.cancelled()
    assert loader.calls == 1


async def test_expired_keys_are_served_at_once_and_renewed_beside(cache, loader, clock):
    await cache.get()
    clock.tick(minutes=6)
    loader.keys, loader.gate = ("new",), asyncio.Event()
    assert [await cache.get() for _ in range(50)] == [("old",)] * 50
    loader.gate.set()
    await settle()
    assert await cache.get() == ("new",)
    assert loader.calls == 2


async def test_keys_serve_for_a_day_when_the_issuer_is_down_and_no_longer(cache, loader, clock):
    await cache.get()
    loader.failure = "down"
    for _ in range(24 * 60 - 1):
        clock.tick(minutes=1)
        assert await cache.get() == ("old",)
        await settle()
    clock.tick(minutes=1)
    with pytest.raises(Unavailable) as refused:
        await cache.get()
    assert "down" in refused.value.hint
    loader.failure = None
    clock.tick(minutes=1)
    assert await cache.get() == ("old",)


async def test_an_issuer_that_is_down_is_asked_ever_more_rarely_up_to_once_a_minute(cache, loader, clock):
    await cache.get()
    clock.tick(minutes=5)
    loader.failure = "down"
    calls = []
    for _ in range(240):
        await cache.get()
        await settle()
        calls.append(loader.calls)
        clock.tick(seconds=1)
    asked_at = [second for second in range(1, 240) if calls[second] != calls[second - 1]]
    assert asked_at == [1, 3, 7, 15, 31, 63, 123, 183]


async def test_keys_that_come_back_after_a_failure_are_taken(cache, loader, clock):
    await cache.get()
    clock.tick(minutes=5)
    loader.failure = "down"
    await cache.get()
    await settle()
    loader.failure, loader.keys = None, ("new",)
    clock.tick(seconds=1)
    await cache.get()
    await settle()
    assert await cache.get() == ("new",)


async def test_without_any_keys_a_failure_is_remembered_for_a_second(cache, loader, clock):
    loader.failure = "down"
    for _ in range(100):
        with pytest.raises(Unavailable):
            await cache.get()
    assert loader.calls == 1
    clock.tick(seconds=1)
    loader.failure = None
    assert await cache.get() == ("old",)
    assert loader.calls == 2


async def test_without_any_keys_the_issuer_is_asked_every_second_however_often_it_failed(cache, loader, clock):
    loader.failure = "down"
    for second in range(1, 50):
        with pytest.raises(Unavailable):
            await cache.get()
        assert loader.calls == second
        clock.tick(seconds=1)


async def test_the_first_request_waits_as_long_as_a_fetch_takes(loader, clock):
    cache = KeyCache(loader.load, clock, times=CacheTimes(patience=0))
    loader.gate = asyncio.Event()
    caller = asyncio.create_task(cache.get())
    await settle()
    loader.gate.set()
    assert await caller == ("old",)


async def test_an_issuer_that_stays_mute_stalls_later_requests_for_a_moment_only(loader, clock):
    cache = KeyCache(loader.load, clock, times=CacheTimes(patience=0.01))
    loader.failure = "down"
    with pytest.raises(Unavailable):
        await cache.get()
    clock.tick(seconds=1)
    loader.failure, loader.gate = None, asyncio.Event()
    with pytest.raises(Unavailable) as refused:
        await cache.get()
    assert refused.value.status == 503
    loader.gate.set()
    await settle()
    assert await cache.get() == ("old",)


async def test_unknown_keys_cause_one_fetch_in_thirty_seconds(cache, loader, clock):
    await cache.get()
    for _ in range(1000):
        assert await cache.get_refetched() == ("old",)
    assert loader.calls == 2
    clock.tick(seconds=29.999)
    await cache.get_refetched()
    assert loader.calls == 2
    clock.tick(milliseconds=1)
    loader.keys = ("new",)
    assert await cache.get_refetched() == ("new",)
    assert loader.calls == 3


async def test_all_who_miss_a_key_at_once_wait_for_the_same_fetch(cache, loader):
    await cache.get()
    loader.keys, loader.gate = ("new",), asyncio.Event()
    callers = [asyncio.create_task(cache.get_refetched()) for _ in range(1000)]
    await settle()
    assert await cache.get() == ("old",)
    loader.gate.set()
    assert await asyncio.gather(*callers) == [("new",)] * 1000
    assert loader.calls == 2


async def test_a_failed_search_for_an_unknown_key_keeps_the_known_ones(cache, loader):
    await cache.get()
    loader.failure = "down"
    assert await cache.get_refetched() == ("old",)
    assert loader.calls == 2


async def test_closing_ends_a_running_fetch_and_the_cache_can_be_used_again(cache, loader):
    loader.gate = asyncio.Event()
    caller = asyncio.create_task(cache.get())
    await settle()
    await cache.close()
    with pytest.raises(Unavailable):
        await caller
    loader.gate = None
    assert await cache.get() == ("old",)
    await cache.close()


def test_a_fetch_that_was_left_in_another_event_loop_does_not_block_this_one(loader):
    cache = KeyCache(loader.load, FakeClock())
    loader.gate = asyncio.Event()
    abandoned = asyncio.new_event_loop()
    caller = abandoned.create_task(cache.get())
    abandoned.run_until_complete(settle())
    gate, loader.gate = loader.gate, None
    assert asyncio.run(cache.get()) == ("old",)
    gate.set()
    assert abandoned.run_until_complete(caller) == ("old",)
    abandoned.close()
