"""Stores of authorizations: codes, device grants, consents, resources, and what may be used once."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from watchword.core.models.authorizations import AuthorizationCode, Consent, DeviceGrant, Resource
from watchword.ports.identity import Change, Redemption


class Codes(Protocol):
    """Authorization codes, by the hash of their secret. They live for a minute, so they are keyed by nobody's id."""

    async def add(self, code: AuthorizationCode) -> None:
        """Store a new code."""

    async def find(self, code_hash: bytes) -> AuthorizationCode | None:
        """Return the code, spent or expired too, or None."""

    async def redeem(self, code_hash: bytes, *, now: datetime) -> Redemption:
        """Spend it. Of all callers, in all processes, exactly one gets REDEEMED.

        Whoever gets SPENT has set `reused_at` (once, for ever), durably; spent is checked before expired.
        """

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` codes that expired before `before`. Returns how many went."""


class Poll(Enum):
    """What a device that asks is told."""

    PENDING = auto()
    SLOW_DOWN = auto()
    """It asked sooner than its interval allows."""
    APPROVED = auto()
    DENIED = auto()
    EXPIRED = auto()
    SPENT = auto()
    ABSENT = auto()


class DeviceGrants(Protocol):
    """Device authorizations, by the hash of the device code."""

    async def add(self, grant: DeviceGrant) -> bool:
        """Store a new one. False, and nothing is stored, if its user code is another's that has not expired."""

    async def find(self, device_hash: bytes) -> DeviceGrant | None:
        """Return the grant in any state, or None."""

    async def find_by_user_code(self, user_code_hash: bytes) -> DeviceGrant | None:
        """Return the grant with this user code in any state, or None."""

    async def approve(self, grant: DeviceGrant, *, now: datetime) -> Change:
        """Approve a pending, unexpired grant with the person's fields of this record; exactly one decision counts.

        STALE if it was decided already or has expired.
        """

    async def deny(self, device_hash: bytes, *, now: datetime) -> Change:
        """Deny a pending, unexpired grant; STALE as for `approve`."""

    async def poll(self, device_hash: bytes, *, now: datetime) -> Poll:
        """Note that the device asked at `now`, and return what to tell it.

        Only a pending grant can be asked for too soon (`polled_at + interval > now`); then its interval grows by five
        seconds (RFC 8628 section 3.5).
        """

    async def redeem(self, device_hash: bytes, *, now: datetime) -> Redemption:
        """Spend an approved grant. Exactly one caller gets REDEEMED; one that is not approved is ABSENT."""

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` grants that expired before `before`. Returns how many went."""


class Consents(Protocol):
    """Consents, keyed by user id first, one for each client."""

    async def find(self, user_id: str, client_id: str) -> Consent | None:
        """Return what the person lets this client have, or None."""

    async def list(self, user_id: str) -> Sequence[Consent]:
        """Return all consents of a person, by client id."""

    async def put(self, consent: Consent) -> None:
        """Make or replace a consent."""

    async def withdraw(self, user_id: str, client_id: str) -> bool:
        """Remove a consent. Returns whether there was one."""

    async def withdraw_all(self, user_id: str) -> int:
        """Remove all consents of a person. Returns how many there were."""


class Resources(Protocol):
    """Registered resources. There are few: every process holds them in memory."""

    async def list(self) -> Sequence[Resource]:
        """Return all resources by URI."""

    async def put(self, resource: Resource) -> Change:
        """Make or replace a resource. CHANGED, or UNCHANGED if it was the same."""

    async def delete(self, uri: str) -> Change:
        """Remove a resource. CHANGED or ABSENT."""


class UsedOnce(Protocol):
    """Remembers what may be used once, such as the `jti` of a client assertion (RFC 7523 section 3)."""

    async def claim(self, key: bytes, *, expires_at: datetime, now: datetime) -> bool:
        """Return True for exactly one caller, in all processes, until `expires_at` of the first."""

    async def purge(self, *, now: datetime, limit: int) -> int:
        """Forget up to `limit` that have expired. Returns how many went."""
