"""Stores of what clients hold: refresh families and signing keys."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple, Protocol

from watchword.core.models.grants import RefreshFamily, SigningKey
from watchword.core.models.identity import User
from watchword.core.models.sessions import Session


class Rotation(Enum):
    """What `rotate` did."""

    ROTATED = auto()
    STALE = auto()
    """Another caller rotated first."""
    REVOKED = auto()
    EXPIRED = auto()
    ABSENT = auto()


class Holding(NamedTuple):
    """A refresh family, its session, and the person, each as it is now, or None."""

    family: RefreshFamily | None
    session: Session | None
    user: User | None


class RefreshFamilies(Protocol):
    """Refresh families, keyed by user id first so that a distributed engine can place them."""

    async def add(self, family: RefreshFamily) -> None:
        """Store a new family."""

    async def find(self, user_id: str, family_id: str) -> RefreshFamily | None:
        """Return the family, revoked or expired too, or None."""

    async def find_holding(self, user_id: str, family_id: str) -> Holding:
        """Return the family with its session and its person.

        Every read begins after the call. They need not be of one moment: who acts on them does so by a conditional
        verb. A store may make three point reads (session and person at once, where the family names the session).
        """

    async def rotate(
        self,
        user_id: str,
        family_id: str,
        *,
        generation: int,
        scopes: frozenset[str],
        idle_expires_at: datetime,
        now: datetime,
    ) -> Rotation:
        """Go from `generation` to the next in one conditional update; exactly one caller gets ROTATED.

        Sets `rotated_at = now`, `rotated_scopes = scopes` and `idle_expires_at`; never touches `expires_at`. Refuses a
        family that is revoked, or whose idle or absolute expiry is at or before `now`.
        """

    async def revoke(self, user_id: str, family_id: str) -> bool:
        """Mark one family revoked, for ever. Returns whether it was active until now."""

    async def revoke_session(self, user_id: str, session_id: str) -> int:
        """Mark every family of a session revoked. Returns how many were active."""

    async def revoke_user(self, user_id: str) -> int:
        """Mark every family of a person revoked. Returns how many were active."""

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` families whose absolute expiry is before `before`. Returns how many went."""


class KeyAdded(Enum):
    """What `SigningKeys.add` did."""

    ADDED = auto()
    GENERATION_TAKEN = auto()


class SigningKeys(Protocol):
    """Signing keys at rest."""

    async def list(self) -> Sequence[SigningKey]:
        """Return all keys by generation."""

    async def add(self, key: SigningKey) -> KeyAdded:
        """Store a key; of several with one generation, exactly one is ADDED."""

    async def revoke(self, kid: str, *, now: datetime) -> bool:
        """Mark a key compromised: it neither signs nor verifies any more. Returns whether it was good until now."""

    async def purge(self, kids: Sequence[str]) -> int:
        """Delete keys that nothing can need any more. Returns how many went."""
