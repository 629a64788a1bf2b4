"""What processes share beside the database, where Redis is configured: rate limits and the push of the feed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from watchword.ports.outside import FeedSignal, RateLimiter


class Unreachable(Exception):
    """The shared server did not answer, or is left alone for a moment since it did not. Says why, for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What one shared server does for every process. It may go away at any time; nothing durable is in it."""

    limiter: RateLimiter
    """Counts for all processes together. Its methods raise `Unreachable`."""
    signal: FeedSignal
    processes: Callable[[], int]
    """How many processes were following, at least 1, when the server was last heard."""
    ping: Callable[[], Awaitable[None]]
    """Raise `Unreachable` unless the server answers."""
    close: Callable[[], Awaitable[None]]
    """Free every connection."""
