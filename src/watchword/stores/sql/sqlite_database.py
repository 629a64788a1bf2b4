"""Runs reads and write transactions of SQLite on threads.

A read or a whole transaction is one function that runs on one thread: each hop from the event loop to a thread and back
costs more than a statement. A caller may be cancelled at any await (a client that went, a time-out). What its thread
has begun is finished all the same, so a transaction is done or undone as a whole and no connection is left half-way.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Engine

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.database import Database
from watchword.stores.sql.engine import READERS
from watchword.stores.sql.sqlite_transactions import Connections
from watchword.stores.sql.threads import Crew, Job
from watchword.stores.sql.transactions import Transaction
from watchword.stores.sql.turns import ask_in_time
from watchword.stores.sql.writing import writer

Answer = TypeVar("Answer")


class SqliteDatabase(Database):
    """One SQLite file.

    Args:
        engine: with the events of `sqlite_engine`, and a connection for each of our threads.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._connections = Connections(engine)
        self._readers = Crew(self._look, threads=READERS, at_once=1, name="watchword-read")
        self._writer = writer(self._connections.commit)
        self._closed = False

    async def look(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function that only reads."""
        self._check_open()
        return await self._readers.ask(work)

    async def write(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function in a write transaction: durable when this returns, undone when the function raises.

        The function does nothing but run statements, for it may run twice (see `writing`). Writers of this process
        queue for one thread, in order; only those of different processes meet in the database. Raises
        `StoreUnavailable`, and does nothing, where its turn does not come in time.
        """
        self._check_open()
        answer: Answer = await ask_in_time(self._writer, work)
        return answer

    async def upgrade(self, work: Callable[[Connection], None]) -> None:
        """Change the schema; another process that does the same is waited for as long as SQLite waits."""
        self._check_open()
        await self._writer.ask(lambda transaction: work(transaction.connection))

    async def close(self) -> None:
        """Let what is under way finish and free every connection. Whatever comes later raises `StoreUnavailable`."""
        self._closed = True
        for crew in (self._writer, self._readers):
            await asyncio.to_thread(crew.close)
        self._connections.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable(hint="the store is closed")

    def _look(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            try:
                job.finish(self._connections.look(job.work))
            except BaseException as error:  # noqa: BLE001  the caller's to handle
                job.fail(error)
