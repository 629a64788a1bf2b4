"""Push of the revocation feed: an announcement brings a pass forward; whatever becomes of it, polling goes on."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.flows.world import World

from watchword.core.models.sessions import RevocationKind
from watchword.flows import follower
from watchword.flows.revocations import append_revocations, revocation_of
from watchword.ports.outside import PollingSignal
from watchword.stores.open import open_stores


class Bell:
    """A signal inside one process; `broken` makes it raise."""

    def __init__(self):
        self.rung, self.broken, self.announced = asyncio.Event(), None, 0

    async def announce(self):
        self.announced += 1
        if self.broken:
            raise self.broken
        self.rung.set()

    async def wait(self, at_most, /):
        if self.broken:
            raise self.broken
        try:
            async with asyncio.timeout(at_most.total_seconds()):
                await self.rung.wait()
        except TimeoutError:
            return
        self.rung.clear()

    async def close(self):
        pass


class Passes:
    """Counts the passes, chores apart, and lets a test wait for the next."""

    def __init__(self):
        self.reads, self.chores = asyncio.Queue(), 0

    async def __call__(self, noun, verb, call):
        answer = await call()
        if (noun, verb) == ("revocations", "read"):
            self.reads.put_nowait(len(answer))
        self.chores += (noun, verb) == ("roles", "all")
        return answer

    async def next(self):
        return await asyncio.wait_for(self.reads.get(), 10)


@pytest.fixture
def bell():
    return Bell()


@pytest.fixture
async def pushed(bell):
    """A world whose follower polls once in an hour, so that only a push brings anything."""
    passes = Passes()
    stores = replace(open_stores("memory://"), signal=bell)
    world = World(stores=stores, around=passes, revocation_poll=timedelta(hours=1))
    await world.ctx.start(follow=True)
    world.passes = passes
    for _ in range(2):  # that of the start, and the first of the task
        await passes.next()
    yield world
    await world.ctx.close()


async def revoke(world, jti):
    entry = revocation_of(world.ctx, RevocationKind.TOKEN, jti, at=world.clock.now())
    await append_revocations(world.ctx, entry)


async def test_an_announcement_brings_the_next_pass_forward(pushed):
    for number in range(3):
        await revoke(pushed, f"jti-{number}")
        assert await pushed.passes.next() == 1


async def test_a_storm_of_announcements_makes_few_passes(pushed):
    for number in range(500):
        await revoke(pushed, f"jti-{number}")
    read = 0
    while read < 500:
        read += await pushed.passes.next()
    assert timedelta(milliseconds=20) == follower.LEAST_INTERVAL
    loop = asyncio.get_running_loop()
    began, passes = loop.time(), 0
    while loop.time() < began + 0.3:
        await pushed.ctx.signal.announce()
        await asyncio.sleep(0)
        passes += pushed.passes.reads.qsize()
        pushed.passes.reads = asyncio.Queue()
    assert 1 <= passes <= 0.3 / follower.LEAST_INTERVAL.total_seconds() + 1


async def test_an_announced_pass_reads_the_feed_alone(pushed):
    before = pushed.passes.chores
    await revoke(pushed, "jti")
    await pushed.passes.next()
    assert pushed.passes.chores == before


async def test_chores_keep_their_interval_under_a_storm(bell):
    passes = Passes()
    stores = replace(open_stores("memory://"), signal=bell)
    world = World(stores=stores, around=passes, revocation_poll=timedelta(milliseconds=40))
    done = asyncio.Semaphore(0)

    async def chore():
        done.release()

    world.ctx.follower.add_chore(chore, timedelta(0))
    await world.ctx.start(follow=True)
    storm = asyncio.create_task(ring_for_ever(bell))
    for _ in range(4):
        await asyncio.wait_for(done.acquire(), 10)
    assert storm.cancel()
    await world.ctx.close()


async def ring_for_ever(bell):
    while True:
        await bell.announce()
        await asyncio.sleep(0)


async def test_an_announcement_that_fails_harms_neither_the_revocation_nor_the_answer(pushed, bell, caplog):
    bell.broken = ConnectionError("redis://:a-fake-password@cache")
    await revoke(pushed, "jti")
    assert "jti" in pushed.ctx.view._tokens
    assert [e.revocation.subject for e in await pushed.plain.revocations.read(after=0, limit=9, now=pushed.clock.now())]
    assert "a revocation was not announced (ConnectionError)" in caplog.text
    assert "a-fake-password" not in caplog.text


async def test_an_announcement_that_hangs_is_given_up(pushed, bell, monkeypatch):
    async def hang():
        await asyncio.Event().wait()

    monkeypatch.setattr(bell, "announce", hang)
    monkeypatch.setattr("watchword.flows.revocations.ANNOUNCED_WITHIN", 0.01)
    await asyncio.wait_for(revoke(pushed, "jti"), 10)
    assert "jti" in pushed.ctx.view._tokens


async def test_a_signal_that_breaks_its_promise_leaves_polling_as_it_was(bell, caplog):
    caplog.set_level(logging.CRITICAL, "watchword.follower")
    passes = Passes()
    bell.broken = RuntimeError("a driver's bug")
    stores = replace(open_stores("memory://"), signal=bell)
    world = World(stores=stores, around=passes, revocation_poll=timedelta(milliseconds=10))
    await world.ctx.start(follow=True)
    for _ in range(5):
        await passes.next()
    assert world.ctx.follower.running
    await world.ctx.close()


async def test_nothing_is_announced_when_nothing_was_appended(pushed, bell):
    await append_revocations(pushed.ctx)
    assert bell.announced == 0
    await revoke(pushed, "jti")
    assert bell.announced == 1


async def test_without_push_the_signal_lets_the_time_pass():
    signal = PollingSignal()
    await signal.announce()
    await asyncio.wait_for(signal.wait(timedelta(0)), 10)
    waiting = asyncio.ensure_future(signal.wait(timedelta(hours=1)))
    await asyncio.sleep(0)
    assert not waiting.done()
    assert waiting.cancel()
    await signal.close()
