"""Delivers logout tokens in the background (OpenID Connect Back-Channel Logout 1.0 sections 2.5 and 2.8)."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from watchword.ports.outside import FetchFailed, HttpPoster, Outside

_log = logging.getLogger("watchword.logout")
PAUSES = (0.0, 2.0, 10.0, 30.0)
"""Seconds before each try. All of them, with the time that an answer may take, end before the token does."""
AT_ONCE = 64
AT_ONCE_PER_HOST = 4
"""A host that answers slowly, or makes a thousand people log out, takes no more than its share of `AT_ONCE`."""
MOST_WAITING = 10_000
CLOSE_WITHIN = 6.0
"""Seconds for the last deliveries when the process ends: one try, which may take five, for each that is waiting."""
GOOD = frozenset({200, 204})
REFUSED = range(400, 500)
"""The client has understood and refuses: another try would not help."""


class BackgroundNotifier:
    """Implements `LogoutNotifier`: some deliveries at a time, each tried a few times within two minutes.

    Nothing is stored. A process that stops tries once more what it has not delivered, and says in the log whom it could
    not tell; what one that is killed has not delivered is lost, as the specification allows.

    Args:
        outside: the way out, or None where nothing can be sent.
        sleep: waits between tries; for tests.
        close_within: how many seconds `close` may take.
    """

    def __init__(
        self,
        outside: Outside | None,
        *,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        close_within: float = CLOSE_WITHIN,
    ) -> None:
        self._poster = outside.poster if outside is not None else None
        self._sleep = sleep
        self._close_within = close_within
        self._closing = False
        self._tasks: dict[asyncio.Task[bool], str] = {}
        self._pauses: set[asyncio.Future[object]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._rooms: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def notify(self, url: str, logout_token: str) -> None:
        """Deliver a logout token soon."""
        if self._poster is None or len(self._tasks) >= MOST_WAITING:
            _log.error("a logout was not told to %s", _host(url))
            return
        task = asyncio.get_running_loop().create_task(self._deliver(self._poster, url, logout_token))
        self._tasks[task] = _host(url)
        task.add_done_callback(self._tasks.pop)

    async def drain(self) -> None:
        """Wait until everything is delivered or given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Try once more, at once, what is not delivered; give up what takes too long, and log which hosts missed it."""
        tasks, self._closing = dict(self._tasks), True
        for pause in self._pauses:
            pause.cancel()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._close_within)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        untold = Counter(host for task, host in tasks.items() if not _has_told(task))
        if untold:
            hosts = ", ".join(f"{host} ({count})" for host, count in sorted(untold.items()))
            _log.error("stopped before a logout was told to: %s", hosts)
        self._closing = False

    async def _deliver(self, poster: HttpPoster, url: str, logout_token: str) -> bool:
        """Return whether the client has accepted the token."""
        room = self._rooms.setdefault(_host(url), asyncio.Semaphore(AT_ONCE_PER_HOST))
        for pause in PAUSES:
            await self._pause(pause)
            is_last = self._closing
            async with room, self._room:
                outcome = await _try(poster, url, logout_token)
            if outcome is None:
                return True
            _log.warning("a logout was not accepted by %s: %s", _host(url), outcome)
            if is_last or outcome.startswith("refused"):
                break
        return False

    async def _pause(self, seconds: float) -> None:
        """Wait, but no longer than until `close`."""
        if self._closing:
            return
        pause = asyncio.ensure_future(self._sleep(seconds))
        self._pauses.add(pause)
        try:
            await asyncio.wait({pause})
        finally:
            self._pauses.discard(pause)
            pause.cancel()


async def _try(poster: HttpPoster, url: str, logout_token: str) -> str | None:
    """Return None if the client has accepted the token, else why not."""
    try:
        answer = await poster.post(url, form={"logout_token": logout_token})
    except FetchFailed as failure:
        return str(failure)
    if answer.status in GOOD:
        return None
    return f"refused with {answer.status}" if answer.status in REFUSED else f"answered {answer.status}"


def _has_told(task: asyncio.Task[bool]) -> bool:
    return not task.cancelled() and task.exception() is None and task.result()


def _host(url: str) -> str:
    return urlsplit(url).netloc
