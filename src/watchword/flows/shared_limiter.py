"""Rate limits of all processes together while Redis answers, and each process's share of them while it does not."""

import logging
from collections.abc import Callable

from watchword.core.errors import Unavailable
from watchword.core.models.limits import Limit
from watchword.ports.outside import RateLimiter
from watchword.ports.shared import Unreachable

RETRY_AFTER = 5
"""Seconds; within these a Redis that is back is used again."""

_log = logging.getLogger("watchword.limits")


class SharedRateLimiter:
    """Implements `ports.outside.RateLimiter`; no method raises `Unreachable`.

    Args:
        shared: counts for all processes, and may be unreachable.
        local: counts here meanwhile.
        processes: how many processes there were when last heard; each allows that part of a limit, at least 1.
        strict: refuse with 503 instead of counting here.

    Attributes:
        outages: how often the shared limiter was lost, for metrics.
        decided_alone: how many attempts were judged without it, refusals by `strict` among them.
    """

    def __init__(
        self, shared: RateLimiter, local: RateLimiter, *, processes: Callable[[], int], strict: bool = False
    ) -> None:
        self.outages = 0
        self.decided_alone = 0
        self._shared = shared
        self._local = local
        self._processes = processes
        self._strict = strict
        self._alone = False

    async def hit(self, bucket: str, key: str, limit: Limit) -> int:
        """Count one attempt. Returns 0 if it is allowed, else the seconds until the next is. May raise Unavailable."""
        try:
            answer = await self._shared.hit(bucket, key, limit)
        except Unreachable as failure:
            return await self._local.hit(bucket, key, self._share(limit, failure))
        self._note_success()
        return answer

    async def wait(self, bucket: str, key: str, limit: Limit) -> int:
        """Return what `hit` would, but count nothing. May raise Unavailable."""
        try:
            answer = await self._shared.wait(bucket, key, limit)
        except Unreachable as failure:
            return await self._local.wait(bucket, key, self._share(limit, failure))
        self._note_success()
        return answer

    async def clear(self, bucket: str, key: str, limit: Limit) -> None:
        """Forget the attempts under this key, here too. Those in a Redis that is gone leave with their window."""
        await self._local.clear(bucket, key, self._part(limit))
        try:
            await self._shared.clear(bucket, key, limit)
        except Unreachable as failure:
            self._note_loss(failure)

    def _share(self, limit: Limit, failure: Unreachable) -> Limit:
        self._note_loss(failure)
        self.decided_alone += 1
        if self._strict:
            raise Unavailable(retry_after=RETRY_AFTER, hint="Redis does not answer, and rate limits are strict")
        return self._part(limit)

    def _part(self, limit: Limit) -> Limit:
        return Limit(max(1, limit.count // self._processes()), limit.seconds)

    def _note_loss(self, failure: Unreachable) -> None:
        if not self._alone:
            self.outages += 1
            what = "logins are refused" if self._strict else f"each of {self._processes()} processes limits its share"
            _log.error("Redis does not answer (%s): %s until it does", failure, what)
        self._alone = True

    def _note_success(self) -> None:
        if self._alone:
            _log.warning("Redis answers again: rate limits are of all processes together")
        self._alone = False
