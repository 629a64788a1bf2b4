"""Connections to PostgreSQL: how they are made, bounded in time, prepared, and found dead."""

import socket
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import asyncpg
from sqlalchemy import URL, AsyncAdaptedQueuePool, Connection, Engine, event
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import await_only

from watchword.stores.sql.postgres_url import PostgresAddress

CONNECT_SECONDS = 3.0
"""For one connection, name resolution and TLS included. Whoever waits for it may give up before."""
PATIENCE = 3.0
"""Seconds for one verb where the server is slow, the wait for a free connection included."""
RECYCLE_SECONDS = 1800
"""Connections are made anew after so long, so that they follow a change of addresses or passwords."""
STATEMENTS = 200
"""Prepared statements that one connection keeps; there are fewer of ours."""
SETTINGS: Mapping[str, str] = {
    "statement_timeout": "'1000'",
    "idle_in_transaction_session_timeout": "'5000'",
    "synchronous_commit": "CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' "
    "ELSE current_setting('synchronous_commit') END",
}
"""In milliseconds. A statement of which nobody awaits the answer any more must not happen late, and no insert into the
feed may stay uncommitted for long (see `flows.follower`). What was acknowledged is on the disk."""
KEEP_ALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3}
"""A peer that vanished without a word is found in some twenty seconds, also by connections that nobody uses."""


def settings_sql(*, local: bool) -> str:
    """Return the statement that sets what we rely on, for a session or (`local`) for one transaction."""
    calls = (f"set_config('{name}', {value}, {str(local).lower()})" for name, value in SETTINGS.items())
    return f"SELECT {', '.join(calls)}"


async def connect(address: PostgresAddress) -> asyncpg.Connection:
    """Open a connection to the primary.

    Raises:
        OSError, asyncpg.PostgresError, asyncpg.InterfaceError: it cannot be reached, or refuses.
    """
    try:
        connection = await asyncpg.connect(
            address.dsn, timeout=CONNECT_SECONDS, statement_cache_size=0 if address.pgbouncer else 100
        )
    except ValueError as error:
        raise ConnectionError(f"the database URL cannot be used: {error}") from None
    try:
        _keep_alive(connection)
        if not address.pgbouncer:
            await connection.execute(settings_sql(local=False), timeout=CONNECT_SECONDS)
    except BaseException:
        connection.terminate()
        raise
    return connection


def _keep_alive(connection: asyncpg.Connection) -> None:
    found = connection._transport.get_extra_info("socket")
    if found is None or found.family == socket.AF_UNIX:
        return
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        with suppress(AttributeError, OSError):  # not every system has them
            found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def postgres_engine(address: PostgresAddress) -> Engine:
    """Return an engine whose functions must run in greenlets (`sqlalchemy.util.greenlet_spawn`). Connects later.

    Behind PgBouncer a prepared statement has no name, so that nothing of it is left on a server connection that the
    next transaction does not have; then every statement must stand in a transaction, as preparing is a trip of its own.
    """
    statements: dict[str, Any] = {"prepared_statement_cache_size": STATEMENTS}
    if address.pgbouncer:
        statements = {"prepared_statement_cache_size": 0, "prepared_statement_name_func": str}
    engine = create_async_engine(
        URL.create("postgresql+asyncpg"),
        connect_args={"async_creator_fn": lambda: connect(address), **statements},
        hide_parameters=True,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=address.pool_size,
        max_overflow=0,
        pool_timeout=PATIENCE,
        pool_recycle=RECYCLE_SECONDS,
        pool_use_lifo=True,
    ).sync_engine
    dialect: Any = engine.dialect
    dialect.setup_asyncpg_json_codec = dialect.setup_asyncpg_jsonb_codec = _no_codec
    event.listen(engine, "checkout", _check_alive)
    if address.pgbouncer:
        event.listen(engine, "begin", _set_locally)
    return engine


async def _no_codec(_: object) -> None:
    """We keep JSON as text; to set up its codecs costs four trips per connection."""


def read_json(connection: Connection) -> None:
    """Set up the codec after all, for whoever asks the server about its tables."""
    set_up: Any = PGDialect_asyncpg.setup_asyncpg_json_codec
    await_only(set_up(connection.dialect, connection.connection.dbapi_connection))


def _check_alive(_: object, record: ConnectionPoolEntry, __: object) -> None:
    """Replace a connection that is known to be closed. The driver notices a server that ends; nothing is asked."""
    driver: Any = record.driver_connection
    if driver.is_closed():
        raise DisconnectionError


def _set_locally(connection: Connection) -> None:
    connection.exec_driver_sql(settings_sql(local=True))
