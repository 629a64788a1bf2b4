"""Changes the schema of PostgreSQL: one migrator at a time, never long in the way of traffic.

A change waits for a table's lock for half a second, then steps back and tries again. An index is made CONCURRENTLY,
which locks out nobody but waits for every transaction that can see the table as it was. So no migrator may hold a
snapshot meanwhile, or all would wait for each other: who waits for its turn asks again and again.
"""

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy import Connection, Engine, Index, text
from sqlalchemy.schema import CreateIndex, DropIndex
from sqlalchemy.util import await_only, greenlet_spawn

from watchword.core.errors import ConfigError, StoreUnavailable
from watchword.stores.sql.postgres_engine import connect, read_json
from watchword.stores.sql.postgres_errors import RunAgain, translated
from watchword.stores.sql.postgres_url import PostgresAddress

ATTEMPTS = 60
MIGRATION_LOCK = 0x77617463
"""The key of the advisory lock under which the schema changes: `watc` in ASCII."""
TAKE_TURN = text(
    "SELECT set_config('statement_timeout', '0', true), set_config('lock_timeout', '500', true),"
    " set_config('idle_in_transaction_session_timeout', '60000', true),"
    f" pg_try_advisory_xact_lock({MIGRATION_LOCK}) AS mine"
)
BE_PATIENT = "SET statement_timeout = 0; SET lock_timeout = 0"
REST = "SET LOCAL idle_in_transaction_session_timeout = 0"
AGAIN = ("40P01", "55P03")
"""deadlock_detected and lock_not_available: what is left of the index is dropped by the next attempt."""
IS_VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")


class AnotherMigrates(StoreUnavailable):
    """It is the turn of another migrator."""


async def change_schema(engine: Engine, work: Callable[[Connection], None]) -> None:
    """Run a function that changes the schema, in a transaction, when no other migrator is at work.

    Raises:
        ConfigError: the database cannot hold every text.
        StoreUnavailable: a lock that it needs was never free for long enough.
    """
    attempts = 0
    while True:
        try:
            return await greenlet_spawn(_change, engine, work)
        except AnotherMigrates:
            pass  # which may take as long as its index does
        except RunAgain:
            attempts += 1
            if attempts == ATTEMPTS:
                raise
        await asyncio.sleep(0.2 + random.random())  # noqa: S311  so that two migrators do not keep step


def _change(engine: Engine, work: Callable[[Connection], None]) -> None:
    with translated(), engine.begin() as connection:
        if not connection.execute(TAKE_TURN).one().mine:
            raise AnotherMigrates
        if connection.exec_driver_sql("SHOW server_encoding").scalar_one() != "UTF8":
            raise ConfigError("The database cannot hold every text. Make it with ENCODING 'UTF8'.")
        read_json(connection)
        work(connection)


def make_index(address: PostgresAddress, connection: Connection, index: Index) -> None:
    """Make an index beside traffic, unless it is there. What a killed migrator left of it is waited for, or dropped.

    Args:
        address: where a second connection goes, for this cannot be done in a transaction.
        connection: one whose transaction holds the migrators' lock, and no lock on the table.
        index: of a table that is there.
    """
    index.dialect_options["postgresql"]["concurrently"] = True
    create, drop = (str(change(index).compile(dialect=connection.dialect)) for change in (CreateIndex, DropIndex))
    # The server may still be at work for a migrator that was killed: that holds this lock until it has done.
    wait = f"BEGIN; LOCK TABLE {index.table} IN SHARE UPDATE EXCLUSIVE MODE; COMMIT"
    with _builder(address) as run:
        _let_go_of_snapshots(connection)
        run(wait)
        is_valid = connection.execute(IS_VALID, {"name": index.name}).scalar()
        _let_go_of_snapshots(connection)
        if is_valid is False:
            run(drop)
        if not is_valid:
            run(create)


def _let_go_of_snapshots(connection: Connection) -> None:
    """Run a plain command: what was read last stays open, with its snapshot, until the next statement."""
    driver: Any = connection.connection.driver_connection
    await_only(driver.execute(REST))


@contextmanager
def _builder(address: PostgresAddress) -> Iterator[Callable[[str], object]]:
    """Give what runs one statement after the other, each in one trip, so that it works through PgBouncer too."""
    connection = await_only(connect(address))
    try:
        if not address.pgbouncer:  # whose connections are others' next, and have no bounds of ours
            await_only(connection.execute(BE_PATIENT))
        yield lambda sql: await_only(connection.execute(sql))
    except asyncpg.PostgresError as error:
        if error.sqlstate in AGAIN:
            raise RunAgain(hint=f"{type(error).__name__}: {error.message}") from None
        raise
    finally:
        connection.terminate()
