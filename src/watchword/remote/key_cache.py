"""Keeps an issuer's keys at hand: no request waits for the issuer while good keys are known (RFC 7517, RFC 9111).

- One fetch at a time, whoever asks. It belongs to no request, so a request that is given up does not end it.
- Expired keys are served while a fetch runs beside the requests; on failure they stay, for a day, and tries get rarer.
- A failure without any keys is remembered for a second, and later requests wait for a slow issuer one second at most.
- A token with an unknown `kid` causes one fetch in 30 seconds, however many such tokens come.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from watchword.core.errors import Unavailable
from watchword.ports.outside import Clock, FetchFailed
from watchword.remote.key_source import Keys, Loaded

logger = logging.getLogger("watchword.remote")


_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_MOST_DOUBLINGS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTimes:
    """How long keys are kept and how often the issuer is asked."""

    stale_ttl: timedelta = timedelta(hours=24)
    """How long keys serve after the last good fetch, when the issuer cannot be reached."""
    unknown_key_pause: timedelta = timedelta(seconds=30)
    """The least time between two fetches for the sake of an unknown `kid`."""
    first_pause: timedelta = timedelta(seconds=1)
    """After a failure; doubled with each further one as long as there are keys to serve."""
    longest_pause: timedelta = timedelta(minutes=1)
    patience: float = 1.0
    """Seconds a request waits for a fetch when the one before has failed."""


class KeyCache:
    """The keys of one issuer, in memory. Times come from the clock that is given.

    Args:
        load: fetches the keys; raises FetchFailed.
        clock: the time.
        times: how long and how often.
    """

    def __init__(self, load: Callable[[], Awaitable[Loaded]], clock: Clock, *, times: CacheTimes | None = None) -> None:
        self._load = load
        self._clock = clock
        self._times = times or CacheTimes()
        self._keys: Keys | None = None
        self._fresh_until = self._stale_until = self._next_try_at = self._next_unknown_at = _LONG_AGO
        self._failures = 0
        self._reason = ""
        self._fetch: asyncio.Task[None] | None = None

    async def get(self) -> Keys:
        """Return the keys: at once where there are any, else after a fetch.

        Raises:
            Unavailable: there are none, and the issuer cannot be reached.
        """
        now = self._clock.now()
        if self._keys is not None and now < self._stale_until:
            if now >= self._fresh_until and now >= self._next_try_at:
                self._start_fetch()
            return self._keys
        if now >= self._next_try_at:
            await self._wait_for_fetch()
        if self._keys is None or now >= self._stale_until:
            raise Unavailable(hint=f"no keys of the issuer: {self._reason or 'still being fetched'}")
        return self._keys

    async def get_refetched(self) -> Keys:
        """Return the keys after a fetch for the sake of an unknown `kid`, or as they are if it is too soon for one."""
        now = self._clock.now()
        if self._running_fetch() is not None:
            await self._wait_for_fetch()
        elif now >= self._next_unknown_at:
            self._next_unknown_at = now + self._times.unknown_key_pause
            await self._wait_for_fetch()
        return await self.get()

    async def close(self) -> None:
        """End a running fetch. The keys stay, and a later request may fetch again."""
        task, self._fetch = self._running_fetch(), None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})

    async def _wait_for_fetch(self) -> None:
        """Wait for the running fetch, or for a new one. Being cancelled here leaves the fetch running."""
        task = self._running_fetch() or self._start_fetch()
        await asyncio.wait({task}, timeout=self._times.patience if self._failures else None)

    def _start_fetch(self) -> asyncio.Task[None]:
        task = self._running_fetch()
        if task is None:
            task = self._fetch = asyncio.create_task(self._run_fetch())
        return task

    def _running_fetch(self) -> asyncio.Task[None] | None:
        """Return the fetch under way in this event loop; one of a loop that has ended will never finish."""
        task = self._fetch
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            return None
        return task

    async def _run_fetch(self) -> None:
        try:
            loaded = await self._load()
        except FetchFailed as failure:
            self._note_failure(str(failure))
        else:
            self._note_success(loaded)

    def _note_success(self, loaded: Loaded) -> None:
        now = self._clock.now()
        self._keys, self._failures, self._reason = loaded.keys, 0, ""
        self._fresh_until = now + loaded.fresh_ttl
        self._stale_until = max(self._fresh_until, now + self._times.stale_ttl)
        self._next_try_at = _LONG_AGO

    def _note_failure(self, reason: str) -> None:
        """Keep what keys there are. Without any, try again after the first pause: somebody is waiting."""
        now = self._clock.now()
        stale = self._keys is not None and now < self._stale_until
        doublings = min(self._failures, _MOST_DOUBLINGS) if stale else 0
        self._failures += 1
        self._reason = reason
        self._next_try_at = now + min(self._times.first_pause * 2**doublings, self._times.longest_pause)
        logger.warning(
            "cannot fetch the keys of the issuer (%s): %s", "serving the old ones" if stale else "none", reason
        )
