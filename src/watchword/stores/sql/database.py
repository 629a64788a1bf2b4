"""Runs statements: reads, write transactions, and the one place where a driver's errors become ours."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import Connection, Executable, Row, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.finishing import Unfinished

WRITES = "watchword_writes"
"""The execution option of a connection that is going to write."""
UNSTORABLE = (UnicodeEncodeError, OverflowError)
"""What drivers raise for a value that no row can hold, such as a lone surrogate: such a row does not exist."""
PING = text("SELECT 1")

Values = Mapping[str, Any]
Looked = TypeVar("Looked")


class ConstraintBroken(ValueError):
    """A row was refused. `constraint` is `table.column` (first column) of a unique one, or `FOREIGN KEY`."""

    def __init__(self, constraint: str) -> None:
        super().__init__(f"a row like this exists, or one that it needs does not: {constraint}")
        self.constraint = constraint


class Transaction:
    """Statements inside one transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def first(self, statement: Executable, values: Values) -> Row[Any] | None:
        """Return the first row, or None. A value that no row can hold finds none."""
        try:
            return (await self.connection.execute(statement, values)).first()
        except UNSTORABLE:
            return None

    async def count(self, statement: Executable, values: Values) -> int:
        """Return how many rows were changed."""
        try:
            return (await self.connection.execute(statement, values)).rowcount
        except UNSTORABLE:
            return 0

    async def run(self, statement: Executable, values: Values | Sequence[Values]) -> None:
        """Run a statement (for each of several values), raising `ValueError` for a value that no row can hold."""
        await self.connection.execute(statement, values)


class Database:
    """One database. Usable in one event loop.

    Args:
        engine: with the events of `sqlite_engine`.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._writing = engine.execution_options(**{WRITES: True})
        self.unfinished = Unfinished()
        self._writer = asyncio.Lock()
        self._closed = False

    async def rows(self, statement: Executable, values: Values) -> Sequence[Row[Any]]:
        """Run one reading statement. A value that no row can hold finds none."""
        return await self.unfinished.finish(self._rows(statement, values))

    async def look(self, function: Callable[[Connection], Looked]) -> Looked:
        """Run a function that reads on a synchronous connection."""
        return await self.unfinished.finish(self._look(function))

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Begin a write transaction; it is durable when the block ends and undone when the block raises.

        Writers of this process queue here, in order; only those of different processes meet in the database. To be
        used inside `unfinished.finish`, as `@finished` verbs are.
        """
        with translated(closed=self._closed):
            async with self._writer, self._writing.begin() as connection:
                yield Transaction(connection)

    async def ping(self) -> None:
        """Raise `StoreUnavailable` unless the database answers."""
        await self.rows(PING, {})

    async def close(self) -> None:
        """Let what is under way finish and free every connection. Whatever comes later raises `StoreUnavailable`."""
        self._closed = True
        await self.unfinished.wait()
        await self.engine.dispose()

    async def _rows(self, statement: Executable, values: Values) -> Sequence[Row[Any]]:
        with translated(closed=self._closed):
            async with self.engine.connect() as connection:
                try:
                    return (await connection.execute(statement, values)).all()
                except UNSTORABLE:
                    return ()

    async def _look(self, function: Callable[[Connection], Looked]) -> Looked:
        with translated(closed=self._closed):
            async with self.engine.connect() as connection:
                return await connection.run_sync(function)


@contextmanager
def translated(*, closed: bool = False) -> Iterator[None]:
    """Turn errors of the driver, the pool and the file system into ours.

    Raises:
        ConstraintBroken: where a constraint refused a row.
        ValueError, TypeError: for a value that cannot be stored (a mistake of the caller).
        StoreUnavailable: for everything else.
    """
    if closed:
        raise StoreUnavailable(hint="the store is closed")
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
    except (SQLAlchemyError, aiosqlite.Error, OSError) as error:
        raise StoreUnavailable(hint=f"{type(error).__name__}: {error}") from error


def _constraint(message: str) -> str:
    """`UNIQUE constraint failed: table.column, table.other` -> `table.column`."""
    kind, _, columns = message.partition(" constraint failed")
    return columns.lstrip(": ").split(",")[0] or kind
