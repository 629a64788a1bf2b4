"""What the version of the first schema (0001) does with the database: its statements, as they were then.

They are written down here so that they stay what they were, whatever becomes of the statements of today.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import text

from watchword.core.ids import new_id
from watchword.ports.bundle import Stores
from watchword.stores.sql import schema

FIRST = "0001"

ADD_USER = text(
    "INSERT INTO watchword_users (id, username, username_key, created_at, updated_at, email_verified,"
    " credential_version, profile) VALUES (:id, :id, :id, :now, :now, :no, 0, '{}')"
)
ADD_SESSION = text(
    "INSERT INTO watchword_sessions (user_id, id, client_id, created_at, last_seen_at, expires_at, auth_time, amr,"
    " user_agent) VALUES (:id, :id, 'first-party', :now, :now, :end, :now, '[]', '')"
)
ADD_FAMILY = text(
    "INSERT INTO watchword_refresh_families (user_id, id, session_id, client_id, scopes, created_at, idle_expires_at,"
    " expires_at, generation, resource, status)"
    " VALUES (:id, :id, :id, 'first-party', '[]', :now, :end, :end, 1, '[]', 'active')"
)
ROTATE = text(
    "UPDATE watchword_refresh_families SET generation = generation + 1, rotated_at = :now, rotated_scopes = '[]',"
    " idle_expires_at = :end WHERE user_id = :id AND id = :id AND status = 'active' AND generation = :generation"
    " RETURNING generation"
)
REVOKE = text("INSERT INTO watchword_revocations (kind, subject, at, expires_at) VALUES ('session', :id, :now, :end)")
READ = (
    text("SELECT id, username, username_key, email, password_hash, disabled_at FROM watchword_users WHERE id = :id"),
    text(
        "SELECT user_id, id, session_id, scopes, generation, status, cnf FROM watchword_refresh_families WHERE id = :id"
    ),
    text("SELECT sequence, kind, subject, at, expires_at FROM watchword_revocations ORDER BY sequence LIMIT 10"),
    text("SELECT kid, generation, sealed_private_jwk, signs_from, public_jwk FROM watchword_signing_keys"),
)


async def make_first_schema(stores: Stores) -> None:
    """Bring an empty database to the first schema."""
    schema.HEAD = FIRST
    await stores.migrate()


async def use(stores: Stores) -> int:
    """Do once what a login, a refresh, a request and a logout do. Returns how many statements that were."""
    database = stores.migrate.args[0]  # type: ignore[attr-defined]
    now = datetime.now(UTC)
    person, begun = new_id(now), int(now.timestamp() * 1000)
    values = {"id": person, "now": begun, "end": begun + int(timedelta(days=1).total_seconds() * 1000)}
    await database.run(ADD_USER, {**_only("id now", values), "no": False})
    await database.write(partial(_add_login, values=values))
    for generation in range(1, 4):
        row = await database.first(ROTATE, {**values, "generation": generation})
        assert row is not None, "a rotation was refused"
    await database.run(REVOKE, values)
    for statement in READ:
        await database.rows(statement, _only("id", values) if "id = :id" in str(statement) else {})
    return 2 + 1 + 3 + 1 + len(READ)


def _add_login(transaction: Any, *, values: dict[str, Any]) -> None:
    transaction.run(ADD_SESSION, values)
    transaction.run(ADD_FAMILY, values)


def _only(names: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in names.split()}
