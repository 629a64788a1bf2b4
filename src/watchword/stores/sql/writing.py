"""Write transactions on one thread; those that wait at the same moment share one commit.

A durable commit waits for the disk, and that is most of what a small write costs. So all that waits is run in one
transaction, one after the other, and answered after its commit. Each sees what those before it did, as if they had been
committed. If any of them raises, all is undone and each is run again alone: so nobody's failure undoes a neighbour, and
a work must do nothing but run statements.
"""

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Engine

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.transactions import Transaction, translated

MOST_TOGETHER = 64
"""So that writers of other processes never wait long."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Transaction], Any]
    answer: Future[Any] = field(default_factory=Future)


class Writer:
    """Runs functions in write transactions.

    Args:
        engine: whose connections begin by taking the write lock.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="watchword-write")
        self._waiting: deque[_Job] = deque()

    def submit(self, work: Callable[[Transaction], Answer]) -> Future[Answer]:
        """Queue a function. Its answer comes after the commit; what it raises, after all is undone."""
        job = _Job(work)
        self._waiting.append(job)
        self._thread.submit(self._run)
        return job.answer

    def close(self) -> None:
        """Wait until all that was queued is done."""
        self._thread.shutdown()

    def _run(self) -> None:
        """Run what waits by now; whoever was queued with it finds nothing left to do."""
        jobs: list[_Job] = []
        while self._waiting and len(jobs) < MOST_TOGETHER:
            job = self._waiting.popleft()
            if job.answer.set_running_or_notify_cancel():
                jobs.append(job)
        if len(jobs) > 1 and self._run_together(jobs):
            return
        for job in jobs:
            self._run_alone(job)

    def _run_together(self, jobs: Sequence[_Job]) -> bool:
        """Run the jobs in one transaction. Returns False where one of them raised; then nothing was done."""
        try:
            answers = self._commit([job.work for job in jobs])
        except StoreUnavailable as error:
            for job in jobs:  # alone they would only wait once more
                job.answer.set_exception(StoreUnavailable(hint=error.hint))
            return True
        except Exception:  # noqa: BLE001  whatever it is, it is raised again for the one whose it is
            return False
        for job, answer in zip(jobs, answers, strict=True):
            job.answer.set_result(answer)
        return True

    def _run_alone(self, job: _Job) -> None:
        try:
            (answer,) = self._commit([job.work])
        except BaseException as error:  # noqa: BLE001  the caller's to handle
            job.answer.set_exception(error)
        else:
            job.answer.set_result(answer)

    def _commit(self, works: Sequence[Callable[[Transaction], Any]]) -> list[Any]:
        with translated(), self._engine.begin() as connection:
            return [work(Transaction(connection)) for work in works]
