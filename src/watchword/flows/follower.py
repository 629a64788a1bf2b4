"""Follows the revocation feed, and keeps roles and keys fresh.

Entries may become visible out of the order of their sequence: 8 may be read before 7 has committed. A reader that only
went on from the highest it saw would lose 7 for ever. So a pass begins below the lowest gap that is younger than
`OVERLAP`. What is missing there was begun before the entry above it was read, and the stores give up on a statement
long before `OVERLAP` has passed: then it is there, or it never will be. Without gaps a pass reads only what is new.

At the start there are gaps of all ages, left by what has expired, and nobody knows since when. Those among the last
`RECENT` sequences are treated as above, so that what is late comes soon; and after `OVERLAP` the whole feed is read
once more, so that nothing is lost. The overlap is of a clock that never steps. When the clock of the day goes back, the
whole feed is read too: what had seemed expired may be needed again.

Passes are made at the interval of polling. Where the store or Redis pushes, an announcement brings one forward.
"""

import asyncio
import logging
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from watchword.config import AuthConfig
from watchword.core.errors import StoreUnavailable
from watchword.core.models.sessions import FeedEntry
from watchword.flows.feed_gaps import FeedGaps
from watchword.flows.live_keys import LiveKeys
from watchword.flows.revocation_view import RevocationView
from watchword.flows.role_book import RoleBook
from watchword.flows.stale_alarm import StaleAlarm
from watchword.ports.outside import Clock, FeedSignal, PollingSignal
from watchword.ports.sessions import Revocations

OVERLAP = timedelta(seconds=10)
PAGE = 1000
RECENT = 100
LEAST_INTERVAL = timedelta(milliseconds=20)
"""Between two passes, however much is announced: a storm of announcements is read in few passes."""
ROLES_EVERY = timedelta(seconds=1)
KEYS_EVERY = timedelta(seconds=5)
CHORES_EVERY = timedelta(seconds=30)

_log = logging.getLogger("watchword.follower")
_OVERLAP = OVERLAP.total_seconds()
Chore = Callable[[], Awaitable[object]]


class Follower:
    """One background task per process. It survives the loss of the store: the last view stays and its age grows.

    Attributes:
        signal: what brings passes forward; by default nothing does.
        newest_at: the latest time of an entry that was read, or None.
    """

    def __init__(
        self,
        config: AuthConfig,
        feed: Revocations,
        clock: Clock,
        *,
        signal: FeedSignal | None = None,
        view: RevocationView,
        roles: RoleBook,
        keys: LiveKeys,
    ) -> None:
        self._poll = max(config.revocation_poll, timedelta(milliseconds=10))
        self._alarm = StaleAlarm(config.revocation_stale_after)
        self._feed = feed
        self._clock = clock
        self.signal = signal or PollingSignal()
        self._view = view
        self._due: dict[Chore, timedelta] = {roles.reload: ROLES_EVERY, keys.reload: KEYS_EVERY}
        self._done: dict[Chore, datetime] = {}
        self._gaps = FeedGaps()
        self._elapsed: Callable[[], float] = time.monotonic
        self._whole_at = math.inf
        self._read_at: datetime | None = None
        self.newest_at: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def add_chore(self, chore: Chore, every: timedelta = CHORES_EVERY) -> None:
        """Run this too, from now on, whenever `every` has passed."""
        self._due[chore] = every

    async def catch_up(self) -> None:
        """Make one pass: read the feed to its end, then do whatever is due, each chore for itself.

        Raises:
            StoreUnavailable: some of it was not done; the next pass does it.
            Exception: what the first chore raised that failed, after the last.
        """
        now = await self._catch_up_with_feed()
        failures = [failure for chore in self._chores_due(now) if (failure := await self._try(chore, now))]
        if failures:
            raise failures[0]

    async def _catch_up_with_feed(self) -> datetime:
        now = self._clock.now()
        await self._read_feed(now)
        self._view.mark_fresh(now)
        self._view.prune(now)
        self._alarm.made()
        return now

    def _chores_due(self, now: datetime) -> list[Chore]:
        last = self._done.get
        return [chore for chore, every in self._due.items() if (at := last(chore)) is None or abs(now - at) >= every]

    async def _try(self, chore: Chore, now: datetime) -> Exception | None:
        try:
            await chore()
        except Exception as failure:  # noqa: BLE001  the other chores have nothing to do with it
            return failure
        self._done[chore] = now
        return None

    async def _read_feed(self, now: datetime) -> None:
        began = self._elapsed()
        async for page in self._pages(self._gaps.cursor, now):
            seen_at = self._elapsed()
            self.newest_at = max(self.newest_at or page[0].revocation.at, *(entry.revocation.at for entry in page))
            for entry in page:
                if self._gaps.take(entry.sequence, at=seen_at):
                    self._view.add(entry.revocation)
        self._gaps.close(until=began - _OVERLAP)
        if self._read_at is None:
            self._gaps.forget_below(self._gaps.newest - RECENT)
            self._whole_at = self._elapsed() + _OVERLAP
        elif now < self._read_at:
            await self._read_whole_feed(now)
        if began >= self._whole_at:
            await self._read_whole_feed(now)
            self._whole_at = math.inf
        self._read_at = now

    async def _read_whole_feed(self, now: datetime) -> None:
        async for page in self._pages(0, now):
            for entry in page:
                self._view.add(entry.revocation)

    async def _pages(self, after: int, now: datetime) -> AsyncIterator[Sequence[FeedEntry]]:
        while page := await self._feed.read(after=after, limit=PAGE, now=now):
            yield page
            if len(page) < PAGE:
                return
            after = page[-1].sequence

    @property
    def running(self) -> bool:
        """Whether the background task is at work."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin to follow in the background, once."""
        if not self.running:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """End the background task."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self) -> None:
        """Poll at a steady interval, chores and all; in between read the feed whenever something is announced."""
        polled_at = -math.inf
        while True:
            began = self._elapsed()
            if began >= polled_at + self._poll.total_seconds():
                polled_at = began
                await self._survive(self.catch_up)
            else:
                await self._survive(self._catch_up_with_feed)
            await self._wait_until(polled_at + self._poll.total_seconds())
            await asyncio.sleep(max(0.0, began + LEAST_INTERVAL.total_seconds() - self._elapsed()))

    async def _survive(self, work: Chore) -> None:
        try:
            await work()
        except StoreUnavailable:
            self._alarm.missed(self._view.staleness(self._clock.now()))
        except Exception:  # noqa: BLE001  whatever it was, revocations must go on being followed
            _log.exception("a pass of the follower failed")

    async def _wait_until(self, deadline: float) -> None:
        left = deadline - self._elapsed()
        if left <= 0:
            return
        try:
            await self.signal.wait(timedelta(seconds=left))
        except Exception:  # noqa: BLE001  whatever it was, polling goes on
            _log.exception("the announcement of revocations failed")
            await asyncio.sleep(left)
