"""The SQL stores (SQLAlchemy Core, asynchronous). SQLite for now."""

from functools import partial

from watchword.ports.bundle import Stores
from watchword.stores.sql.clients import SqlClients
from watchword.stores.sql.database import Database
from watchword.stores.sql.engine import sqlite_engine
from watchword.stores.sql.grants import SqlRefreshFamilies, SqlSigningKeys
from watchword.stores.sql.identity import SqlUsers
from watchword.stores.sql.invites import SqlInvites
from watchword.stores.sql.roles import SqlRoles
from watchword.stores.sql.schema import check_schema, migrate
from watchword.stores.sql.sessions import SqlRevocations, SqlSessions
from watchword.stores.sql.sqlite_database import SqliteDatabase


def open_sqlite(path: str) -> Stores:
    """Return the stores of a SQLite file, relative or absolute. It is made, with mode 0600, when first used."""
    return open_database(SqliteDatabase(sqlite_engine(path)))


def open_database(database: Database) -> Stores:
    """Return the stores of a database."""
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
        migrate=partial(migrate, database),
        check_schema=partial(check_schema, database),
        ping=database.ping,
        close=database.close,
    )
