"""Logins, refreshes, reads and logouts of the version before, at fixed times, while the schema changes under them.

Each time is measured from when the statement was due, so one that stands still is charged with all that it delays.
"""

import asyncio
import itertools
import random
import time
from collections.abc import Mapping

import asyncpg

from bench.scale_rows import BEGAN, MAKE_ID, SPAN

RATE = 100
CONNECTIONS = 8
EVERY = 0.01
ID = "pg_temp.id_of('{}', {}, {})".format
USER, SESSION, FAMILY = ID("user", "$2", BEGAN), ID("session", "$1", "$3"), ID("family", "$1", "$3")
STATEMENTS: Mapping[str, str] = {
    "read a user": f"""SELECT username FROM watchword_users
        WHERE id = {USER} AND $1::bigint IS NOT NULL AND $3::bigint IS NOT NULL""",
    "login": f"""INSERT INTO watchword_sessions (user_id, id, client_id, created_at, last_seen_at, expires_at,
        auth_time, amr, user_agent) SELECT {USER}, {ID("probe", "$1", "$3")}, '', $3::bigint, $3, $3, $3, '[]', ''""",
    "refresh": f"""UPDATE watchword_refresh_families SET generation = generation + 1, rotated_at = $3::bigint
        WHERE user_id = {USER} AND id = {FAMILY} AND status = 'active'""",
    "logout": f"""UPDATE watchword_sessions SET ended_at = $3::bigint
        WHERE user_id = {USER} AND id = {SESSION} AND ended_at IS NULL""",
}
HELD = """
SELECT relation::regclass::text || ' ' || mode || ' ' || pid, granted,
    coalesce(extract(epoch FROM clock_timestamp() - waitstart), 0)::float
FROM pg_locks WHERE locktype = 'relation' AND relation::regclass::text LIKE 'watchword%'
AND (NOT granted OR mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'))
"""
"""Locks that keep writers out, and whatever waits for a table."""


class Probe:
    """Asks `RATE` times a second until it is stopped.

    Attributes:
        times: when each statement was due (seconds of the monotonic clock) and how many milliseconds it took, by kind.
    """

    def __init__(self, dsn: str, users: int, families: int) -> None:
        self._dsn = dsn
        self._users = users
        self._families = families
        self._stopped = asyncio.Event()
        self._pool: asyncpg.Pool | None = None
        self.times: dict[str, list[tuple[float, float]]] = {name: [] for name in STATEMENTS}

    async def run(self) -> None:
        """Ask until `stop`. Raises asyncpg.PostgresError where a statement failed."""
        prepare = lambda connection: connection.execute(MAKE_ID)  # noqa: E731
        self._pool = await asyncpg.create_pool(
            self._dsn, min_size=CONNECTIONS, max_size=CONNECTIONS, init=prepare, reset=_leave
        )
        asking, began = [], time.monotonic()
        for number in itertools.count():
            due = began + number / RATE
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            if self._stopped.is_set():
                break
            asking.append(asyncio.create_task(self._ask(list(STATEMENTS)[number % len(STATEMENTS)], due, number)))
        await asyncio.gather(*asking)
        await self._pool.close()

    def stop(self) -> None:
        """Ask no more."""
        self._stopped.set()

    async def _ask(self, kind: str, due: float, number: int) -> None:
        login = random.randrange(self._families) if kind != "login" else -1 - number
        at = BEGAN + login * SPAN // self._families
        await self._pool.execute(STATEMENTS[kind], login, login % self._users, at)
        self.times[kind].append((due, (time.monotonic() - due) * 1000))


async def _leave(_: object) -> None:
    """Keep a connection as it is."""


class Locks:
    """Looks at the locks of tables all the time.

    Attributes:
        held: seconds for which each strong lock was seen, by table, mode and process.
        waited: the longest that anybody was seen to wait for a table.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._stopped = False
        self.held: dict[str, float] = {}
        self.waited = 0.0
        self.looks = 0

    async def run(self) -> None:
        """Look until `stop`."""
        connection = await asyncpg.connect(self._dsn)
        seen: dict[str, float] = {}
        before = time.monotonic()
        while not self._stopped:
            rows = await connection.fetch(HELD)
            now = time.monotonic()
            # What was seen may have begun just after the look before, and ended just before the next.
            seen = {name: seen.get(name, before) for name, granted, _ in rows if granted}
            for name, since in seen.items():
                self.held[name] = max(self.held.get(name, 0.0), now - since)
            self.waited = max([self.waited, *(waited for _, _, waited in rows)])
            self.looks += 1
            before = now
            await asyncio.sleep(EVERY)
        await connection.close()

    def stop(self) -> None:
        """Look no more."""
        self._stopped = True
