"""What clients hold: clients, refresh families, signing keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from watchword.core.models.identity import EMPTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An OAuth client (RFC 6749 section 2). So far the one public first-party client that configuration makes.

    `scopes` of None means every scope this server declares.
    """

    id: str
    first_party: bool = False
    grants: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None


class FamilyStatus(StrEnum):
    """Whether a refresh family still works."""

    ACTIVE = "active"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshFamily:
    """All refresh tokens that came of one grant, as one row for ever (RFC 9700 section 4.14.2).

    `generation` is that of the newest token handed out; the first is 1. `scopes` is what was granted and the upper
    bound for ever; `rotated_scopes` what the last rotation answered. `cnf` is the DPoP key's thumbprint or None.
    """

    user_id: str
    id: str
    session_id: str
    client_id: str
    scopes: frozenset[str]
    created_at: datetime
    idle_expires_at: datetime
    expires_at: datetime
    generation: int = 1
    rotated_at: datetime | None = None
    rotated_scopes: frozenset[str] | None = None
    resource: tuple[str, ...] = ()
    cnf: str | None = None
    status: FamilyStatus = FamilyStatus.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A signing key at rest: the private JWK is sealed. Rows are never changed, but for `revoked_at`.

    `generation` counts from 1 and is unique, so that of several processes that rotate at once one wins. A key signs
    from `signs_from` until the next generation does. `public_jwk` is empty for a symmetric key.
    """

    kid: str
    algorithm: str
    generation: int
    sealed_private_jwk: bytes = field(repr=False)
    created_at: datetime
    signs_from: datetime
    public_jwk: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    revoked_at: datetime | None = None
