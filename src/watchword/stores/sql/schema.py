"""The schema's version: bring it up to date, or say what to do. Migrations go forward only, in whole steps."""

from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection, Select, String, column, inspect, select, table

from watchword.core.errors import ConfigError
from watchword.stores.sql.database import Database
from watchword.stores.sql.tables import VERSION_TABLE

REVISIONS = ("0001", "0002", "0003", "0004")
"""Every revision of this package, oldest first."""
HEAD = REVISIONS[-1]
ENDS = ("0003", "0004")
"""Where a transaction ends: one that makes an index of a big table beside traffic must hold no lock on it."""
APPLIED: Select[str] = select(column("version_num", String)).select_from(table(VERSION_TABLE))

UNMIGRATED = "The database has no Watchword tables yet. Run `watchword migrate`."
OLD = "The database has an older schema than this version of Watchword needs. Run `watchword migrate`."
NEWER = (
    "The database was migrated by a newer version of Watchword. Install that version, or a later one; "
    "a schema is never taken back."
)


async def check_schema(database: Database) -> None:
    """Raise `ConfigError`, saying what to do, unless the schema is exactly that of this package."""
    problem = _problem(await database.look(lambda transaction: _applied(transaction.connection)))
    if problem:
        raise ConfigError(problem)


async def migrate(database: Database) -> None:
    """Bring the schema to this package's version: idempotent, one migrator at a time.

    What is killed half-way leaves a schema of an older version, complete, and can be run again.

    Raises:
        ConfigError: if the schema is newer than this package.
    """
    applied = await database.look(lambda transaction: _applied(transaction.connection))
    if _problem(applied):
        for end in (*(end for end in ENDS if end < HEAD), HEAD):
            await database.upgrade(partial(_upgrade, database, end))


def _applied(connection: Connection) -> Sequence[str]:
    if not inspect(connection).has_table(VERSION_TABLE):
        return ()
    return connection.execute(APPLIED).scalars().all()


def _problem(applied: Sequence[str]) -> str:
    if not applied:
        return UNMIGRATED
    if not set(applied) <= set(REVISIONS):
        return NEWER
    return "" if HEAD in applied else OLD


def _upgrade(database: Database, end: str, connection: Connection) -> None:
    applied = _applied(connection)
    if _problem(applied) == NEWER:
        raise ConfigError(NEWER)
    if max(applied, default="") < end:
        _run_migrations(database, end, connection)


def _run_migrations(database: Database, end: str, connection: Connection) -> None:
    from alembic import command  # 10 MB, for a process that may run for months
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "make_index": partial(database.make_index, connection)})
    config.set_main_option("script_location", "watchword.stores.sql:migrations")
    command.upgrade(config, end)
