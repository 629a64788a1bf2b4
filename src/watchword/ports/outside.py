"""What is neither a store nor a rule: the clock, rate limits, push of the feed, password hashing, fetching."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from watchword.core.models.limits import Limit
from watchword.core.models.verdict import Verdict as Verdict  # noqa: PLC0414  also exported here


class Clock(Protocol):
    """The time."""

    def now(self) -> datetime:
        """Return the aware UTC time, cut to milliseconds."""


class RateLimiter(Protocol):
    """Counts attempts per bucket and key, in a moving window."""

    async def hit(self, bucket: str, key: str, limit: Limit) -> int:
        """Count one attempt. Returns 0 if it is allowed, else the seconds until the next may be."""

    async def wait(self, bucket: str, key: str, limit: Limit) -> int:
        """Return what `hit` would, but count nothing: for limits that count only failures."""

    async def clear(self, bucket: str, key: str, limit: Limit) -> None:
        """Forget the attempts under this key."""


class FeedSignal(Protocol):
    """Tells every process that the revocation feed has grown, so that none waits for its next poll.

    It only saves time: what it loses, the next poll finds.
    """

    async def announce(self) -> None:
        """Wake whoever waits, in every process. Call it after the append is durable. May raise; that harms nothing."""

    async def wait(self, at_most: timedelta, /) -> None:
        """Return as soon as something was announced since the last wait returned, or when the time is over.

        Never raises but `CancelledError`. Connects by itself, in the background, and again after a loss.
        """

    async def close(self) -> None:
        """Free the connection; a later `wait` may open it again."""


class PollingSignal:
    """Implements `FeedSignal` where nothing can be pushed: it announces nothing and lets the time pass."""

    async def announce(self) -> None:
        """Do nothing: the others poll."""

    async def wait(self, at_most: timedelta, /) -> None:
        """Let the time pass."""
        await asyncio.sleep(at_most.total_seconds())

    async def close(self) -> None:
        """Do nothing: nothing is open."""


class PasswordHasher(Protocol):
    """Hashes passwords off the event loop, in a bounded pool. Every method may raise `Overloaded`."""

    async def hash(self, password: str) -> str:
        """Return the argon2id PHC string of a normalised password."""

    async def verify(self, password: str, password_hash: str | None) -> Verdict:
        """Check a normalised password. With None, spends the time of a real check and refuses."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched document. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpFetcher(Protocol):
    """Fetches by the rules of `remote.fetcher`. Raises `FetchFailed` for anything but an answer."""

    async def get(self, url: str, *, accept: str = "application/json") -> Fetched:
        """GET a URL: one resolution, no special-use address, no redirect, bounded size and time."""


class HttpPoster(Protocol):
    """Posts by the same rules as `HttpFetcher`."""

    async def post(self, url: str, *, form: Mapping[str, str]) -> Fetched:
        """POST a form to a URL: one resolution, no special-use address, no redirect, bounded size and time."""


@dataclass(frozen=True, slots=True)
class Outside:
    """The ways out to other servers, under one address policy."""

    fetcher: HttpFetcher
    poster: HttpPoster


class LogoutNotifier(Protocol):
    """Tells clients that a session has ended (OpenID Connect Back-Channel Logout 1.0 section 2.5)."""

    def notify(self, url: str, logout_token: str) -> None:
        """Deliver a logout token soon, in the background, more than once if need be. Never waits, never raises."""

    async def close(self) -> None:
        """Try once more what is not delivered, within a few seconds, and stop delivering."""


class FetchFailed(Exception):
    """A document could not be fetched; the message says why, for the log."""
