"""The SQL stores (SQLAlchemy Core): SQLite and PostgreSQL."""

from functools import partial

from watchword.core.errors import ConfigError
from watchword.ports.bundle import Stores
from watchword.ports.outside import FeedSignal, PollingSignal
from watchword.stores.sql.authorizations import SqlCodes, SqlConsents
from watchword.stores.sql.browsers import SqlBrowserSessions
from watchword.stores.sql.clients import SqlClients
from watchword.stores.sql.database import Database
from watchword.stores.sql.devices import SqlDeviceGrants
from watchword.stores.sql.engine import sqlite_engine
from watchword.stores.sql.grants import SqlRefreshFamilies, SqlSigningKeys
from watchword.stores.sql.identity import SqlUsers
from watchword.stores.sql.invites import SqlInvites
from watchword.stores.sql.resources import SqlResources, SqlUsedOnce
from watchword.stores.sql.roles import SqlRoles
from watchword.stores.sql.schema import check_schema, migrate
from watchword.stores.sql.sessions import SqlRevocations, SqlSessions
from watchword.stores.sql.sqlite_database import SqliteDatabase

DRIVER = ("asyncpg", "greenlet")
"""The packages of the extra."""


def open_sqlite(path: str) -> Stores:
    """Return the stores of a SQLite file, relative or absolute. It is made, with mode 0600, when first used."""
    return open_database(SqliteDatabase(sqlite_engine(path)))


def open_postgres(rest: str) -> Stores:
    """Return the stores of a PostgreSQL database. `rest` is its URL without `postgresql://`. Connects when first used.

    Raises:
        ConfigError: the URL cannot be used, or the driver is not installed.
    """
    from watchword.stores.sql.postgres_url import parse_postgres_url

    address = parse_postgres_url(rest)
    try:
        import greenlet  # noqa: F401  SQLAlchemy would miss it later

        from watchword.stores.sql.postgres_database import PostgresDatabase
        from watchword.stores.sql.postgres_signal import PostgresSignal
    except ModuleNotFoundError as error:
        if error.name not in DRIVER:
            raise
        raise ConfigError('PostgreSQL needs its driver: pip install "watchword[postgres]"') from None
    listens = address.push and not address.pgbouncer  # PgBouncer gives no connection of one's own to listen on
    return open_database(PostgresDatabase(address), PostgresSignal(address) if listens else None)


def open_database(database: Database, signal: FeedSignal | None = None) -> Stores:
    """Return the stores of a database. Its processes poll for revocations, unless they have a signal."""
    pushing = signal or PollingSignal()

    async def close() -> None:
        await pushing.close()
        await database.close()

    return Stores(
        kind="sql",
        users=SqlUsers(database),
        roles=SqlRoles(database),
        invites=SqlInvites(database),
        sessions=SqlSessions(database),
        clients=SqlClients(database),
        families=SqlRefreshFamilies(database),
        keys=SqlSigningKeys(database),
        revocations=SqlRevocations(database),
        browsers=SqlBrowserSessions(database),
        codes=SqlCodes(database),
        devices=SqlDeviceGrants(database),
        consents=SqlConsents(database),
        resources=SqlResources(database),
        once=SqlUsedOnce(database),
        signal=pushing,
        migrate=partial(migrate, database),
        check_schema=partial(check_schema, database),
        ping=database.ping,
        close=close,
    )
