"""aiosqlite with fewer thread hops: a statement and its rows take one, where the stock cursor takes four.

Every hop to the connection's thread and back costs more than the statement itself.
"""

import asyncio
import os
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import aiosqlite

Rows = list[Any]


class WholeCursor:
    """A cursor that fetches all rows where it executes. It has what SQLAlchemy's adapter uses, and no more."""

    def __init__(self, connection: "WholeConnection") -> None:
        self._connection = connection
        self._rows: Rows = []
        self.description: Sequence[Any] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> "WholeCursor":
        """Return the cursor."""
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> "WholeCursor":
        """Run a statement to its end."""
        await self._connection.work(self._run, sqlite3.Cursor.execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> "WholeCursor":
        """Run a statement for each of several parameters."""
        await self._connection.work(self._run, sqlite3.Cursor.executemany, sql, parameters)
        return self

    async def fetchall(self) -> Rows:
        """Return the rows."""
        return self._rows

    async def close(self) -> None:
        """Forget the rows."""
        self._rows = []

    def _run(self, connection: sqlite3.Connection, run: Any, sql: str, parameters: Any) -> None:  # noqa: ANN401
        cursor = connection.cursor()
        try:
            run(cursor, sql, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class WholeConnection(aiosqlite.Connection):
    """A connection with such cursors, which rolls back only what has begun."""

    def cursor(self) -> WholeCursor:  # type: ignore[override]
        """Return a cursor without asking the thread for it."""
        return WholeCursor(self)

    async def rollback(self) -> None:
        """Roll back, if there is a transaction. Nothing runs on this connection meanwhile."""
        if self.in_transaction:
            await super().rollback()

    async def work(self, function: Any, *arguments: Any) -> None:  # noqa: ANN401
        """Run a function of the driver's connection on its thread.

        aiosqlite logs what it runs with the arguments, which are hashes, addresses and sealed keys: it gets none.
        """
        connection = self._conn
        await self._execute(lambda: function(connection, *arguments))  # type: ignore[no-untyped-call]


async def connect(path: str, busy_seconds: float) -> WholeConnection:
    """Open a file, making it for its owner alone if it is new. Transactions are ours: the driver begins none."""

    def open_file() -> sqlite3.Connection:
        Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        return sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)

    connection = WholeConnection(open_file, iter_chunk_size=64)
    connection._thread.daemon = True
    try:
        await connection
    except BaseException:
        await asyncio.to_thread(connection._thread.join)  # it answers this loop once more, which must still be there
        raise
    return connection
