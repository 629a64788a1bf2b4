"""Stores of sessions and of the revocation feed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from watchword.core.models.grants import RefreshFamily
from watchword.core.models.identity import User
from watchword.core.models.sessions import BrowserSession, FeedEntry, Revocation, Session
from watchword.ports.identity import Change


class Sessions(Protocol):
    """Sessions, keyed by user id first."""

    async def add(self, session: Session) -> None:
        """Store a new session."""

    async def begin(self, session: Session, family: RefreshFamily) -> User | None:
        """Store a new session with its first refresh family, and return the person as they are then, or None.

        Both or neither; a store without transactions writes the session first. A session without a family can be
        ended; a family without a session answers no refresh. A change of the account is either seen in what is
        returned, or comes later and finds the session.
        """

    async def find(self, user_id: str, session_id: str) -> Session | None:
        """Return the session, ended or expired too, or None."""

    async def list_live(self, user_id: str, *, now: datetime) -> Sequence[Session]:
        """Return the person's sessions that are neither ended nor expired, newest first."""

    async def list_of_browser(self, user_id: str, browser_id: str) -> Sequence[Session]:
        """Return the person's sessions that came of one login at the hosted pages, ended ones too, oldest first."""

    async def touch(self, user_id: str, session_id: str, *, now: datetime) -> None:
        """Set `last_seen_at`, if it is earlier and the session has not ended."""

    async def end(self, user_id: str, session_id: str, *, now: datetime) -> bool:
        """Mark a session ended. Returns whether it was live until now; exactly one caller gets True."""

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` sessions whose expiry is before `before`. Returns how many went."""


class BrowserSessions(Protocol):
    """Logins at the hosted pages, keyed by user id first."""

    async def add(self, session: BrowserSession) -> None:
        """Store a new login."""

    async def find(self, user_id: str, browser_id: str) -> BrowserSession | None:
        """Return the login, ended or expired too, or None."""

    async def list_live(self, user_id: str, *, now: datetime) -> Sequence[BrowserSession]:
        """Return the person's logins that are neither ended nor expired, newest first."""

    async def renew(self, session: BrowserSession, *, expected: bytes) -> Change:
        """Take secret hash, times, `amr` and `acr` of a live login from this record, after a new authentication.

        STALE unless its secret hash is still `expected` and it has not ended: of several callers one gets CHANGED.
        """

    async def touch(self, user_id: str, browser_id: str, *, now: datetime) -> None:
        """Set `last_seen_at`, if it is earlier and the login has not ended."""

    async def end(self, user_id: str, browser_id: str, *, now: datetime) -> bool:
        """Mark a login ended. Returns whether it was live until now; exactly one caller gets True."""

    async def end_all(self, user_id: str, *, except_id: str | None = None, now: datetime) -> int:
        """Mark every live login of a person ended. Returns how many were."""

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` logins whose expiry is before `before`. Returns how many went."""


class Revocations(Protocol):
    """The append-only feed of revocations."""

    async def append(self, revocations: Sequence[Revocation]) -> None:
        """Add entries, all or none, durable on return."""

    async def read(self, *, after: int, limit: int, now: datetime) -> Sequence[FeedEntry]:
        """Return up to `limit` unexpired entries whose sequence is greater than `after`, in order."""

    async def purge(self, *, now: datetime, limit: int) -> int:
        """Delete up to `limit` expired entries. Returns how many went."""
