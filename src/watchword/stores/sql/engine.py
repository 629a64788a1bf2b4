"""Runs statements: connections, transactions, and the one place where a driver's errors become ours.

The only module that knows what is special about SQLite. There a write transaction begins with BEGIN IMMEDIATE, so that
it waits for its turn at the start and never fails half-way; a read is one statement and takes no write lock.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite
from sqlalchemy import URL, Connection, Executable, Row, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from watchword.core.errors import StoreUnavailable

BUSY_SECONDS = 15
"""How long a writer waits for writers of other processes."""
PRAGMAS = ("synchronous=FULL", "foreign_keys=ON")
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
        self._writer = asyncio.Lock()
        self._closed = False

    async def rows(self, statement: Executable, values: Values) -> Sequence[Row[Any]]:
        """Run one reading statement. A value that no row can hold finds none."""
        with translated(closed=self._closed):
            async with self.engine.connect() as connection:
                try:
                    return (await connection.execute(statement, values)).all()
                except UNSTORABLE:
                    return ()

    async def look(self, function: Callable[[Connection], Looked]) -> Looked:
        """Run a function that reads on a synchronous connection."""
        with translated(closed=self._closed):
            async with self.engine.connect() as connection:
                return await connection.run_sync(function)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Begin a write transaction; it is durable when the block ends and undone when the block raises.

        Writers of this process queue here, in order; only those of different processes meet in the database.
        """
        with translated(closed=self._closed):
            async with self._writer, self._writing.begin() as connection:
                yield Transaction(connection)

    async def ping(self) -> None:
        """Raise `StoreUnavailable` unless the database answers."""
        await self.rows(PING, {})

    async def close(self) -> None:
        """Free every connection. Whatever comes later raises `StoreUnavailable`."""
        self._closed = True
        await self.engine.dispose()


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


def sqlite_engine(path: str) -> AsyncEngine:
    """Return an engine over a SQLite file, which is made with mode 0600 when the first connection opens."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=path),
        connect_args={"isolation_level": None, "timeout": BUSY_SECONDS},
        hide_parameters=True,
        pool_timeout=BUSY_SECONDS,
        pool_reset_on_return=None,  # each connection ends its own transaction before it goes back
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def make_file(*_: object) -> None:
        _make_file(Path(path))

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401  the adapted driver connection
        connection.run_async(_prepare)

    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _make_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _begin(connection: Connection) -> None:
    """Begin what the driver does not begin (its isolation_level is None)."""
    if connection.get_execution_options().get(WRITES):
        connection.connection.run_async(_begin_immediate)  # one thread hop, where a statement takes four


async def _begin_immediate(connection: aiosqlite.Connection) -> None:
    await connection.execute_fetchall("BEGIN IMMEDIATE")


async def _prepare(connection: aiosqlite.Connection) -> None:
    for pragma in PRAGMAS:
        await connection.execute_fetchall(f"PRAGMA {pragma}")
    deadline = time.monotonic() + BUSY_SECONDS
    while not await _writes_ahead(connection, deadline):  # noqa: ASYNC110  it waits for another process
        await asyncio.sleep(0.02)


async def _writes_ahead(connection: aiosqlite.Connection, deadline: float) -> bool:
    """Switch to WAL. SQLite itself does not wait when several processes switch one new file at once."""
    try:
        await connection.execute_fetchall("PRAGMA journal_mode=WAL")
    except aiosqlite.OperationalError as error:
        if "locked" not in str(error) or time.monotonic() > deadline:
            raise
        return False
    return True
