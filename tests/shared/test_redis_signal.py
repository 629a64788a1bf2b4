"""Push of the revocation feed by Redis: at once while it answers, by polling while it does not."""

import asyncio
import json
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from tests.flows.world import CHEAP, SECRET, config

from watchword.core.models.sessions import RevocationKind
from watchword.flows.context import open_context
from watchword.flows.revocations import append_revocations, revocation_of
from watchword.ports.shared import Unreachable
from watchword.stores.open import open_stores
from watchword.stores.redis import signal as signals
from watchword.stores.shared import open_shared

ROOT = Path(__file__).parents[2]
LONG = timedelta(seconds=30)
MOMENT = timedelta(milliseconds=20)


async def listening(signal):
    """Wait for the subscription, which counts as an announcement."""
    await asyncio.wait_for(signal.wait(LONG), 10)
    return signal


async def took(waiting):
    began = time.monotonic()
    await waiting
    return time.monotonic() - began


async def test_an_announcement_wakes_every_process(open_on):
    everyone = [await listening(open_on().signal) for _ in range(4)]
    waiting = [asyncio.ensure_future(took(one.wait(LONG))) for one in everyone]
    await asyncio.sleep(0)
    await everyone[0].announce()
    assert max(await asyncio.gather(*waiting)) < 5


async def test_an_announcement_made_between_two_waits_is_not_missed(open_on):
    listener, other = await listening(open_on().signal), open_on().signal
    waiting = asyncio.ensure_future(listener._announced.wait())
    await other.announce()
    await asyncio.wait_for(waiting, 10)
    assert await took(listener.wait(LONG)) < 5
    assert await took(listener.wait(MOMENT)) >= 0.01


async def test_deployments_with_other_issuers_do_not_wake_each_other(open_on):
    one, other = await listening(open_on().signal), open_on(issuer="https://other.example").signal
    await listening(other)
    await other.announce()
    assert await took(one.wait(MOMENT)) >= 0.01
    assert await took(other.wait(LONG)) < 5


async def test_the_processes_that_listen_are_counted(open_on):
    everyone = [open_on() for _ in range(3)]
    assert [one.processes() for one in everyone] == [1, 1, 1]
    for one in everyone:
        await listening(one.signal)
    assert everyone[-1].processes() == 3


async def test_without_redis_a_wait_ends_with_its_time_and_an_announcement_says_so(redis, open_on, caplog):
    redis.kill()
    signal = open_on().signal
    for _ in range(3):
        assert 0.01 <= await took(signal.wait(MOMENT)) < 5
    with pytest.raises(Unreachable):
        await signal.announce()
    assert "Redis does not push revocations (ConnectionError)" in caplog.text
    assert str(redis.socket) not in caplog.text


async def test_a_redis_that_is_back_is_listened_to_again_and_that_counts_as_an_announcement(redis, open_on, caplog):
    caplog.set_level("INFO", "watchword.redis")
    signal = await listening(open_on().signal)
    redis.kill()
    await signal.wait(MOMENT)
    redis.start()
    assert await took(signal.wait(LONG)) < 5
    assert caplog.text.count("does not push") == 1
    assert caplog.text.count("pushes revocations again") == 1


async def test_a_redis_that_hangs_is_noticed_and_listened_to_again(redis, open_on, monkeypatch):
    monkeypatch.setattr(signals, "HEARD_EVERY", 0.05)
    signal = await listening(open_on().signal)
    redis.pause()
    while not signal._lost:
        await signal.wait(MOMENT)
    redis.resume()
    assert await took(signal.wait(LONG)) < 5


async def test_a_closed_signal_listens_again_when_it_is_waited_for(shared):
    await listening(shared.signal)
    await shared.signal.close()
    await listening(shared.signal)
    assert shared.signal._task is not None


PROGRAM = """
import asyncio, json, sys, time
from tests.flows.world import config
from watchword.flows.context import open_context
from watchword.stores.open import open_stores
from watchword.stores.shared import open_shared

async def main(database, redis):
    settings = config(redis_url=redis)
    stores, shared = open_stores(database), open_shared(settings)
    ctx = open_context(settings, stores, shared=shared)
    add = ctx.view.add

    def told(revocation):
        add(revocation)
        print(json.dumps([revocation.subject, time.time()]), flush=True)

    ctx.view.add = told
    await ctx.start()
    if shared is not None:
        await shared.signal.wait(ctx.config.revocation_poll)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await ctx.close()
    if shared is not None:
        await shared.close()
    await stores.close()

asyncio.run(main(*sys.argv[1:]))
"""
PROCESSES = 4


class Fleet:
    """Four processes that follow one database, each saying what it was told and when."""

    async def start(self, database, redis):
        pipe = asyncio.subprocess.PIPE
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-W", "error", "-c", PROGRAM, database, redis]
        self.processes = [
            await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=environment, cwd=ROOT)
            for _ in range(PROCESSES)
        ]
        for process in self.processes:
            assert await process.stdout.readline() == b"ready\n"

    async def arrivals(self, subject):
        """When each process was told of a revocation."""
        return [await self._arrival(process, subject) for process in self.processes]

    async def _arrival(self, process, subject):
        while True:
            told, at = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
            if told == subject:
                return at

    async def stop(self):
        for process in self.processes:
            await process.communicate(b"stop\n")


@pytest.fixture
async def fleet():
    made = Fleet()
    yield made
    await made.stop()


@pytest.mark.parametrize(("push", "rounds"), [(True, 50), (False, 12)])
async def test_a_revocation_reaches_four_processes_within_a_second(redis, fleet, tmp_path, capsys, push, rounds):
    database, url = f"sqlite:///{tmp_path}/watchword.db", redis.url if push else ""
    settings = config(redis_url=url, secrets=(SECRET,), passwords=CHEAP)
    stores, shared = open_stores(database), open_shared(settings)
    await stores.migrate()
    ctx = open_context(settings, stores, shared=shared)
    await ctx.start(follow=False)
    await fleet.start(database, url)
    delays = []
    for number in range(rounds):
        began = time.time()
        now = ctx.clock.now()
        await append_revocations(ctx, revocation_of(ctx, RevocationKind.TOKEN, f"jti-{number}", at=now))
        delays += [at - began for at in await fleet.arrivals(f"jti-{number}")]
    await ctx.close()
    if shared:
        await shared.close()
    await stores.close()
    delays.sort()
    p50, p99 = delays[len(delays) // 2], delays[int(len(delays) * 0.99)]
    with capsys.disabled():
        way = "pushed by Redis" if push else "polled for"
        sys.stdout.write(f"\na revocation {way}: p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms\n")
    assert len(delays) == PROCESSES * rounds
    assert p99 < 1
