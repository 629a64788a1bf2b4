"""What requests notice of housekeeping, with a million expired sessions and families to delete."""

import asyncio
import random
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Any

from bench.prober import Prober
from bench.scale_rows import AGENT, BEGAN, LASTS, SPAN, quantile
from bench.servers import Server, free_port, uvicorn

WINDOW = 2.0
"""Seconds with housekeeping, then as many without: so the machine's slow moments meet both."""
SESSIONS = """INSERT INTO watchword_sessions (user_id, id, client_id, created_at, last_seen_at, expires_at,
    auth_time, amr, user_agent) VALUES (?, ?, 'first-party', ?, ?, ?, ?, '["pwd"]', ?)"""
FAMILIES = """INSERT INTO watchword_refresh_families (user_id, id, session_id, client_id, scopes, created_at,
    idle_expires_at, expires_at, generation, resource, status)
    VALUES (?, ?, ?, 'first-party', '["items:read"]', ?, ?, ?, 3, '[]', 'active')"""
LEFT = f"SELECT count(*) FROM watchword_sessions WHERE expires_at <= {BEGAN + SPAN + LASTS}"


def fill_sqlite(path: Path, count: int) -> None:
    """Add expired sessions, and a family for each."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        logins = list(_logins(count))
        sessions = ((user, session, at, at, at + LASTS, at, AGENT) for user, session, _, at in logins)
        connection.executemany(SESSIONS, sessions)
        families = ((user, family, session, at, at, at + LASTS) for user, session, family, at in logins)
        connection.executemany(FAMILIES, families)
        connection.commit()


def _logins(count: int) -> Iterator[tuple[str, str, str, int]]:
    for number in range(count):
        at = BEGAN + number * SPAN // count
        yield _id(BEGAN, number % (count // 10)), _id(at, number), _id(at, -1 - number), at


def _id(at: int, seed: int) -> str:
    drawn = f"{random.Random(seed).getrandbits(72):018x}"
    return f"{at:012x}"[:8] + f"-{f'{at:012x}'[8:]}-7{drawn[:3]}-8{drawn[3:6]}-{drawn[6:]}"


def count_left(path: Path) -> int:
    """Return how many expired sessions there are still."""
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute(LEFT).fetchone()[0])


async def compare(url: str, directory: Path, windows: int) -> dict[str, Any]:
    """Return the milliseconds of requests with and without housekeeping, in turn."""
    environment = {"WATCHWORD_DATABASE_URL": url, "WATCHWORD_SECRET_KEY": "not-a-real-secret" * 3}
    port = free_port()
    root = Path(__file__).parents[1]
    command = uvicorn(Path(sys.executable), "bench.scale_app:app", port, "--app-dir", str(root))
    times: dict[str, list[list[float]]] = {"clean": [], "rest": []}
    with Server(command, port, directory=directory, environment=environment, core=None) as server:
        await Prober(port, "/login").run(WINDOW)
        for number in range(windows):
            for kind in sorted(times, reverse=bool(number % 2)):
                await asyncio.to_thread(server.ask_json, f"/bench/{kind}")
                times[kind].append(await Prober(port, "/login").run(WINDOW))
    return {kind: _ranks(windows) for kind, windows in times.items()}


def _ranks(windows: list[list[float]]) -> dict[str, float]:
    """Return the medians over the windows: what else the machine did in one of them does not decide."""
    ranks = {f"p{share}": [quantile(window, share / 100) for window in windows] for share in (50, 90, 99)}
    return {"requests": sum(map(len, windows)), **{name: round(median(found), 2) for name, found in ranks.items()}}
