"""What one operation costs over PostgreSQL: processor time of the application, statements, commits, bytes of log."""

import asyncio
import os
import time
import tracemalloc
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
from tests.servers.postgres import PostgresServer

from watchword.core.ids import new_id
from watchword.core.models.sessions import Revocation, RevocationKind
from watchword.core.models.verdict import Verdict
from watchword.flows.access import authenticate
from watchword.flows.account import get_account
from watchword.flows.context import Context, open_context
from watchword.flows.revocation_view import RevocationView
from watchword.flows.revoke import revoke_token
from watchword.flows.sessions import end_session
from watchword.flows.signup import SignUp, sign_up
from watchword.flows.token import TokenRequest, issue_token
from watchword.settings import Settings
from watchword.stores.open import open_stores
from watchword.stores.sql.postgres_transaction import PostgresTransaction

AT_ONCE = 16
Work = Callable[[int], Awaitable[Any]]
WHAT = ("cpu_ms", "database_cpu_ms", "wal_bytes")
LOGGED = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
ENTRIES = 100_000


class NoHash:
    """Stands for the password hashes, whose cost is known: all others are measured without it."""

    async def hash(self, password: str) -> str:
        return "$none$" + password

    async def verify(self, password: str, password_hash: str | None) -> Verdict:
        return Verdict(matches=password_hash == "$none$" + password)


class Costs:
    """Measures operations, one kind after the other."""

    def __init__(self, watcher: asyncpg.Connection, server: PostgresServer, count: int) -> None:
        self.found: dict[str, dict[str, float]] = {}
        self._watcher = watcher
        self._server = server
        self._count = count

    async def of(self, name: str, work: Work) -> list[Any]:
        """Run an operation many times, some at once; return the answers."""
        statements: Counter[str] = Counter()
        real = PostgresTransaction._execute

        def counted(transaction: Any, statement: Any, values: Any) -> Any:
            statements["all"] += 1
            return real(transaction, statement, values)

        before = await self._standing()
        answers: list[Any] = []
        with patch.object(PostgresTransaction, "_execute", counted):
            for first in range(0, self._count, AT_ONCE):
                numbers = range(first, min(first + AT_ONCE, self._count))
                answers += await asyncio.gather(*map(work, numbers))
        after = await self._standing()
        spent = [(late - early) / self._count for early, late in zip(before, after, strict=True)]
        costs = {**dict(zip(WHAT, spent, strict=True)), "statements": statements["all"] / self._count}
        self.found[name] = {what: round(cost, 2) for what, cost in costs.items()}
        return answers

    async def _standing(self) -> tuple[float, float, float]:
        """Return milliseconds of this process and of the server's, and how long the log of the server is."""
        theirs = sum(map(_ticks, self._server._pids())) * 1000 / os.sysconf("SC_CLK_TCK")
        return time.process_time() * 1000, theirs, await self._watcher.fetchval(LOGGED)


def _ticks(pid: int) -> int:
    return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))


def measure_view() -> dict[str, float]:
    """Return what it costs a process to take in one revocation, and to remember it."""
    now = datetime.now(UTC)
    subjects = [new_id(now) for _ in range(ENTRIES)]
    tracemalloc.start()
    view = RevocationView()
    entries = [
        Revocation(kind=RevocationKind.SESSION, subject=subject, at=now, expires_at=now + timedelta(minutes=12))
        for subject in subjects
    ]
    before, _ = tracemalloc.get_traced_memory()
    for entry in entries:
        view.add(entry)
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    began = time.process_time()
    again = RevocationView()
    for entry in entries:
        again.add(entry)
    spent = time.process_time() - began
    return {"bytes": round(taken / ENTRIES), "cpu_us": round(spent / ENTRIES * 1e6, 2)}


async def measure_costs(server: PostgresServer, database: str, count: int) -> dict[str, dict[str, float]]:
    """Return the cost of each operation, without password hashes and HTTP."""
    url = server.url(database)
    settings = Settings(database_url=url, secret_key="not-a-real-secret" * 3, rate_limits=False, signup="open")
    stores = open_stores(url)
    ctx = open_context(settings.to_config(), stores, hasher=NoHash())
    await ctx.start(follow=False)
    watcher = await asyncpg.connect(url)
    costs = Costs(watcher, server, count)
    await _use(ctx, costs)
    await watcher.close()
    await ctx.close()
    await stores.close()
    return costs.found


async def _use(ctx: Context, costs: Costs) -> None:
    password = "not-a-real-password"

    def ask(**form: str) -> Awaitable[Any]:
        return issue_token(ctx, TokenRequest(form=form))

    users = await costs.of("sign-up", lambda n: sign_up(ctx, SignUp(username=f"person{n}", password=password)))
    logins = await costs.of("login", lambda n: ask(grant_type="password", username=f"person{n}", password=password))
    await costs.of("first sight of a token", lambda n: authenticate(ctx, logins[n].access_token))
    await costs.of("a token that was seen", lambda n: authenticate(ctx, logins[n].access_token))
    await costs.of("read the account", lambda n: get_account(ctx, users[n].id))
    refreshed = await costs.of(
        "refresh", lambda n: ask(grant_type="refresh_token", refresh_token=logins[n].refresh_token)
    )
    half = {n: (await authenticate(ctx, refreshed[n].access_token)).session_id for n in range(len(users))}
    await costs.of("end a session", lambda n: end_session(ctx, users[n].id, half[n], reason="logout"))
    again = await asyncio.gather(
        *(ask(grant_type="password", username=f"person{n}", password=password) for n in range(len(users)))
    )
    await costs.of(
        "revoke a refresh token", lambda n: revoke_token(ctx, TokenRequest(form={"token": again[n].refresh_token}))
    )
