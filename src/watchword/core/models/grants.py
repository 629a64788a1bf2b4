"""What clients hold: clients, refresh families, signing keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from watchword.core.models.client_metadata import NO_METADATA, ClientMetadata
from watchword.core.models.identity import EMPTY

_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An OAuth client (RFC 6749 section 2): one that was registered, or the built-in first-party one.

    A client without `secret_hashes` is public; else they are the SHA-256 of its secrets, the newest first: two while
    one replaces the other. `grants` are the grant types it may use; `scopes` the most it may have, None for every
    scope that this server declares. A client that `may_introspect` learns about the access tokens of all clients.
    """

    id: str
    name: str = ""
    secret_hashes: tuple[bytes, ...] = field(default=(), repr=False)
    grants: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    first_party: bool = False
    may_introspect: bool = False
    created_at: datetime = _EPOCH
    disabled_at: datetime | None = None
    metadata: ClientMetadata = NO_METADATA
    version: int = 1
    """Goes up with each change of anything but its secrets."""
    dynamic: bool = False
    """Whether it registered itself (RFC 7591) and nobody has verified it."""
    registration_hash: bytes | None = field(default=None, repr=False)
    """Of its registration access token (RFC 7592)."""
    secret_salts: tuple[bytes, ...] = field(default=(), repr=False)
    """What its secrets were derived from, newest first; only for `client_secret_jwt`, which needs the secret itself."""

    @property
    def disabled(self) -> bool:
        """Whether the operator has disabled this client."""
        return self.disabled_at is not None

    @property
    def confidential(self) -> bool:
        """Whether it must prove who it is: by a secret, or by a key of its own."""
        return bool(self.secret_hashes) or self.metadata.auth_method == "private_key_jwt"


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
