"""Rate limits counted in this process, in moving windows (OWASP ASVS 6.3.1)."""

import hashlib
import secrets
from math import ceil

from watchword.core.models.limits import Limit
from watchword.flows.limiter_windows import MOST_KEYS, BoundedWindows
from watchword.ports.outside import Clock

_DIGEST_LENGTH = 16


class LocalRateLimiter:
    """Implements `ports.outside.RateLimiter` in moving windows. Each process counts for itself.

    An attempt is counted before its outcome is known and in the same step that allows it, so parallel attempts cannot
    slip past. One that is refused is not counted: whoever waits as long as they were told gets through. Names and
    addresses are kept only as keyed digests.

    Args:
        clock: the time; attempts leave the window by it.
        most_keys: how many windows are held before the one longest unused is dropped.
    """

    def __init__(self, clock: Clock, *, most_keys: int = MOST_KEYS) -> None:
        self._windows = BoundedWindows(clock, most_keys=most_keys)
        self._digest_key = secrets.token_bytes(_DIGEST_LENGTH)

    async def hit(self, bucket: str, key: str, limit: Limit) -> int:
        """Count one attempt. Returns 0 if it is allowed, else the whole seconds until the next is, at least 1."""
        return ceil(self._windows.hit(self._window(bucket, key, limit), limit))

    async def wait(self, bucket: str, key: str, limit: Limit) -> int:
        """Return what `hit` would, but count nothing."""
        return ceil(self._windows.wait(self._window(bucket, key, limit), limit))

    async def clear(self, bucket: str, key: str, limit: Limit) -> None:
        """Forget the attempts under this key."""
        self._windows.clear(self._window(bucket, key, limit))

    def _window(self, bucket: str, key: str, limit: Limit) -> str:
        """Return the name of a window, which no other bucket, key or limit has."""
        octets = key.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(octets, digest_size=_DIGEST_LENGTH, key=self._digest_key).hexdigest()
        return f"{digest} {limit.count} {limit.seconds} {bucket}"


class NoRateLimiter:
    """Implements `ports.outside.RateLimiter` where limits are switched off: everything is allowed."""

    async def hit(self, bucket: str, key: str, limit: Limit) -> int:  # noqa: ARG002  the port's names
        """Return 0."""
        return 0

    async def wait(self, bucket: str, key: str, limit: Limit) -> int:  # noqa: ARG002  the port's names
        """Return 0."""
        return 0

    async def clear(self, bucket: str, key: str, limit: Limit) -> None:
        """Do nothing: nothing was counted."""
