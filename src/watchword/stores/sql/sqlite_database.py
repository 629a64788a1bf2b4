"""Runs reads and write transactions of SQLite on threads.

A read or a whole transaction is one function that runs on one thread: each hop from the event loop to a thread and back
costs more than a statement. A caller may be cancelled at any await (a client that went, a time-out). What its thread
has begun is finished all the same, so a transaction is done or undone as a whole and no connection is left half-way.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Engine

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.database import Database
from watchword.stores.sql.engine import READERS, WRITES
from watchword.stores.sql.transactions import Transaction, translated
from watchword.stores.sql.writing import Writer

Answer = TypeVar("Answer")


class SqliteDatabase(Database):
    """One SQLite file.

    Args:
        engine: with the events of `sqlite_engine`, and a connection for each of our threads.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="watchword-read")
        self._writer = Writer(engine.execution_options(**{WRITES: True}))
        self._closed = False

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
