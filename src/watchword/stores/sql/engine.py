"""The engine of SQLite: the only module that knows what is special about this database.

A write transaction begins with BEGIN IMMEDIATE, so that it waits for its turn at the start and never fails half-way; a
read is one statement and takes no write lock.
"""

import asyncio
import time
from functools import partial
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from watchword.stores.sql.database import WRITES
from watchword.stores.sql.sqlite_driver import connect

BUSY_SECONDS = 10.0
"""How long a writer waits for writers of other processes."""
CONNECTIONS = 8
"""Each has a thread. One writes at a time; the others read beside it."""
PRAGMAS = ("synchronous=FULL", "foreign_keys=ON")


def sqlite_engine(path: str) -> AsyncEngine:
    """Return an engine over a SQLite file, which is made with mode 0600 when the first connection opens."""
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=path),
        async_creator=partial(connect, path, BUSY_SECONDS),
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401  the adapted driver connection
        connection.run_async(_prepare)

    event.listen(engine.sync_engine, "begin", _begin)
    return engine


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
