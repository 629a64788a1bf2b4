"""The tables. An application's own tables may refer to them: `ForeignKey(tables.users.c.id, ondelete="CASCADE")`.

Columns are named as the fields of the records. Every per-user table has the user id first in its primary key, so that
a distributed engine can place its rows.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Enum,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    UniqueConstraint,
)

from watchword.core.models.grants import FamilyStatus
from watchword.core.models.sessions import RevocationKind
from watchword.stores.sql.columns import Digests, Document, Names, NameSet, Time, Word

PREFIX = "watchword_"
VERSION_TABLE = "watchword_schema"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def is_application_object(name: str | None, type_: str, _parents: Mapping[Any, str | None]) -> bool:
    """Tell an application's own Alembic to leave our tables alone: `context.configure(include_name=...)`."""
    return not (type_ == "table" and name is not None and name.startswith(PREFIX))


def _word(kind: type[StrEnum]) -> Enum:
    return Enum(kind, native_enum=False, length=16, values_callable=lambda members: [str(m) for m in members])


users = Table(
    "watchword_users",
    metadata,
    Column("id", Word, primary_key=True),
    Column("username", Word, nullable=False),
    Column("username_key", Word, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("email", Word),
    Column("email_key", Word),
    Column("email_verified", Boolean, nullable=False),
    Column("password_hash", Word),
    Column("disabled_at", Time),
    Column("credential_version", Integer, nullable=False),
    Column("profile", Document, nullable=False),
    # A taken username is to be named before a taken e-mail. SQLite checks the constraint that was made last first;
    # PostgreSQL the one that was made first, so there the migration makes them the other way round.
    UniqueConstraint("email_key"),
    UniqueConstraint("username_key"),
)

roles = Table(
    "watchword_roles",
    metadata,
    Column("name", Word, primary_key=True),
    Column("permissions", NameSet, nullable=False),
    Column("description", Word, nullable=False),
)

user_roles = Table(
    "watchword_user_roles",
    metadata,
    Column("user_id", Word, ForeignKey(users.c.id, ondelete="CASCADE"), primary_key=True),
    Column("role", Word, ForeignKey(roles.c.name, ondelete="CASCADE"), primary_key=True),
    Index(None, "role"),
)

invites = Table(
    "watchword_invites",
    metadata,
    Column("secret_hash", LargeBinary, primary_key=True),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("roles", Names, nullable=False),
    Column("redeemed_at", Time),
    Column("redeemed_by", Word),
)

sessions = Table(
    "watchword_sessions",
    metadata,
    Column("user_id", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("client_id", Word, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("last_seen_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("auth_time", Time, nullable=False),
    Column("amr", Names, nullable=False),
    Column("user_agent", Word, nullable=False),
    Column("ended_at", Time),
    Index(None, "expires_at"),
)

clients = Table(
    "watchword_clients",
    metadata,
    Column("id", Word, primary_key=True),
    Column("name", Word, nullable=False),
    Column("secret_hashes", Digests, nullable=False),
    Column("grants", NameSet, nullable=False),
    Column("scopes", NameSet),
    Column("first_party", Boolean, nullable=False),
    Column("may_introspect", Boolean, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("disabled_at", Time),
)

families = Table(
    "watchword_refresh_families",
    metadata,
    Column("user_id", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("session_id", Word, nullable=False),
    Column("client_id", Word, nullable=False),
    Column("scopes", NameSet, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("idle_expires_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("rotated_at", Time),
    Column("rotated_scopes", NameSet),
    Column("resource", Names, nullable=False),
    Column("cnf", Word),
    Column("status", _word(FamilyStatus), nullable=False),
    Index(None, "user_id", "session_id"),
    Index(None, "expires_at"),
)

revocations = Table(
    "watchword_revocations",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", _word(RevocationKind), nullable=False),
    Column("subject", Word, nullable=False),
    Column("at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Index(None, "expires_at"),
    # Without it SQLite would give the sequence of a purged entry to a new one, and readers would miss that.
    sqlite_autoincrement=True,
)

signing_keys = Table(
    "watchword_signing_keys",
    metadata,
    Column("kid", Word, primary_key=True),
    Column("algorithm", Word, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("sealed_private_jwk", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("signs_from", Time, nullable=False),
    Column("public_jwk", Document, nullable=False),
    Column("revoked_at", Time),
    UniqueConstraint("generation"),
)
