"""What a big database does to traffic: `python -m bench.scale migrate`, `housekeeping --families N`, `costs --users N`.

Fills a PostgreSQL server of its own (`tests/servers`, fsync on) with the schema of the version before, and runs
`watchword migrate` over it while others go on; or deletes what has expired while requests are measured; or
measures single operations. Prints what was found as JSON lines. By hand: ten minutes and 25 GB for 10^7 families.
"""

import argparse
import asyncio
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
from tests.servers.postgres import PostgresServer

from bench.scale_costs import measure_costs, measure_view
from bench.scale_house import LEFT, compare, count_left, fill_sqlite
from bench.scale_probe import Locks, Probe
from bench.scale_rows import bytes_per_row, fill, quantile
from watchword.stores.open import open_stores
from watchword.stores.sql import schema

SETTINGS = {
    "shared_buffers": "256MB",
    "max_wal_size": "4GB",
    "log_min_messages": "log",
    "log_lock_waits": "on",
    "deadlock_timeout": "100ms",
}
"""So that a wait for a lock that is longer than a tenth of a second is in the server's log."""
BEFORE = "0002"
QUIET_SECONDS = 10.0
Change = Callable[[str], Awaitable[None]]


def tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


async def make_filled(server: PostgresServer, users: int, families: int) -> None:
    """Make the database that is copied for each measurement, unless the directory has one."""
    if server.run("SELECT count(*) FROM pg_database WHERE datname = 'filled'") == "1":
        return
    server.run("CREATE DATABASE filled")
    with patch.object(schema, "HEAD", BEFORE):
        stores = open_stores(server.url("filled"))
        await stores.migrate()
        await stores.close()
    began = time.monotonic()
    await fill(
        server.url("filled"),
        users=users,
        families=families,
        tell=lambda what: tell(filling=what, seconds=round(time.monotonic() - began)),
    )
    tell(bytes_per_row=await bytes_per_row(server.url("filled")))


async def measure_migration(server: PostgresServer, users: int, families: int, change: Change) -> None:
    """Probe the database before, while and after its schema changes."""
    maker = await asyncpg.connect(server.url("postgres"))
    await maker.execute("CREATE DATABASE migrated TEMPLATE filled STRATEGY file_copy")
    await maker.close()
    url = server.url("migrated")
    probe, locks = Probe(url, users, families), Locks(url)
    at_work = [asyncio.create_task(part.run()) for part in (probe, locks)]
    await asyncio.sleep(QUIET_SECONDS)
    began = time.monotonic()
    await change(url)
    ended = time.monotonic()
    await asyncio.sleep(QUIET_SECONDS)
    probe.stop()
    locks.stop()
    await asyncio.gather(*at_work)
    tell(migration_seconds=round(ended - began, 1), users=users, families=families, sessions=families)
    for when, since, until in (("before", 0.0, began), ("during", began, ended), ("after", ended, time.monotonic())):
        tell(when=when, milliseconds=_waits(probe, since, until))
    tell(looks=locks.looks, longest_wait_for_a_table=round(locks.waited, 3), strong_locks_seen_for=_strong(locks))
    log = (server.directory / "server.log").read_text(errors="replace")
    tell(waits_in_the_log=re.findall(r"still waiting for (\w+ on relation [^\n]*)", log))


async def _migrate(url: str) -> None:
    environment = {**os.environ, "WATCHWORD_DATABASE_URL": url, "WATCHWORD_SECRET_KEY": "not-a-real-secret" * 3}
    command = [str(Path(sys.executable).with_name("watchword")), "migrate"]
    process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=tempfile.gettempdir())
    if await process.wait():
        raise RuntimeError("the migration failed")


async def _lock_out(url: str) -> None:
    """Make the index as one would without thinking of others: to compare, and to see that the probe would notice."""
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER TABLE watchword_sessions ADD COLUMN browser_id text")
    await connection.execute("CREATE INDEX plain ON watchword_sessions (user_id, browser_id)")
    await connection.close()


def _waits(probe: Probe, since: float, until: float) -> dict[str, dict[str, float]]:
    found = {}
    for kind, times in probe.times.items():
        waits = [wait for due, wait in times if since <= due < until]
        if waits:
            ranks = {"median": quantile(waits, 0.5), "p99": quantile(waits, 0.99), "longest": max(waits)}
            found[kind] = {"count": len(waits), **{name: round(value, 1) for name, value in ranks.items()}}
    return found


def _strong(locks: Locks) -> dict[str, float]:
    return {name: round(seconds, 3) for name, seconds in sorted(locks.held.items(), key=lambda item: -item[1])[:5]}


async def measure_housekeeping(server: PostgresServer, expired: int, windows: int, directory: Path) -> None:
    """Compare requests with and without housekeeping, on PostgreSQL and on SQLite."""
    server.run("DROP DATABASE IF EXISTS expired WITH (FORCE)")
    server.run("CREATE DATABASE expired")
    url = server.url("expired")
    await _migrate(url)
    await fill(url, users=expired // 10, families=expired, tell=lambda what: tell(filling=what))
    tell(bytes_per_row=await bytes_per_row(url))
    found = await compare(url, directory, windows)
    tell(store="postgresql", expired=expired, left=int(server.run(LEFT, "expired")), milliseconds=found)
    server.run("DROP DATABASE expired WITH (FORCE)")
    path = directory / "expired.db"
    await _migrate(f"sqlite:///{path}")
    fill_sqlite(path, expired)
    tell(sqlite_bytes_per_row=path.stat().st_size / expired, of="a session and its family")
    found = await compare(f"sqlite:///{path}", directory, windows)
    tell(store="sqlite", expired=expired, left=count_left(path), milliseconds=found)


async def measure_each(server: PostgresServer, count: int) -> None:
    """Tell the cost of each operation, over a database of its own."""
    server.run("DROP DATABASE IF EXISTS costs WITH (FORCE)")
    server.run("CREATE DATABASE costs")
    await _migrate(server.url("costs"))
    for name, cost in (await measure_costs(server, "costs", count)).items():
        tell(operation=name, **cost)
    server.run("DROP DATABASE costs WITH (FORCE)")
    tell(one_revocation_in_a_view=measure_view())


async def run(chosen: argparse.Namespace, directory: Path, scratch: Path) -> None:
    server = PostgresServer(directory / "server", durable=True, **SETTINGS)
    server.start()
    try:
        if chosen.what == "housekeeping":
            await measure_housekeeping(server, chosen.families, chosen.windows, scratch)
            return
        if chosen.what == "costs":
            await measure_each(server, chosen.users)
            return
        await make_filled(server, chosen.users, chosen.families)
        change = _lock_out if chosen.what == "plain-index" else _migrate
        await measure_migration(server, chosen.users, chosen.families, change)
    finally:
        if chosen.directory is None:
            server.remove()
        else:
            server.run("DROP DATABASE IF EXISTS migrated WITH (FORCE)")
            server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="Change the schema of a big database under load, or clean up in it.")
    parser.add_argument("what", choices=["migrate", "plain-index", "housekeeping", "costs"])
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--families", type=int, default=10_000_000)
    parser.add_argument("--windows", type=int, default=30, help="pairs of two seconds with and without housekeeping")
    parser.add_argument("--directory", type=Path, help="keep the filled server here, and take it from here")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="watchword-scale-") as place:
        Path(place).chmod(0o755)
        asyncio.run(run(chosen, chosen.directory or Path(place), Path(place)))


if __name__ == "__main__":
    main()
