"""Millions of rows for PostgreSQL, made by the server itself: ids in the order of time, as those of the product are."""

import math
from collections.abc import Awaitable, Callable

import asyncpg

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
SPAN = 2_592_000_000
"""Milliseconds of the thirty days over which logins are spread."""
BEGAN = 1_780_000_000_000
LASTS = 7_776_000_000
CHUNK = 500_000

MAKE_ID = """
CREATE FUNCTION pg_temp.id_of(kind text, number bigint, at bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT substr(t, 1, 8) || '-' || substr(t, 9) || '-7' || substr(h, 1, 3) || '-8' || substr(h, 4, 3) || '-'
      || substr(h, 7, 12)
  FROM (SELECT lpad(to_hex(at), 12, '0') AS t, md5(kind || number) AS h) AS parts
$$
"""
USERS = f"""
INSERT INTO watchword_users (id, username, username_key, created_at, updated_at, email, email_key, email_verified,
    password_hash, credential_version, profile)
SELECT pg_temp.id_of('user', n, {BEGAN}), 'person' || n, 'person' || n, {BEGAN}, {BEGAN},
    'person' || n || '@example.com', 'person' || n || '@example.com', true, '{HASH}', 0, '{{}}'
FROM generate_series($1::bigint, $2::bigint) AS n
"""
SESSIONS = f"""
INSERT INTO watchword_sessions (user_id, id, client_id, created_at, last_seen_at, expires_at, auth_time, amr,
    user_agent)
SELECT pg_temp.id_of('user', n % $4, {BEGAN}), pg_temp.id_of('session', n, at), 'first-party', at, at,
    at + {LASTS}, at, '["pwd"]', '{AGENT}'
FROM (SELECT n, {BEGAN} + n * {SPAN} / $3 AS at FROM generate_series($1::bigint, $2::bigint) AS n) AS logins
"""
FAMILIES = f"""
INSERT INTO watchword_refresh_families (user_id, id, session_id, client_id, scopes, created_at, idle_expires_at,
    expires_at, generation, resource, status)
SELECT pg_temp.id_of('user', n % $4, {BEGAN}), pg_temp.id_of('family', n, at), pg_temp.id_of('session', n, at),
    'first-party', '["items:read"]', at, at + {LASTS} / 3, at + {LASTS}, 3, '[]', 'active'
FROM (SELECT n, {BEGAN} + n * {SPAN} / $3 AS at FROM generate_series($1::bigint, $2::bigint) AS n) AS logins
"""
TABLES = ("watchword_users", "watchword_sessions", "watchword_refresh_families")
INDEXES = """SELECT indexname, indexdef FROM pg_indexes WHERE tablename = $1
AND indexname NOT IN (SELECT conname FROM pg_constraint)"""
CONSTRAINTS = """SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = $1::text::regclass AND contype IN ('p', 'u')"""


async def fill(dsn: str, *, users: int, families: int, tell: Callable[[str], None]) -> None:
    """Fill the migrated tables with people, and a session for each refresh family. Indexes are made afterwards."""
    connection = await asyncpg.connect(dsn)
    await connection.execute("SET maintenance_work_mem = '1GB'; SET synchronous_commit = off")
    await connection.execute("ALTER TABLE watchword_user_roles DROP CONSTRAINT fk_watchword_user_roles_user_id")
    await connection.execute(MAKE_ID)
    remake = [await _without_indexes(connection, table) for table in TABLES]
    for sql, count in ((USERS, users), (SESSIONS, families), (FAMILIES, families)):
        for first in range(0, count, CHUNK):
            values = (first, min(first + CHUNK, count) - 1, families, users)
            await connection.execute(sql, *values[: 2 if sql == USERS else 4])
        tell(f"{count:,} rows")
    for make in remake:
        await make()
        tell("indexes made")
    await connection.execute(
        "ALTER TABLE watchword_user_roles ADD CONSTRAINT fk_watchword_user_roles_user_id"
        " FOREIGN KEY (user_id) REFERENCES watchword_users (id) ON DELETE CASCADE"
    )
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()


async def _without_indexes(connection: asyncpg.Connection, table: str) -> Callable[[], Awaitable[None]]:
    """Drop the indexes of a table; return what makes them again."""
    constraints = await connection.fetch(CONSTRAINTS, table)
    indexes = await connection.fetch(INDEXES, table)
    for name, _ in constraints:
        await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _ in indexes:
        await connection.execute(f"DROP INDEX {name}")

    async def make() -> None:
        for name, definition in constraints:
            await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for _, definition in indexes:
            await connection.execute(definition)

    return make


async def bytes_per_row(dsn: str) -> dict[str, dict[str, float]]:
    """Return for each table what a row takes in the table itself and in its indexes."""
    connection = await asyncpg.connect(dsn)
    found = {}
    for table in TABLES:
        heap, indexes, rows = await connection.fetchrow(
            f"SELECT pg_table_size('{table}'), pg_indexes_size('{table}'), (SELECT count(*) FROM {table})"
        )
        found[table] = {"rows": rows, "table": heap / max(rows, 1), "indexes": indexes / max(rows, 1)}
    await connection.close()
    return found


def quantile(values: list[float], share: float) -> float:
    """Return the value below or at which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]
