"""Cleans up in the background, beside requests and beside the follower, which must not wait for it."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from watchword.core.errors import StoreUnavailable

EVERY = timedelta(minutes=10)
FIRST = timedelta(minutes=1)
"""Within so long after the start the first round begins: processes that start together do not begin together."""

_log = logging.getLogger("watchword.housekeeping")


class Housekeeper:
    """One background task per process."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether the background task is at work, or waits for its next round."""
        return self._task is not None and not self._task.done()

    def start(self, clean: Callable[[], Awaitable[object]]) -> None:
        """Begin, once, to run this again and again. Whatever it raises, it is tried again in the next round."""
        if not self.running:
            self._task = asyncio.get_running_loop().create_task(self._run(clean))

    async def stop(self) -> None:
        """End the background task."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _run(self, clean: Callable[[], Awaitable[object]]) -> None:
        await asyncio.sleep(random.random() * FIRST.total_seconds())  # noqa: S311  so that few keep step
        while True:
            try:
                await clean()
            except StoreUnavailable as unavailable:
                _log.info("housekeeping waits for its next round: %s", unavailable.hint)
            except Exception:  # noqa: BLE001  there is a next round
                _log.exception("housekeeping failed")
            await asyncio.sleep(EVERY.total_seconds())
