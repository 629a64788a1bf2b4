"""Password hashing off the event loop, in a bounded pool of threads."""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from math import ceil
from typing import Any, TypeVar

from watchword.config import PasswordConfig
from watchword.core.accounts.passwords import Passwords
from watchword.core.errors import Overloaded
from watchword.core.models.verdict import Verdict

Answer = TypeVar("Answer")
_Ready = tuple[asyncio.Future[Any], Future[Any]]
"""What a caller awaits, and the job that is done."""

NICE = 10
"""How much lower the priority of hashing is than that of the event loop, which needs little and waits for none."""
AT_ONCE = 8
"""Answers that are handed over together while others wait for a thread."""
HELD = 0.15
"""Seconds that an answer is held at most until more have come."""
_KIB_PER_MIB = 1024


class HashPool:
    """Implements `ports.outside.PasswordHasher` with as many threads as cores and memory allow.

    It belongs to no event loop, so several may use it, together or one after the other. More than `queue_limit`
    callers never wait, none longer than `queue_deadline`, and work whose caller has gone is not done.

    While callers wait for a thread, answers are handed over some at a time. A hash leaves nothing of the program in the
    caches of its core: what follows a login takes 1.9 ms there if it is alone and 0.7 ms in company, and one commit.

    Args:
        config: cost, memory budget, and the bounds of the queue.
        passwords: what does the work, in place of `Passwords(config)`.

    Attributes:
        workers: how many hashes are computed at once.
    """

    def __init__(self, config: PasswordConfig, *, passwords: Passwords | None = None) -> None:
        self.workers = count_workers(config, cores=available_cores())
        self._config = config
        self._passwords = passwords or Passwords(config)
        self._threads = ThreadPoolExecutor(self.workers, thread_name_prefix="watchword-hash", initializer=give_way)
        self._lock = threading.Lock()
        self._places = self._running = self._refused = self._done = 0
        self._ready: list[_Ready] = []
        self._held_since = 0.0

    @property
    def running(self) -> int:
        """Hashes being computed."""
        return self._running

    @property
    def waiting(self) -> int:
        """Hashes waiting for a thread."""
        with self._lock:
            return self._places - self._running

    @property
    def refused(self) -> int:
        """How many callers were sent away so far."""
        return self._refused

    @property
    def done(self) -> int:
        """How many hashes were computed so far."""
        return self._done

    async def hash(self, password: str) -> str:
        """Return the argon2id PHC string of a normalised password. Raises `Overloaded`."""
        return await self._run(partial(self._passwords.hash, password))

    async def verify(self, password: str, password_hash: str | None) -> Verdict:
        """Check a normalised password, at full cost where there is no hash. Raises `Overloaded`."""
        return await self._run(partial(self._passwords.verify, password, password_hash))

    def close(self) -> None:
        """Send away those who wait, and let the threads end when they have finished what they are at."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        job = self._submit(work, answer)
        try:
            await asyncio.wait({answer}, timeout=self._config.queue_deadline.total_seconds())
        except asyncio.CancelledError:
            job.cancel()
            raise
        if not answer.done() and job.cancel():
            raise self._refusal("no thread came free before the deadline")
        try:
            return await answer
        except asyncio.CancelledError:
            if not job.cancelled():
                raise
            raise self._refusal("the pool was closed") from None

    def _submit(self, work: Callable[[], Answer], answer: asyncio.Future[Answer]) -> Future[Answer]:
        """Take a place and queue the work, or refuse at once where all places are taken."""
        with self._lock:
            full = self._places >= self.workers + self._config.queue_limit
            self._places += not full
        if full:
            raise self._refusal("the queue is full")
        try:
            job = self._threads.submit(self._work, work)
        except RuntimeError as error:
            with self._lock:
                self._places -= 1
            raise self._refusal("the pool is closed") from error
        job.add_done_callback(partial(self._leave, answer))
        return job

    def _work(self, work: Callable[[], Answer]) -> Answer:
        with self._lock:
            self._running += 1
        try:
            return work()
        finally:
            with self._lock:
                self._running -= 1
                self._done += 1

    def _leave(self, answer: asyncio.Future[Answer], job: Future[Answer]) -> None:
        """Give the place back, and hand over what is ready, unless more will be ready soon."""
        with self._lock:
            self._places -= 1
            if not self._ready:
                self._held_since = time.monotonic()
            self._ready.append((answer, job))
            more_to_come = self._places > self._running
            if more_to_come and len(self._ready) < AT_ONCE and time.monotonic() - self._held_since < HELD:
                return
            ready, self._ready = self._ready, []
        _hand_over(ready)

    def _refusal(self, hint: str) -> Overloaded:
        with self._lock:
            self._refused += 1
        return Overloaded(retry_after=ceil(self._config.queue_deadline.total_seconds()), hint=hint)


def _hand_over(ready: list[_Ready]) -> None:
    for loop in {answer.get_loop() for answer, _ in ready}:
        with suppress(RuntimeError):  # The loop is closed: nobody waits there any more.
            loop.call_soon_threadsafe(_settle, [pair for pair in ready if pair[0].get_loop() is loop])


def _settle(ready: list[_Ready]) -> None:
    """Give each caller what came of its job."""
    for answer, job in ready:
        if answer.done():
            continue
        if job.cancelled():
            answer.cancel()
        elif (error := job.exception()) is not None:
            answer.set_exception(error)
        else:
            answer.set_result(job.result())


def count_workers(config: PasswordConfig, *, cores: int) -> int:
    """Return how many hashes fit into the cores and into the memory budget at once; at least one."""
    return max(1, min(cores, config.memory_budget_mib * _KIB_PER_MIB // config.memory_kib))


def available_cores() -> int:
    """Return how many cores this process may use, where the system says so, else how many there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def give_way() -> None:
    """Lower the priority of the calling thread where the system knows priorities of threads (Linux).

    So a core that hashes still answers other requests as they come: on one core the slowest of a hundred took 13 to
    30 ms without this, 8 ms with it, and 6 ms where nothing was hashed. With nothing else to do it hashes as fast.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + NICE)
