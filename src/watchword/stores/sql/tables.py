"""The tables. An application's own tables may refer to them: `ForeignKey(tables.users.c.id, ondelete="CASCADE")`.

Columns are named as the fields of the records. Every per-user table has the user id first in its primary key, so that
a distributed engine can place its rows.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    UniqueConstraint,
)

from watchword.core.models.grants import FamilyStatus
from watchword.core.models.sessions import RevocationKind
from watchword.stores.sql.authorization_tables import (
    authorization_codes,
    clients,
    consents,
    device_grants,
    resources,
    used_once,
)
from watchword.stores.sql.columns import Document, Names, NameSet, Time, Word
from watchword.stores.sql.table_names import PREFIX, VERSION_TABLE, metadata, word_of

__all__ = [
    "PREFIX",
    "VERSION_TABLE",
    "authorization_codes",
    "browser_sessions",
    "clients",
    "consents",
    "device_grants",
    "families",
    "invites",
    "is_application_object",
    "metadata",
    "resources",
    "revocations",
    "roles",
    "sessions",
    "signing_keys",
    "used_once",
    "user_roles",
    "users",
]


def is_application_object(name: str | None, type_: str, _parents: Mapping[Any, str | None]) -> bool:
    """Tell an application's own Alembic to leave our tables alone: `context.configure(include_name=...)`."""
    return not (type_ == "table" and name is not None and name.startswith(PREFIX))


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
    Column("browser_id", Word),
    Column("acr", Word),
    Index(None, "expires_at"),
    Index(None, "user_id", "browser_id"),
)

browser_sessions = Table(
    "watchword_browser_sessions",
    metadata,
    Column("user_id", Word, primary_key=True),
    Column("id", Word, primary_key=True),
    Column("secret_hash", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("last_seen_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("auth_time", Time, nullable=False),
    Column("amr", Names, nullable=False),
    Column("acr", Word),
    Column("user_agent", Word, nullable=False),
    Column("ended_at", Time),
    Index(None, "expires_at"),
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
    Column("status", word_of(FamilyStatus), nullable=False),
    Index(None, "user_id", "session_id"),
    Index(None, "expires_at"),
)

revocations = Table(
    "watchword_revocations",
    metadata,
    Column("sequence", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("kind", word_of(RevocationKind), nullable=False),
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
