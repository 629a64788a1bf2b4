"""One Redis, asked within a time limit, and left alone for a moment after it failed."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from watchword.ports.shared import Unreachable
from watchword.stores.redis_url import check_redis_url

T = TypeVar("T")

ANSWERS_WITHIN = 0.2
"""Seconds for one command, connecting included."""
LEFT_ALONE = 1.0
"""Seconds after a failure in which nobody waits for this Redis; then one caller tries."""
MOST_CONNECTIONS = 16
FAILURES = (RedisError, OSError, TimeoutError)


class RedisServer:
    """A pool of connections with a circuit breaker.

    A connection that broke while it was idle is made anew once, within the same time limit; a command that got no
    answer is not sent again, for it may have been carried out.

    Args:
        url: as `check_redis_url` takes it.
        elapsed: seconds of a clock that never steps.

    Attributes:
        client: for what needs a connection of its own.
    """

    def __init__(self, url: str, *, elapsed: Callable[[], float] = time.monotonic) -> None:
        pool = BlockingConnectionPool.from_url(
            check_redis_url(url),
            max_connections=MOST_CONNECTIONS,
            timeout=ANSWERS_WITHIN,
            socket_timeout=ANSWERS_WITHIN,
            socket_connect_timeout=ANSWERS_WITHIN,
            retry=Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
        )
        self.client: Redis = Redis.from_pool(pool)
        self._elapsed = elapsed
        self._try_at: float | None = None

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what one command answers.

        Raises:
            Unreachable: it did not in time, or is left alone after a failure.
        """
        self._check_breaker()
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                answer = await work()
        except FAILURES as failure:
            self._try_at = self._elapsed() + LEFT_ALONE
            raise Unreachable(type(failure).__name__) from None
        self._try_at = None
        return answer

    def _check_breaker(self) -> None:
        if self._try_at is None:
            return
        if self._elapsed() < self._try_at:
            raise Unreachable("it failed a moment ago")
        self._try_at = self._elapsed() + LEFT_ALONE  # this caller tries; the others do not wait for it

    async def ping(self) -> None:
        """Raise `Unreachable` unless it answers."""
        await self.call(lambda: cast("Awaitable[object]", self.client.ping()))

    async def close(self) -> None:
        """Free every connection."""
        await self.client.aclose()
