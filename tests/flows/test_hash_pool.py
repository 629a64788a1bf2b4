"""The bounded pool that hashes passwords off the event loop."""

import asyncio
import os
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from watchword.config import PasswordConfig
from watchword.core.accounts.passwords import Passwords
from watchword.core.errors import Overloaded
from watchword.core.models.verdict import Verdict
from watchword.flows.hash_pool import AT_ONCE, NICE, HashPool, available_cores, count_workers

PATIENCE = 30
"""Seconds after which a test gives up; none is ever spent in a test that passes."""
CHEAP = PasswordConfig(memory_kib=64, time_cost=1)
ONE_WORKER = replace(CHEAP, memory_budget_mib=0, queue_limit=2, queue_deadline=timedelta(seconds=PATIENCE))
ROOMY = replace(ONE_WORKER, queue_limit=100)
HASTY = replace(ONE_WORKER, queue_deadline=timedelta(milliseconds=20))


class HeldPasswords(Passwords):
    """Checks that begin, say so, and wait to be released."""

    def __init__(self):
        super().__init__(CHEAP)
        self.begun = threading.Semaphore(0)
        self._allowed = threading.Semaphore(0)
        self.checked = []

    def verify(self, normalised, stored):
        self.checked.append((normalised, threading.current_thread().name))
        self.begun.release()
        assert self._allowed.acquire(timeout=PATIENCE)
        return Verdict(True)

    def release(self, count=10_000):
        """Let so many checks end, now or when they have begun."""
        self._allowed.release(count)

    async def has_begun(self):
        assert await asyncio.to_thread(self.begun.acquire, timeout=PATIENCE)

    @property
    def names(self):
        return [name for name, _ in self.checked]


@pytest.fixture(name="held")
def _held():
    held = HeldPasswords()
    yield held
    held.release()


@pytest.fixture(name="patient")
def _patient(monkeypatch):
    """Answers may be held for as long as a test takes on a slow machine."""
    monkeypatch.setattr("watchword.flows.hash_pool.HELD", PATIENCE)


@pytest.fixture(name="make")
def _make():
    """Makes pools that are closed after the test."""
    pools = []

    def make(config, passwords=None):
        pools.append(HashPool(config, passwords=passwords))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()


async def start(pool, held, *names):
    """Begin one check and queue the rest, in order."""
    first = asyncio.create_task(pool.verify(names[0], None))
    await held.has_begun()
    rest = []
    for name in names[1:]:
        rest.append(asyncio.create_task(pool.verify(name, None)))
        await asyncio.sleep(0)
    return [first, *rest]


async def test_a_password_is_hashed_and_checked_with_real_argon2(make):
    pool = make(CHEAP)
    stored = await pool.hash("not a real password")
    assert stored.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert await pool.verify("not a real password", stored) == Verdict(True)
    assert await pool.verify("another password", stored) == Verdict(False)
    assert await pool.verify("not a real password", None) == Verdict(False)
    assert (pool.done, pool.running, pool.waiting, pool.refused) == (4, 0, 0, 0)


async def test_checks_run_in_the_pool_and_the_event_loop_goes_on(make, held):
    pool = make(ONE_WORKER, held)
    (check,) = await start(pool, held, "alice")
    for _ in range(100):
        await asyncio.sleep(0)
    assert not check.done()
    held.release()
    assert await check == Verdict(True)
    assert held.checked[0][1].startswith("watchword-hash")


async def test_no_more_run_at_once_than_there_are_workers(make, held):
    pool = make(ONE_WORKER, held)
    checks = await start(pool, held, "one", "two", "three")
    assert (held.names, pool.running, pool.waiting) == (["one"], 1, 2)
    held.release()
    assert await asyncio.gather(*checks) == [Verdict(True)] * 3
    assert (held.names, pool.running, pool.waiting, pool.done) == (["one", "two", "three"], 0, 0, 3)


async def test_an_answer_that_nobody_waits_behind_is_handed_over_at_once(make, held):
    pool = make(ONE_WORKER, held)
    held.release()
    assert await pool.verify("alone", None) == Verdict(True)


@pytest.mark.usefixtures("patient")
async def test_answers_are_handed_over_together_while_callers_wait_for_a_thread(make, held):
    pool = make(ROOMY, held)
    checks = await start(pool, held, *map(str, range(AT_ONCE + 2)))
    for _ in range(AT_ONCE - 1):
        held.release(1)
        await held.has_begun()
    assert not any(check.done() for check in checks)
    held.release(1)
    assert await asyncio.gather(*checks[:AT_ONCE]) == [Verdict(True)] * AT_ONCE
    assert [check.done() for check in checks[AT_ONCE:]] == [False, False]


async def test_no_answer_is_held_longer_than_its_bound(make, held, monkeypatch):
    monkeypatch.setattr("watchword.flows.hash_pool.HELD", 0.0)
    pool = make(ROOMY, held)
    first, second, third = await start(pool, held, "one", "two", "three")
    held.release(1)
    assert await first == Verdict(True)
    assert [second.done(), third.done()] == [False, False]


@pytest.mark.usefixtures("patient")
async def test_a_held_answer_leaves_when_the_last_who_waits_leaves(make, held):
    pool = make(ROOMY, held)
    first, second, third = await start(pool, held, "one", "two", "three")
    held.release(1)
    await held.has_begun()
    assert not first.done()
    third.cancel()
    assert await first == Verdict(True)
    assert not second.done()


