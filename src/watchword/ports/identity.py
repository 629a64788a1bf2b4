"""Stores of people: users, roles, invitations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol

from watchword.core.models.identity import Invite, Role, User


class Keep(Enum):
    """Says that a value stays as it is, where None would take it away."""

    KEEP = auto()


class Added(Enum):
    """What `add` did."""

    ADDED = auto()
    USERNAME_TAKEN = auto()
    EMAIL_TAKEN = auto()


class Change(Enum):
    """What a conditional change did."""

    CHANGED = auto()
    UNCHANGED = auto()
    """It was so already."""
    STALE = auto()
    """The expected version or hash is not the stored one any more."""
    TAKEN = auto()
    """A unique value belongs to another row."""
    ABSENT = auto()


class Redemption(Enum):
    """What `redeem` did."""

    REDEEMED = auto()
    SPENT = auto()
    EXPIRED = auto()
    ABSENT = auto()


class Users(Protocol):
    """Accounts. Keys are the NFKC-casefolded identifiers, unique in the store even under races."""

    async def add(self, user: User) -> Added:
        """Store a new account with its roles, unless its username or e-mail key is taken."""

    async def add_many(self, users: Sequence[User]) -> Sequence[Added]:
        """Do what `add` would do for each user in turn, in few round trips, and return what it would.

        Each is stored or not by itself. Where `add` would raise for one, this raises, and some may be stored.
        """

    async def find(self, user_id: str) -> User | None:
        """Return the account with its roles (sorted), or None."""

    async def find_by_login(self, key: str) -> User | None:
        """Return the account whose username key or e-mail key is `key` (usernames hold no @), or None."""

    async def find_by_logins(self, keys: Sequence[str]) -> Sequence[User]:
        """Return the accounts that `find_by_login` finds for any of these keys, in the order of their ids."""

    async def list(self, *, limit: int, after: str | None = None) -> Sequence[User]:
        """Return up to `limit` accounts in the order of their ids, from behind `after`."""

    async def change_profile(
        self,
        user_id: str,
        *,
        now: datetime,
        email: str | Keep | None = Keep.KEEP,
        email_key: str | None = None,
        profile: Mapping[str, Any] | Keep = Keep.KEEP,
        expected_profile: Mapping[str, Any] | Keep = Keep.KEEP,
    ) -> Change:
        """Set e-mail (with its key), profile, or both; what is left out is not written.

        A changed e-mail key becomes unverified. TAKEN if it is another's. STALE, and nothing is set, if an
        `expected_profile` is given and the stored one is another.
        """

    async def change_password(
        self, user_id: str, *, password_hash: str, expected_version: int, now: datetime
    ) -> Change:
        """Set the hash and raise `credential_version` if it is still `expected_version`, else STALE."""

    async def upgrade_hash(self, user_id: str, *, old_hash: str, new_hash: str) -> Change:
        """Replace the hash of the same password if it is still `old_hash`, else STALE. The version stays."""

    async def disable(self, user_id: str, *, now: datetime) -> Change:
        """Set `disabled_at` and raise `credential_version`, unless disabled already."""

    async def enable(self, user_id: str, *, now: datetime) -> Change:
        """Clear `disabled_at` and raise `credential_version`, unless enabled already."""

    async def grant_role(self, user_id: str, role: str) -> Change:
        """Give a role. ABSENT if the user or the role does not exist."""

    async def withdraw_role(self, user_id: str, role: str) -> Change:
        """Take a role away. ABSENT if the user does not exist; UNCHANGED if they did not have it."""

    async def delete(self, user_id: str) -> Change:
        """Remove the account and its role assignments. Families and sessions stay as tombstones."""


async def add_each(store: Users, users: Sequence[User]) -> Sequence[Added]:
    """Add users one by one: `Users.add_many` for a store that has no better way."""
    return [await store.add(user) for user in users]


class Roles(Protocol):
    """Roles and their permissions."""

    async def list(self) -> Sequence[Role]:
        """Return all roles by name. There are few: every process holds them in memory."""

    async def put(self, role: Role) -> Change:
        """Make or replace a role. CHANGED, or UNCHANGED if it was the same."""

    async def delete(self, name: str) -> Change:
        """Remove a role and take it from everyone. ABSENT if there is none."""

    async def has_members(self, name: str) -> bool:
        """Whether anyone holds this role."""


class Invites(Protocol):
    """Invitations, by the hash of their secret."""

    async def add(self, invite: Invite) -> None:
        """Store a new invitation."""

    async def find(self, secret_hash: bytes) -> Invite | None:
        """Return the invitation, spent or not, or None."""

    async def redeem(self, secret_hash: bytes, *, user_id: str, now: datetime) -> Redemption:
        """Spend it for `user_id`. Of all callers, in all processes, exactly one gets REDEEMED."""

    async def void(self, roles: tuple[str, ...], *, now: datetime) -> int:
        """Spend, for nobody, every open invitation to exactly these roles. Returns how many."""

    async def release(self, secret_hash: bytes, *, user_id: str) -> Change:
        """Undo a redemption by `user_id` whose account could not be made. STALE if another holds it."""

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` invitations, spent or not, that expired before `before`. Returns how many went."""
