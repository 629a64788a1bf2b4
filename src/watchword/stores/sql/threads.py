"""Runs functions on threads for the event loops of coroutines that wait for them.

A trip to a thread and back costs more than a small statement, most of it for waking the thread and waking the loop, and
threads that are awake at once take the interpreter from each other. So one thread takes all that comes, and another is
woken only when the next job does not get its turn; it is woken after all that the loop has to do at the moment, with
all that was asked for by then. Answers that are ready together wake their loop once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, TypeVar

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.transactions import Transaction

PATIENCE: Final = 0.01
"""Seconds that the next job may wait for its turn before one more thread is woken: twice what the interpreter gives a
thread that computes. Most reads take a twentieth of a millisecond."""

Answer = TypeVar("Answer")
Work = Callable[[Transaction], Answer]


class Mailbox:
    """Answers on their way to one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.called = False
        self.watched = False
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


@dataclass(frozen=True, slots=True, eq=False)
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
        self._closed = False
        self._mailbox: Mailbox | None = None

    async def ask(self, work: Work[Answer]) -> Answer:
        """Run a function on a thread. One whose caller has gone before its turn is not run."""
        loop, mailbox = asyncio.get_running_loop(), self._mailbox
        if mailbox is None or mailbox.loop is not loop:
            mailbox = self._mailbox = Mailbox(loop)
        job = Job(work, loop.create_future(), mailbox)
        with self._lock:
            if self._closed:
                raise StoreUnavailable(hint="the store is closed")
            self._waiting.append(job)
        if not mailbox.called:
            mailbox.called = True
            loop.call_soon(self._call, mailbox)
        answer: Answer = await job.answer
        return answer

    def close(self) -> None:
        """Wait until all that was asked for is done."""
        with self._lock:
            self._closed = True
        self._wake(busy_below=1)
        self._pool.shutdown()

    def _call(self, mailbox: Mailbox) -> None:
        mailbox.called = False
        self._wake(busy_below=1)
        if not mailbox.watched:
            self._watch(mailbox)

    def _wake(self, *, busy_below: int, for_job: Job | None = None) -> None:
        """Let one more thread work, if fewer than this do and something waits (at the head of it this job)."""
        with self._lock:
            enough = self._busy >= (1 if self._closed else busy_below)
            if enough or not self._waiting or for_job not in (None, self._waiting[0]):
                return
            self._busy += 1
            self._pool.submit(self._work)  # with the lock, so that nobody closes in between

    def _watch(self, mailbox: Mailbox) -> None:
        """Look again soon whether the job that is next by now has got its turn."""
        with self._lock:
            mailbox.watched = bool(self._waiting)
            if mailbox.watched:
                mailbox.loop.call_later(PATIENCE, self._check_progress, mailbox, self._waiting[0])

    def _check_progress(self, mailbox: Mailbox, was_next: Job) -> None:
        self._wake(busy_below=self._threads, for_job=was_next)
        self._watch(mailbox)

    def _work(self) -> None:
        while jobs := self._next():
            self._run([job for job in jobs if not job.answer.cancelled()])

    def _next(self) -> Sequence[Job]:
        """Return the next jobs; none, and this thread is free."""
        with self._lock:
            jobs = [self._waiting.popleft() for _ in range(min(self._at_once, len(self._waiting)))]
            self._busy -= not jobs
        return jobs
