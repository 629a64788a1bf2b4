"""How long a writer waits for its turn: whoever has not had it by then is told so, and nothing of theirs is done.

Another process may hold the write lock of a SQLite file for long: a backup, a shell, a process that was paused. A work
whose turn has come is waited for however long it takes, for it may be committed.
"""

import asyncio
from collections.abc import Callable
from threading import Lock
from typing import Any, Final

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.threads import Crew
from watchword.stores.sql.transactions import Transaction

LONGEST_WAIT: Final = 0.7
"""Seconds, so that a request which also hashes a password is answered within one."""


class Turn:
    """A function for a write transaction, run unless its caller has left before: one or the other, never both."""

    def __init__(self, work: Callable[[Transaction], Any]) -> None:
        self._work = work
        self._free = Lock()
        self._begun = False

    def __call__(self, transaction: Transaction) -> Any:  # noqa: ANN401  the answer of the function
        """Run the function, on the thread that writes and inside its transaction. It may run twice there."""
        self._begun = self._begun or self._free.acquire(blocking=False)
        return self._work(transaction) if self._begun else None

    def leave(self, waiting: asyncio.Timeout) -> None:
        """End the waiting, unless the turn has come."""
        if self._free.acquire(blocking=False):
            waiting.reschedule(0)


async def ask_in_time(crew: Crew, work: Callable[[Transaction], Any]) -> Any:  # noqa: ANN401  what the function returns
    """Have a function run by the crew that writes.

    Raises:
        StoreUnavailable: its turn has not come within `LONGEST_WAIT`; it is not run.
    """
    turn = Turn(work)
    try:
        async with asyncio.timeout(None) as waiting:
            alarm = asyncio.get_running_loop().call_later(LONGEST_WAIT, turn.leave, waiting)
            try:
                return await crew.ask(turn)
            finally:
                alarm.cancel()
    except TimeoutError:
        raise StoreUnavailable(hint="another process holds the write lock of the database") from None