@pytest.mark.usefixtures("patient")
async def test_a_pool_that_closes_hands_over_what_it_held(make, held):
    pool = make(ROOMY, held)
    first, second, third = await start(pool, held, "one", "two", "three")
    held.release(1)
    await held.has_begun()
    pool.close()
    assert await first == Verdict(True)
    with pytest.raises(Overloaded):
        await third
    held.release()
    assert await second == Verdict(True)


async def test_a_full_queue_refuses_at_once_and_takes_callers_again_later(make, held):
    pool = make(ONE_WORKER, held)
    checks = await start(pool, held, "one", "two", "three")
    with pytest.raises(Overloaded) as refusal:
        await pool.verify("four", None)
    assert (refusal.value.status, refusal.value.retry_after, pool.refused) == (503, PATIENCE, 1)
    held.release()
    await asyncio.gather(*checks)
    assert await pool.verify("five", None) == Verdict(True)
    assert "four" not in held.names


async def test_of_256_at_once_the_pool_takes_its_places_and_refuses_the_rest(make, held):
    pool = make(ONE_WORKER, held)
    checks = await start(pool, held, *(f"caller {number}" for number in range(256)))
    held.release()
    answers = await asyncio.gather(*checks, return_exceptions=True)
    assert answers.count(Verdict(True)) == 3
    assert sum(isinstance(answer, Overloaded) for answer in answers) == 253


async def test_who_waits_past_the_deadline_is_refused_and_not_hashed_later(make, held):
    pool = make(HASTY, held)
    first = (await start(pool, held, "one"))[0]
    with pytest.raises(Overloaded):
        await pool.verify("two", None)
    assert (pool.waiting, pool.refused) == (0, 1)
    held.release()
    await first
    assert await pool.verify("three", None) == Verdict(True)
    assert held.names == ["one", "three"]


async def test_a_check_that_has_begun_is_finished_past_the_deadline(make, held):
    pool = make(HASTY, held)
    first = (await start(pool, held, "one"))[0]
    with pytest.raises(Overloaded):
        await pool.verify("as long as the deadline", None)
    assert not first.done()
    held.release()
    assert await first == Verdict(True)


async def test_a_caller_who_leaves_while_waiting_frees_the_place(make, held):
    pool = make(ONE_WORKER, held)
    first, second, third = await start(pool, held, "one", "two", "three")
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert pool.waiting == 1
    fourth = asyncio.create_task(pool.verify("four", None))
    held.release()
    assert await asyncio.gather(first, third, fourth) == [Verdict(True)] * 3
    assert held.names == ["one", "three", "four"]


async def test_a_caller_who_leaves_while_hashing_keeps_the_place_until_it_ends(make, held):
    pool = make(ONE_WORKER, held)
    first, second = await start(pool, held, "one", "two")
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (pool.running, pool.waiting) == (1, 1)
    held.release()
    assert await second == Verdict(True)
    assert (pool.running, pool.waiting, pool.done) == (0, 0, 2)


async def test_close_sends_away_who_waits_and_returns_at_once(make, held):
    pool = make(ONE_WORKER, held)
    first, second = await start(pool, held, "one", "two")
    pool.close()
    with pytest.raises(Overloaded):
        await second
    with pytest.raises(Overloaded):
        await pool.verify("three", None)
    held.release()
    assert await first == Verdict(True)
    assert held.names == ["one"]
    pool.close()


async def test_an_error_of_the_work_reaches_the_caller_and_frees_the_place(make):
    class Broken(Passwords):
        def hash(self, normalised):
            raise MemoryError

    pool = make(ONE_WORKER, Broken(CHEAP))
    for _ in range(5):
        with pytest.raises(MemoryError):
            await pool.hash("x")
    assert (pool.running, pool.waiting) == (0, 0)


def test_a_pool_serves_several_event_loops(make):
    pool = make(CHEAP)
    stored = asyncio.run(pool.hash("not a real password"))
    assert asyncio.run(pool.verify("not a real password", stored)) == Verdict(True)


def test_a_pool_survives_an_event_loop_that_ends_before_its_work(make, held):
    pool = make(ONE_WORKER, held)

    async def leave():
        await start(pool, held, "one", "two")

    asyncio.run(leave())
    held.release()
    assert asyncio.run(pool.verify("three", None)) == Verdict(True)
    assert held.names == ["one", "three"]


@pytest.mark.parametrize(
    ("cores", "budget_mib", "memory_kib", "workers"),
    [
        (1, 256, 19456, 1),
        (4, 256, 19456, 4),
        (64, 256, 19456, 13),
        (64, 20, 19456, 1),
        (8, 1, 19456, 1),
        (0, 256, 64, 1),
    ],
)
def test_workers_are_bounded_by_cores_and_by_memory(cores, budget_mib, memory_kib, workers):
    config = replace(CHEAP, memory_budget_mib=budget_mib, memory_kib=memory_kib)
    assert count_workers(config, cores=cores) == workers


def test_a_pool_has_no_more_workers_than_this_process_has_cores(make):
    assert make(CHEAP).workers == available_cores()


def test_where_the_system_tells_no_affinity_all_cores_count(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert available_cores() == os.cpu_count()


async def test_hashing_gives_way_to_the_event_loop_and_nothing_else_does():
    def priority(_=""):
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = priority()
    pool = HashPool(PasswordConfig(), passwords=SimpleNamespace(hash=priority))
    lowered = min(before + NICE, 19) if sys.platform == "linux" else before
    assert await pool.hash("a password") == lowered
    assert priority() == before
    pool.close()


async def test_a_system_that_refuses_other_priorities_hashes_all_the_same(monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    pool = HashPool(PasswordConfig(), passwords=SimpleNamespace(hash=str.upper))
    assert await pool.hash("a password") == "A PASSWORD"
    pool.close()
