"""Delivers logout tokens in the background (OpenID Connect Back-Channel Logout 1.0 sections 2.5 and 2.8)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from watchword.ports.outside import FetchFailed, HttpPoster, Outside

_log = logging.getLogger("watchword.logout")
PAUSES = (0.0, 2.0, 10.0, 30.0)
"""Seconds before each try. All of them, with the time that an answer may take, end before the token does."""
AT_ONCE = 16
MOST_WAITING = 10_000
GOOD = frozenset({200, 204})
REFUSED = range(400, 500)
"""The client has understood and refuses: another try would not help."""


class BackgroundNotifier:
    """Implements `LogoutNotifier`: a few deliveries at a time, each tried a few times within two minutes.

    Nothing is stored: what a process that is killed has not delivered is lost, as the specification allows.

    Args:
        outside: the way out, or None where nothing can be sent.
        sleep: waits between tries; for tests.
    """

    def __init__(self, outside: Outside | None, *, sleep: Callable[[float], Awaitable[object]] = asyncio.sleep) -> None:
        self._poster = outside.poster if outside is not None else None
        self._sleep = sleep
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    def notify(self, url: str, logout_token: str) -> None:
        """Deliver a logout token soon."""
        if self._poster is None or len(self._tasks) >= MOST_WAITING:
            _log.error("a logout was not told to %s", _shown(url))
            return
        task = asyncio.get_running_loop().create_task(self._deliver(self._poster, url, logout_token))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Wait until everything is delivered or given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        """Give up what is not delivered yet."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _deliver(self, poster: HttpPoster, url: str, logout_token: str) -> None:
        for pause in PAUSES:
            await self._sleep(pause)
            async with self._room:
                outcome = await _try(poster, url, logout_token)
            if outcome is None:
                return
            _log.warning("a logout was not accepted by %s: %s", _shown(url), outcome)
            if outcome.startswith("refused"):
                return


async def _try(poster: HttpPoster, url: str, logout_token: str) -> str | None:
    """Return None if the client has accepted the token, else why not."""
    try:
        answer = await poster.post(url, form={"logout_token": logout_token})
    except FetchFailed as failure:
        return str(failure)
    if answer.status in GOOD:
        return None
    return f"refused with {answer.status}" if answer.status in REFUSED else f"answered {answer.status}"


def _shown(url: str) -> str:
    return urlsplit(url).netloc
