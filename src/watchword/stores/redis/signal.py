"""Push of the revocation feed by Redis' publish and subscribe: a word that it has grown, never what was revoked."""

import asyncio
import logging
import random
from collections.abc import Awaitable
from datetime import timedelta
from typing import cast

from redis.asyncio.client import PubSub

from watchword.ports.shared import Unreachable
from watchword.stores.redis.server import ANSWERS_WITHIN, FAILURES, RedisServer

HEARD_EVERY = 1.0
"""Seconds between two questions to Redis, which show whether it still lives."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between attempts to connect again, doubled each time."""

_log = logging.getLogger("watchword.redis")


class RedisSignal:
    """Implements `ports.outside.FeedSignal`. It listens from the first `wait` on, and again after every loss.

    A new subscription counts as an announcement, since whatever was said meanwhile went unheard.

    Attributes:
        processes: how many processes were listening when Redis was last heard, at least 1.
    """

    def __init__(self, server: RedisServer, *, channel: str) -> None:
        self.processes = 1
        self._server = server
        self._channel = channel
        self._announced = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._pause = FIRST_PAUSE
        self._lost = False

    async def announce(self) -> None:
        """Wake whoever waits, in every process. Raises `Unreachable`."""
        client = self._server.client
        await self._server.call(lambda: cast("Awaitable[object]", client.publish(self._channel, "1")))

    async def wait(self, at_most: timedelta, /) -> None:
        """Return as soon as something was announced since the last wait returned, or when the time is over."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._listen())
        try:
            async with asyncio.timeout(at_most.total_seconds()):
                await self._announced.wait()
        except TimeoutError:
            return
        self._announced.clear()

    async def close(self) -> None:
        """Stop listening."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _listen(self) -> None:
        while True:
            try:
                async with self._server.client.pubsub() as subscription:
                    await self._hear(subscription)
            except (*FAILURES, Unreachable) as failure:
                self._note_loss(failure)
            except Exception:  # noqa: BLE001  whatever it was, listening must go on
                _log.exception("listening to Redis failed")
            await asyncio.sleep(self._pause * random.uniform(0.5, 1))  # noqa: S311  spreads reconnections
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    async def _hear(self, subscription: PubSub) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(ANSWERS_WITHIN):
            await subscription.subscribe(self._channel)
        asked_at = float("-inf")
        while True:
            if loop.time() >= asked_at + HEARD_EVERY:
                await self._count_processes()
                asked_at = loop.time()
            message = await subscription.get_message(timeout=HEARD_EVERY)
            if message is not None:
                self._note_success()
                self._announced.set()

    async def _count_processes(self) -> None:
        """Ask how many listen, which also shows that Redis answers. Raises `Unreachable`."""
        client = self._server.client
        answer = await self._server.call(
            lambda: cast("Awaitable[list[tuple[bytes, int]]]", client.pubsub_numsub(self._channel))
        )
        self.processes = max(1, *(int(count) for _, count in answer))

    def _note_loss(self, failure: Exception) -> None:
        if not self._lost:
            _log.warning("Redis does not push revocations (%s); they are polled for", type(failure).__name__)
        self._lost = True

    def _note_success(self) -> None:
        if self._lost:
            _log.info("Redis pushes revocations again")
        self._lost, self._pause = False, FIRST_PAUSE
