"""Fills a database for one run and writes what is to be sent: `python -m bench.watchword_data DIRECTORY`.

Settings come from the environment, as those of the server do. Rows are inserted in bulk: logging ten thousand people
in would take minutes and measure nothing.
"""

import argparse
import asyncio
import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from bench.places import RUN
from bench.watchword_app import SCOPE
from bench.watchword_loads import HASHED, PASSWORD, TOKEN_FILE, add_client, loads_of
from watchword.core.ids import new_id
from watchword.core.models.grants import RefreshFamily
from watchword.core.models.identity import User
from watchword.core.models.sessions import Revocation, RevocationKind, Session
from watchword.core.tokens.access_token import AccessClaims, sign_access_token
from watchword.core.tokens.refresh_token import RefreshToken, mint_refresh_token
from watchword.flows.context import Context, open_context
from watchword.flows.key_rotation import signing_material
from watchword.settings import Settings
from watchword.stores.open import open_stores
from watchword.stores.sql import tables
from watchword.stores.sql.records import values_of

TOKENS = 10_000
FAMILIES = 2_000
REVOCATIONS = 1_000
FIRST_PARTY = "first-party"
CHUNK = 10_000
ISSUED_OVER = 600
MADE_SINGLY = 100_000
"""Beyond so many rows they are copies of these, made inside the database, which is ten times as fast."""
RANDOM_UUID = (
    "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-8' || "
    "substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
)


async def fill(directory: Path, *, users: int, families: int, revocations: int, many_tokens: int) -> None:
    """Make the database and `loads.json`."""
    config = Settings.load().to_config()
    stores = open_stores(config.database_url)
    await stores.migrate()
    ctx = open_context(config, stores)
    await ctx.start(follow=False)
    now = ctx.clock.now()
    people = await _add_users(ctx, min(users, MADE_SINGLY), now)
    spent = await _add_families(ctx, people, min(families, MADE_SINGLY), now)
    _multiply(ctx, (tables.users,), users // MADE_SINGLY, "username", "username_key")
    _multiply(ctx, (tables.sessions, tables.families), families // MADE_SINGLY)
    await _add_revocations(ctx, people, revocations, now)
    tokens = await _tokens(ctx, people[: max(TOKENS, many_tokens)])
    (directory / TOKEN_FILE).write_text("\n".join(tokens), encoding="ascii")
    client = add_client(directory)
    (directory / "loads.json").write_text(json.dumps(loads_of(people, tokens, spent, client)), encoding="utf-8")
    await ctx.close()
    await stores.close()


def _insert(ctx: Context, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Insert in chunks, without waiting for the disk: this database is thrown away after a crash."""
    path = ctx.config.database_url.removeprefix("sqlite:///")
    engine = create_engine(f"sqlite:///{path}")
    waiting = iter(rows)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        while chunk := list(islice(waiting, CHUNK)):
            connection.execute(insert(table), chunk)
    engine.dispose()


def _multiply(ctx: Context, copied: tuple[Any, ...], times: int, *unique: str) -> None:
    """Copy all rows of tables under new ids until there are so many times as many. Only their number matters."""
    path = ctx.config.database_url.removeprefix("sqlite:///")
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        for table in copied if times > 1 else ():
            names = [column.name for column in table.columns]
            new = {"id": RANDOM_UUID, **{name: f"{name} || '-' || copy" for name in unique}}
            values = ", ".join(new.get(name, f'"{name}"') for name in names)
            columns = ", ".join(f'"{name}"' for name in names)
            connection.exec_driver_sql(
                f"WITH RECURSIVE copies(copy) AS (SELECT 1 UNION ALL SELECT copy + 1 FROM copies "
                f"WHERE copy < {times - 1}) "
                f"INSERT INTO {table.name} ({columns}) SELECT {values} FROM {table.name}, copies"
            )
    engine.dispose()


async def _add_users(ctx: Context, count: int, now: datetime) -> list[User]:
    hashed = await ctx.hasher.hash(PASSWORD)
    people = [
        User(
            id=new_id(now),
            username=f"user{number}",
            username_key=f"user{number}",
            created_at=now,
            updated_at=now,
            password_hash=hashed if number < HASHED else None,
        )
        for number in range(count)
    ]
    _insert(ctx, tables.users, ({n: v for n, v in values_of(user).items() if n != "roles"} for user in people))
    return people


async def _add_families(ctx: Context, people: list[User], count: int, now: datetime) -> list[str]:
    """Add sessions with a family each; return the refresh tokens of those that are going to be spent."""
    sessions, families = [], []
    for number in range(count):
        owner, lasts = people[number % len(people)].id, now + timedelta(days=30)
        session = Session(
            user_id=owner, id=new_id(now), client_id=FIRST_PARTY, created_at=now, last_seen_at=now,
            expires_at=lasts, auth_time=now,
        )  # fmt: skip
        sessions.append(session)
        families.append(
            RefreshFamily(
                user_id=owner,
                id=new_id(now),
                session_id=session.id,
                client_id=FIRST_PARTY,
                scopes=frozenset({SCOPE}),
                created_at=now,
                idle_expires_at=lasts,
                expires_at=lasts,
            )
        )
    _insert(ctx, tables.sessions, map(values_of, sessions))
    _insert(ctx, tables.families, map(values_of, families))
    firsts = (RefreshToken(family.user_id, family.id, family.generation) for family in families[:FAMILIES])
    return [mint_refresh_token(token, ctx.secrets) for token in firsts]


async def _add_revocations(ctx: Context, people: list[User], count: int, now: datetime) -> None:
    """Revoke sessions that nobody uses, and one account's tokens of long ago, so that every look-up has work to do."""
    lasts = now + timedelta(hours=2)
    ended = [
        Revocation(kind=RevocationKind.SESSION, subject=new_id(now), at=now, expires_at=lasts) for _ in range(count)
    ]
    long_ago = now - timedelta(hours=1)
    cut_off = Revocation(kind=RevocationKind.USER, subject=people[0].id, at=long_ago, expires_at=lasts)
    _insert(ctx, tables.revocations, map(values_of, [*ended, cut_off]))


async def _tokens(ctx: Context, people: list[User]) -> list[str]:
    """Sign a token for each, issued over the last ten minutes as those of a busy service are, not in one second."""
    key, now = await signing_material(ctx), ctx.clock.now()
    claims = (
        AccessClaims(
            subject=user.id,
            client_id=FIRST_PARTY,
            audience=ctx.config.resource,
            scopes=frozenset({SCOPE}),
            issued_at=now - timedelta(seconds=number % ISSUED_OVER),
            expires_at=now - timedelta(seconds=number % ISSUED_OVER) + ctx.config.tokens.access_ttl,
            token_id=new_id(now),
            session_id=new_id(now),
            auth_time=now - timedelta(seconds=number % ISSUED_OVER),
            amr=("pwd",),
        )
        for number, user in enumerate(people)
    )
    return [sign_access_token(claim, issuer=ctx.config.issuer, key=key) for claim in claims]


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill a database for the benchmark.")
    parser.add_argument("directory", type=Path, default=RUN, nargs="?")
    parser.add_argument("--users", type=int, default=TOKENS)
    parser.add_argument("--families", type=int, default=FAMILIES)
    parser.add_argument("--revocations", type=int, default=REVOCATIONS)
    parser.add_argument("--tokens", type=int, default=TOKENS)
    chosen = parser.parse_args()
    sizes = {"users": chosen.users, "families": chosen.families, "revocations": chosen.revocations}
    asyncio.run(fill(chosen.directory, **sizes, many_tokens=chosen.tokens))


if __name__ == "__main__":
    main()
