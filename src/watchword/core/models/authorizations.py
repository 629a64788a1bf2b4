"""What a person has authorized, and what is under way: codes, device grants, consents, resources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from watchword.core.models.identity import EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationCode:
    """A code and all that it is bound to (RFC 6749 section 4.1.2), stored as the hash of its secret.

    `session_id` is that of the session which begins when the code is redeemed, so that a code that comes twice can end
    what came of it. `reused_at` is set by the second use. `claims` are those that the request asked for by name
    (OpenID Connect Core section 5.5). `browser_id` is the login that it came of.
    """

    code_hash: bytes = field(repr=False)
    client_id: str
    user_id: str
    session_id: str
    redirect_uri: str
    scopes: frozenset[str]
    auth_time: datetime
    created_at: datetime
    expires_at: datetime
    browser_id: str | None = None
    redirect_uri_given: bool = True
    resource: tuple[str, ...] = ()
    code_challenge: str | None = None
    nonce: str | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()
    claims: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    cnf: str | None = None
    redeemed_at: datetime | None = None
    reused_at: datetime | None = None


class DeviceStatus(StrEnum):
    """How far a device authorization is."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    REDEEMED = "redeemed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceGrant:
    """A device that waits for a person's approval (RFC 8628). Both codes are stored as hashes.

    `user_id`, `session_id`, `auth_time`, `amr` and `acr` are those of the person who approved.
    """

    device_hash: bytes = field(repr=False)
    user_code_hash: bytes = field(repr=False)
    client_id: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime
    interval: timedelta
    resource: tuple[str, ...] = ()
    polled_at: datetime | None = None
    status: DeviceStatus = DeviceStatus.PENDING
    user_id: str | None = None
    session_id: str | None = None
    browser_id: str | None = None
    auth_time: datetime | None = None
    amr: tuple[str, ...] = ()
    acr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What a person lets a client have: scopes, resources, and claims asked for by name."""

    user_id: str
    client_id: str
    scopes: frozenset[str]
    resources: frozenset[str] = frozenset()
    claims: frozenset[str] = frozenset()
    granted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A protected resource that tokens can be made for (RFC 8707), by its URI.

    `scopes` are those it knows, None for all that the server declares; `access_ttl` is None for the server's own.
    """

    uri: str
    name: str = ""
    scopes: frozenset[str] | None = None
    access_ttl: timedelta | None = None
