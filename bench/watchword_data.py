"""Fills a database for one run and writes what is to be sent: `python -m bench.watchword_data DIRECTORY`.

Settings come from the environment, as those of the server do. Rows are inserted in bulk: logging ten thousand people
in would take minutes and measure nothing.
"""

import argparse
import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

from bench.places import RUN
from bench.watchword_app import SCOPE
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
HASHED = 32
"""How many accounts have a password."""
PASSWORD = "bench-password"
FIRST_PARTY = "first-party"
TOKEN_FILE = "tokens.txt"
CHUNK = 10_000
ISSUED_OVER = 600
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def fill(directory: Path, *, users: int, families: int, revocations: int, many_tokens: int) -> None:
    """Make the database and `loads.json`."""
    config = Settings.load().to_config()
    stores = open_stores(config.database_url)
    await stores.migrate()
    ctx = open_context(config, stores)
    await ctx.start(follow=False)
    now = ctx.clock.now()
    people = await _add_users(ctx, users, now)
    spent = await _add_families(ctx, people, families, now)
    await _add_revocations(ctx, people, revocations, now)
    tokens = await _tokens(ctx, people[: max(TOKENS, many_tokens)])
    (directory / TOKEN_FILE).write_text("\n".join(tokens), encoding="ascii")
    client = _add_client(directory)
    (directory / "loads.json").write_text(json.dumps(_loads(people, tokens, spent, client)), encoding="utf-8")
    await ctx.close()
    await stores.close()


async def _insert(ctx: Context, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Insert in chunks, without waiting for the disk: this database is thrown away after a crash."""
    path = ctx.config.database_url.removeprefix("sqlite:///")
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    waiting = iter(rows)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("PRAGMA synchronous=OFF")
        while chunk := list(islice(waiting, CHUNK)):
            await connection.execute(insert(table), chunk)
    await engine.dispose()


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
    await _insert(ctx, tables.users, ({n: v for n, v in values_of(user).items() if n != "roles"} for user in people))
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
    await _insert(ctx, tables.sessions, map(values_of, sessions))
    await _insert(ctx, tables.families, map(values_of, families))
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
    await _insert(ctx, tables.revocations, map(values_of, [*ended, cut_off]))


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


def _add_client(directory: Path) -> dict[str, str] | None:
    """Make a confidential client by the command that operators use. None where that cannot be done."""
    command = ("clients", "add", "bench", "--grant", "client_credentials", "--scope", SCOPE, "--introspect", "--json")
    done = subprocess.run(
        [sys.executable, "-c", "from watchword.cli.main import run; run()", *command],
        capture_output=True,
        text=True,
        cwd=directory,
        check=False,
    )
    if done.returncode:
        print(f"No client: {done.stderr.strip()[-200:]}", file=sys.stderr)
        return None
    client: dict[str, str] = json.loads(done.stdout)
    return client


def _loads(people: list[User], tokens: list[str], spent: list[str], client: dict[str, str] | None) -> dict[str, Any]:
    guarded = {path: _gets(f"/{path}") for path in ("protected", "principal", "user", "scoped")}
    refresh = [_post("/auth/token", {"grant_type": "refresh_token", "refresh_token": token}) for token in spent]
    login = [_post("/auth/token", {"username": user.username, "password": PASSWORD}) for user in people[:HASHED]]
    token = {"check": "pattern", "expected": '"access_token": ?"ey', "protected": False}
    loads = {
        **guarded,
        "me": {**_gets("/auth/me"), "check": "pattern", "expected": '"username": ?"user'},
        "refresh": {"requests": refresh, "check": "rotate", "expected": "", "protected": False},
        "login": {"requests": login, **token, "connections": 16},
    }
    return loads if client is None else {**loads, **_client_loads(client, tokens)}


def _client_loads(client: dict[str, str], tokens: list[str]) -> dict[str, Any]:
    pair = f"{quote(client['id'], safe='')}:{quote(client['secret'], safe='')}"
    basic = {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    machine = [_post("/auth/token", {"grant_type": "client_credentials", "scope": SCOPE}, basic)]
    introspect = [_post("/auth/introspect", {"token": token}, basic) for token in tokens[:100]]
    return {
        "token": {"requests": machine, "check": "pattern", "expected": '"access_token": ?"ey'},
        "introspect": {"requests": introspect, "check": "pattern", "expected": '"active": ?true'},
    }


def _gets(path: str) -> dict[str, Any]:
    return {"path": path, "tokens": TOKEN_FILE, "expected": '{"hello":"world"}'}


def _post(path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> dict[str, Any]:
    return {"method": "POST", "path": path, "headers": {**FORM, **(headers or {})}, "body": urlencode(form)}


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
