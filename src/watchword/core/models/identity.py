"""People and what they may do: users, roles, scopes, invitations, and the principal of a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account.

    `username` and `email` are as the person wrote them (NFKC); `username_key` and `email_key` are their NFKC-casefolded
    forms, which are unique. `credential_version` goes up with each change of password, disabling and enabling.
    """

    id: str
    username: str
    username_key: str
    created_at: datetime
    updated_at: datetime
    email: str | None = None
    email_key: str | None = None
    email_verified: bool = False
    password_hash: str | None = field(default=None, repr=False)
    disabled_at: datetime | None = None
    credential_version: int = 0
    roles: tuple[str, ...] = ()
    profile: Mapping[str, Any] = field(default_factory=lambda: EMPTY)

    @property
    def disabled(self) -> bool:
        """Whether an administrator has disabled this account."""
        return self.disabled_at is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A named set of permissions. The role `admin` always holds the permission `admin`."""

    name: str
    permissions: frozenset[str] = frozenset()
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A scope this server grants (RFC 6749 section 3.3).

    A `restricted` scope is granted only to people one of whose roles holds the permission of the same name.
    """

    name: str
    description: str = ""
    restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """A one-time permission to sign up, stored as the hash of its secret."""

    secret_hash: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime
    roles: tuple[str, ...] = ()
    redeemed_at: datetime | None = None
    redeemed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """What a credential proved: the subject, and what it may do. Costs no database read.

    `subject` is the token's `sub`: the user's id for a person, the client's id for a machine. `claims` are the verified
    claims as received.
    """

    subject: str
    issuer: str = ""
    client_id: str = ""
    scopes: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    session_id: str | None = None
    token_id: str | None = None
    issued_at: datetime | None = None
    expires_at: datetime | None = None
    auth_time: datetime | None = None
    amr: tuple[str, ...] = ()
    acr: str | None = None
    claims: Mapping[str, Any] = field(default_factory=lambda: EMPTY, repr=False)
