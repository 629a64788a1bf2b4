"""Follows the revocation feed, and keeps roles and keys fresh (DESIGN section 6).

Entries may become visible out of the order of their sequence: 8 may be read before 7 has committed. A reader that only
went on from the highest it saw would lose 7 for ever. So each pass reads again all that came after the cursor of some
passes ago, which is at least `OVERLAP` earlier: an entry is lost only if its insert stayed uncommitted for longer than
that, and the stores give up on a statement long before. Passes are counted, not timed, so a stepping clock cannot
shorten the overlap; what is read twice is added twice, which changes nothing.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from watchword.config import AuthConfig
from watchword.core.errors import StoreUnavailable
from watchword.flows.live_keys import LiveKeys
from watchword.flows.revocation_view import RevocationView
from watchword.flows.role_book import RoleBook
from watchword.ports.outside import Clock
from watchword.ports.sessions import Revocations

OVERLAP = timedelta(seconds=10)
PAGE = 1000
ROLES_EVERY = timedelta(seconds=1)
KEYS_EVERY = timedelta(seconds=5)
CHORES_EVERY = timedelta(seconds=30)

_log = logging.getLogger("watchword.follower")
Chore = Callable[[], Awaitable[object]]


class Follower:
    """One background task per process. It survives the loss of the store: the last view stays and its age grows."""

    def __init__(
        self,
        config: AuthConfig,
        feed: Revocations,
        clock: Clock,
        *,
        view: RevocationView,
        roles: RoleBook,
        keys: LiveKeys,
    ) -> None:
        self._poll = max(config.revocation_poll, timedelta(milliseconds=10))
        self._stale_after = config.revocation_stale_after
        self._feed = feed
        self._clock = clock
        self._view = view
        self._due: dict[Chore, timedelta] = {roles.reload: ROLES_EVERY, keys.reload: KEYS_EVERY}
        self._done: dict[Chore, datetime] = {}
        self._cursors = deque([0], maxlen=int(OVERLAP / self._poll) + 2)
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
        now = self._clock.now()
        await self._read_feed(now)
        self._view.mark_fresh(now)
        self._view.prune(now)
        failures = [failure for chore in self._chores_due(now) if (failure := await self._try(chore, now))]
        if failures:
            raise failures[0]

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
        after, newest = self._cursors[0], self._cursors[-1]
        while True:
            page = await self._feed.read(after=after, limit=PAGE, now=now)
            for entry in page:
                self._view.add(entry.revocation)
            after = page[-1].sequence if page else after
            if len(page) < PAGE:
                break
        self._cursors.append(max(after, newest))

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
        while True:
            try:
                await self.catch_up()
            except StoreUnavailable:
                self._warn_if_stale()
            except Exception:  # noqa: BLE001  whatever it was, revocations must go on being followed
                _log.exception("a pass of the follower failed")
            await asyncio.sleep(self._poll.total_seconds())

    def _warn_if_stale(self) -> None:
        staleness = self._view.staleness(self._clock.now())
        if staleness > self._stale_after:
            _log.error("revocations were last read %.0f s ago: the store does not answer", staleness.total_seconds())
