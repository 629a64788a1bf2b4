"""Runs reads and write transactions on threads.

A read or a whole transaction is one function that runs on one thread: each hop from the event loop to a thread and back
costs more than a statement. A caller may be cancelled at any await (a client that went, a time-out). What its thread
has begun is finished all the same, so a transaction is done or undone as a whole and no connection is left half-way.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Engine, Executable, Row, text

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.transactions import ConstraintBroken, Transaction, Values, translated
from watchword.stores.sql.writing import Writer

__all__ = ["ConstraintBroken", "Database", "Transaction", "Values"]

WRITES = "watchword_writes"
"""The execution option of a connection that is going to write."""
READERS = 7
"""Threads that read, each on a connection of its own, beside the one that writes."""
PING = text("SELECT 1")

Answer = TypeVar("Answer")


class Database:
    """One database. It belongs to no event loop.

    Args:
        engine: with the events of `sqlite_engine`, and a connection for each of our threads.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="watchword-read")
        self._writer = Writer(engine.execution_options(**{WRITES: True}))
        self._closed = False

    async def rows(self, statement: Executable, values: Values) -> Sequence[Row[Any]]:
        """Run one reading statement. A value that no row can hold finds none."""
        return await self.look(lambda transaction: transaction.all(statement, values))

    async def look(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function that only reads."""
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._look, work)

    async def write(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function in a write transaction: durable when this returns, undone when the function raises.

        The function does nothing but run statements, for it may run twice (see `writing`). Writers of this process
        queue for one thread, in order; only those of different processes meet in the database.
        """
        self._check_open()
        return await asyncio.wrap_future(self._writer.submit(work))

    async def first(self, statement: Executable, values: Values) -> Row[Any] | None:
        """Run one statement as a write transaction, and return its first row, or None."""
        return await self.write(lambda transaction: transaction.first(statement, values))

    async def count(self, statement: Executable, values: Values) -> int:
        """Run one statement as a write transaction, and return how many rows were changed."""
        return await self.write(lambda transaction: transaction.count(statement, values))

    async def run(self, statement: Executable, values: Values | Sequence[Values]) -> None:
        """Run one statement (for each of several values) as a write transaction."""
        await self.write(lambda transaction: transaction.run(statement, values))

    async def ping(self) -> None:
        """Raise `StoreUnavailable` unless the database answers."""
        await self.rows(PING, {})

    async def close(self) -> None:
        """Let what is under way finish and free every connection. Whatever comes later raises `StoreUnavailable`."""
        self._closed = True
        for finish in (self._writer.close, self._readers.shutdown):
            await asyncio.to_thread(finish)
        self.engine.dispose()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable(hint="the store is closed")

    def _look(self, work: Callable[[Transaction], Answer]) -> Answer:
        with translated(), self.engine.connect() as connection:
            return work(Transaction(connection))
