"""Runs functions on threads for the event loops of coroutines that wait for them.

A trip to a thread and back costs more than a small statement, most of it for waking the thread and waking the loop. So
a thread that is awake takes what has come meanwhile, and answers that are ready together wake their loop once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from watchword.stores.sql.transactions import Transaction

Answer = TypeVar("Answer")
Work = Callable[[Transaction], Answer]


class Mailbox:
    """Answers on their way to one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._answers: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._woken = False

    def put(self, answer: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
        """Give an answer, from any thread."""
        self._answers.append((answer, result, error))
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the loop is closed, and nobody waits
                self.loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._woken = False  # before the answers are taken: who comes behind this sees it, or is taken with them
        while self._answers:
            answer, result, error = self._answers.popleft()
            if answer.done():  # its caller has gone
                continue
            if error is None:
                answer.set_result(result)
            else:
                answer.set_exception(error)


@dataclass(frozen=True, slots=True)
class Job:
    """A function that a coroutine waits for."""

    work: Work[Any]
    answer: asyncio.Future[Any]
    mailbox: Mailbox

    def finish(self, result: object) -> None:
        """Answer with a result."""
        self.mailbox.put(self.answer, result, None)

    def fail(self, error: BaseException) -> None:
        """Answer with an error."""
        self.mailbox.put(self.answer, None, error)


class Crew:
    """Threads that take jobs from one queue.

    Args:
        run: runs jobs, of which each gets an answer.
        threads: the most at a time.
        at_once: the most jobs that one thread takes together.
        name: what the threads are called.
    """

    def __init__(self, run: Callable[[Sequence[Job]], None], *, threads: int, at_once: int, name: str) -> None:
        self._run, self._threads, self._at_once = run, threads, at_once
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._waiting: deque[Job] = deque()
        self._lock = Lock()
        self._busy = 0
        self._mailbox: Mailbox | None = None

    async def ask(self, work: Work[Answer]) -> Answer:
        """Run a function on a thread. One whose caller has gone before its turn is not run."""
        loop = asyncio.get_running_loop()
        if self._mailbox is None or self._mailbox.loop is not loop:
            self._mailbox = Mailbox(loop)
        job = Job(work, loop.create_future(), self._mailbox)
        with self._lock:
            self._waiting.append(job)
            short = self._busy < self._threads
            self._busy += short
        if short:
            self._pool.submit(self._work)
        answer: Answer = await job.answer
        return answer

    def close(self) -> None:
        """Wait until all that was asked for is done."""
        self._pool.shutdown()

    def _work(self) -> None:
        while jobs := self._next():
            self._run([job for job in jobs if not job.answer.cancelled()])

    def _next(self) -> Sequence[Job]:
        """Return the next jobs; none, and this thread is free."""
        with self._lock:
            jobs = [self._waiting.popleft() for _ in range(min(self._at_once, len(self._waiting)))]
            self._busy -= not jobs
        return jobs
