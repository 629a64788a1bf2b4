"""Tells every process of new revocations by NOTIFY, which each waits for on a connection of its own (LISTEN)."""

import asyncio
import logging
import random
from contextlib import suppress
from datetime import timedelta

from watchword.stores.sql.postgres_engine import connect
from watchword.stores.sql.postgres_errors import DRIVER_ERRORS
from watchword.stores.sql.postgres_url import PostgresAddress

CHANNEL = "watchword_feed"
PAUSES = (0.1, 2.0)
"""Seconds before another attempt to connect, at least and at most: a random time in between."""

_log = logging.getLogger("watchword.stores.sql")


class PostgresSignal:
    """Push of the feed (see `ports.outside.FeedSignal`). What it misses while it has no connection, polling finds."""

    def __init__(self, address: PostgresAddress) -> None:
        self._address = address
        self._announced = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def announce(self) -> None:
        """Do nothing: whoever appends notifies in the same transaction (see `PostgresDatabase.announce`)."""

    async def wait(self, at_most: timedelta, /) -> None:
        """Return as soon as something was announced since the last wait returned, or when the time is over."""
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._announced = asyncio.Event()
            self._task = loop.create_task(self._listen())
        with suppress(TimeoutError):
            async with asyncio.timeout(at_most.total_seconds()):
                await self._announced.wait()
        self._announced.clear()

    async def close(self) -> None:
        """Free the connection; a later `wait` may open it again."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except DRIVER_ERRORS as error:
                _log.info("revocations are polled, not pushed, until the database answers: %s", type(error).__name__)
            await asyncio.sleep(random.uniform(*PAUSES))  # noqa: S311  so that not all come back at once

    async def _listen_once(self) -> None:
        """Listen until the connection ends. Whatever came before it began is found by one read more."""
        connection = await connect(self._address)
        ended = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: ended.set())
            await connection.add_listener(CHANNEL, lambda *_: self._announced.set())
            self._announced.set()
            await ended.wait()
        finally:
            connection.terminate()
