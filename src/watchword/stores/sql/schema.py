"""The schema's version: bring it up to date, or say what to do. Migrations go forward only, all or nothing."""

from collections.abc import Sequence

from sqlalchemy import Connection, Select, String, column, inspect, select, table

from watchword.core.errors import ConfigError
from watchword.stores.sql.database import Database
from watchword.stores.sql.tables import VERSION_TABLE

REVISIONS = ("0001", "0002", "0003")
"""Every revision of this package, oldest first."""
HEAD = REVISIONS[-1]
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
    """Bring the schema to this package's version: idempotent, all or nothing, one migrator at a time.

    Raises:
        ConfigError: if the schema is newer than this package.
    """
    applied = await database.look(lambda transaction: _applied(transaction.connection))
    if _problem(applied):
        await database.upgrade(_upgrade)


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


def _upgrade(connection: Connection) -> None:
    problem = _problem(_applied(connection))
    if problem == NEWER:
        raise ConfigError(NEWER)
    if problem:
        _run_migrations(connection)


def _run_migrations(connection: Connection) -> None:
    from alembic import command  # 10 MB, for a process that may run for months
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "watchword.stores.sql:migrations")
    command.upgrade(config, HEAD)
