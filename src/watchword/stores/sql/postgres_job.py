"""One function under way on a connection, which whoever waits for it may give up."""

import asyncio
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.transactions import Transaction

Answer = TypeVar("Answer")


class Job(Generic[Answer]):
    """A function, the future that waits for its answer, and the connection that it runs on.

    Attributes:
        work: the function.
        only_reads: it changes nothing, so it may be run again whatever happened.
        answer: the caller's; cancelling it does not stop the function.
        started_at: seconds of the event loop's clock.
        watch: the timer that looks after it.
        doubted: its time seemed to be over when it was looked at last.
        given_up: the caller was told that the store is unavailable.
    """

    def __init__(
        self, work: Callable[[Transaction], Answer], answer: asyncio.Future[Answer], *, only_reads: bool
    ) -> None:
        self.work = work
        self.only_reads = only_reads
        self.answer = answer
        self.started_at = answer.get_loop().time()
        self.watch: asyncio.TimerHandle | None = None
        self.doubted = False
        self.given_up = False
        self._driver: Any = None

    def hold(self, connection: Connection) -> None:
        """Run on this connection from now on, unless it came too late."""
        if self.given_up:
            raise StoreUnavailable(hint="no connection in time")
        self._driver = connection.connection.driver_connection

    def release(self) -> None:
        """The connection is the pool's again."""
        self._driver = None

    def give_up(self) -> None:
        """Tell the caller, and cut the connection: the server undoes what is not committed."""
        self.given_up = True
        if self._driver is not None:
            self._driver.terminate()
        self.fail_with(StoreUnavailable(hint="no answer in time"))

    def answer_with(self, answer: Answer) -> None:
        """Answer, unless nobody waits any more."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail_with(self, error: BaseException) -> None:
        """Fail, unless nobody waits any more."""
        if not self.answer.done():
            self.answer.set_exception(error)
