"""Write transactions on one thread; those that wait at the same moment share one commit.

A durable commit waits for the disk, and that is most of what a small write costs. So all that waits is run in one
transaction, one after the other, and answered after its commit. Each sees what those before it did, as if they had been
committed. If any of them raises, all is undone and each is run again alone: so nobody's failure undoes a neighbour, and
a work must do nothing but run statements.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.threads import Crew, Job
from watchword.stores.sql.transactions import Transaction

MOST_TOGETHER: Final = 64
"""So that writers of other processes never wait long."""

Commit = Callable[[Sequence[Callable[[Transaction], Any]]], list[Any]]


def writer(commit: Commit) -> Crew:
    """Return the one thread that writes. Its answers come after the commit; what is raised, after all is undone.

    Args:
        commit: runs functions in one write transaction.
    """

    def run(jobs: Sequence[Job]) -> None:
        if len(jobs) > 1 and _run_together(jobs, commit):
            return
        for job in jobs:
            _run_alone(job, commit)

    return Crew(run, threads=1, at_once=MOST_TOGETHER, name="watchword-write")


def _run_together(jobs: Sequence[Job], commit: Commit) -> bool:
    """Run the jobs in one transaction. Returns False where one of them raised; then nothing was done."""
    try:
        answers = commit([job.work for job in jobs])
    except StoreUnavailable as error:
        for job in jobs:  # alone they would only wait once more
            job.fail(StoreUnavailable(hint=error.hint))
        return True
    except BaseException:  # noqa: BLE001  whatever it is, it is raised again for the one whose it is
        return False
    for job, answer in zip(jobs, answers, strict=True):
        job.finish(answer)
    return True


def _run_alone(job: Job, commit: Commit) -> None:
    try:
        (answer,) = commit([job.work])
    except BaseException as error:  # noqa: BLE001  the caller's to handle
        job.fail(error)
    else:
        job.finish(answer)
