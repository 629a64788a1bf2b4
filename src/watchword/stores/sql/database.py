"""Runs statements: reads, write transactions, and the one place where a driver's errors become ours.

A read or a whole transaction is one function that runs on one thread: each hop from the event loop to a thread and back
costs more than a statement. A caller may be cancelled at any await (a client that went, a time-out). What its thread
has begun is finished all the same, so a transaction is done or undone as a whole and no connection is left half-way.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Executable, Row, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from watchword.core.errors import StoreUnavailable

WRITES = "watchword_writes"
"""The execution option of a connection that is going to write."""
READERS = 7
"""Threads that read, each on a connection of its own, beside the one that writes."""
UNSTORABLE = (UnicodeEncodeError, OverflowError)
"""What drivers raise for a value that no row can hold, such as a lone surrogate: such a row does not exist."""
PING = text("SELECT 1")

Values = Mapping[str, Any]
Answer = TypeVar("Answer")


class ConstraintBroken(ValueError):
    """A row was refused. `constraint` is `table.column` (first column) of a unique one, or `FOREIGN KEY`."""

    def __init__(self, constraint: str) -> None:
        super().__init__(f"a row like this exists, or one that it needs does not: {constraint}")
        self.constraint = constraint


class Transaction:
    """Statements on one connection, on its thread: inside one write transaction, or reads one after the other."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def first(self, statement: Executable, values: Values) -> Row[Any] | None:
        """Return the first row, or None. A value that no row can hold finds none."""
        try:
            return self.connection.execute(statement, values).first()
        except UNSTORABLE:
            return None

    def all(self, statement: Executable, values: Values) -> Sequence[Row[Any]]:
        """Return the rows. A value that no row can hold finds none."""
        try:
            return self.connection.execute(statement, values).all()
        except UNSTORABLE:
            return ()

    def count(self, statement: Executable, values: Values) -> int:
        """Return how many rows were changed."""
        try:
            return self.connection.execute(statement, values).rowcount
        except UNSTORABLE:
            return 0

    def run(self, statement: Executable, values: Values | Sequence[Values]) -> None:
        """Run a statement (for each of several values), raising `ValueError` for a value that no row can hold."""
        self.connection.execute(statement, values)


class Database:
    """One database. It belongs to no event loop.

    Args:
        engine: with the events of `sqlite_engine`, and a connection for each of our threads.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**{WRITES: True})
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="watchword-read")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="watchword-write")
        self._closed = False

    async def rows(self, statement: Executable, values: Values) -> Sequence[Row[Any]]:
        """Run one reading statement. A value that no row can hold finds none."""
        return await self.look(lambda transaction: transaction.all(statement, values))

    async def look(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function that only reads."""
        return await self._run(self._readers, partial(self._look, work))

    async def write(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function in a write transaction: durable when this returns, undone when the function raises.

        Writers of this process queue for one thread, in order; only those of different processes meet in the database.
        """
        return await self._run(self._writer, partial(self._write, work))

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
        for threads in (self._writer, self._readers):
            await asyncio.to_thread(threads.shutdown)
        self.engine.dispose()

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[], Answer]) -> Answer:
        if self._closed:
            raise StoreUnavailable(hint="the store is closed")
        return await asyncio.get_running_loop().run_in_executor(threads, work)

    def _look(self, work: Callable[[Transaction], Answer]) -> Answer:
        with translated(), self.engine.connect() as connection:
            return work(Transaction(connection))

    def _write(self, work: Callable[[Transaction], Answer]) -> Answer:
        with translated(), self._writing.begin() as connection:
            return work(Transaction(connection))


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of the driver, the pool and the file system into ours.

    Raises:
        ConstraintBroken: where a constraint refused a row.
        ValueError, TypeError: for a value that cannot be stored (a mistake of the caller).
        StoreUnavailable: for everything else.
    """
    try:
        yield
    except IntegrityError as error:
        raise ConstraintBroken(_constraint(str(error.orig))) from None
    except DBAPIError as error:
        raise StoreUnavailable(hint=f"{type(error.orig).__name__}: {error.orig}") from error
    except StatementError as error:
        if isinstance(error.orig, (ValueError, TypeError)):
            raise error.orig from None
        raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreUnavailable(hint=f"{type(error).__name__}: {error}") from error


def _constraint(message: str) -> str:
    """`UNIQUE constraint failed: table.column, table.other` -> `table.column`."""
    kind, _, columns = message.partition(" constraint failed")
    return columns.lstrip(": ").split(",")[0] or kind
