"""Records for the contract tests: valid ones, of which a test changes what it is about."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from watchword.core.ids import new_id
from watchword.core.models.grants import Client, RefreshFamily, SigningKey
from watchword.core.models.identity import Invite, User
from watchword.core.models.sessions import Revocation, RevocationKind, Session

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
DAY = timedelta(days=1)


def some_user(name: str = "Ada", **fields: Any) -> User:
    values: dict[str, Any] = {
        "id": new_id(NOW),
        "username": name,
        "username_key": name.casefold(),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return User(**values | fields)


def some_invite(secret: str = "not-a-real-secret", **fields: Any) -> Invite:
    values = {"secret_hash": sha256(secret.encode()).digest(), "created_at": NOW, "expires_at": NOW + DAY}
    return Invite(**values | fields)


def some_session(user_id: str = "user-1", **fields: Any) -> Session:
    values = {
        "user_id": user_id,
        "id": new_id(NOW),
        "client_id": "first-party",
        "created_at": NOW,
        "last_seen_at": NOW,
        "expires_at": NOW + DAY,
        "auth_time": NOW,
    }
    return Session(**values | fields)


def some_family(user_id: str = "user-1", **fields: Any) -> RefreshFamily:
    values = {
        "user_id": user_id,
        "id": new_id(NOW),
        "session_id": "session-1",
        "client_id": "first-party",
        "scopes": frozenset({"me", "items"}),
        "created_at": NOW,
        "idle_expires_at": NOW + DAY,
        "expires_at": NOW + 2 * DAY,
    }
    return RefreshFamily(**values | fields)


def some_client(name: str = "billing", **fields: Any) -> Client:
    values = {
        "id": new_id(NOW),
        "name": name,
        "secret_hashes": (sha256(b"not-a-real-secret").digest(),),
        "grants": frozenset({"client_credentials"}),
        "scopes": frozenset({"items:read", "items:write"}),
        "created_at": NOW,
    }
    return Client(**values | fields)


def some_key(generation: int = 1, **fields: Any) -> SigningKey:
    values = {
        "kid": f"kid-{new_id(NOW)}",
        "algorithm": "ES256",
        "generation": generation,
        "sealed_private_jwk": b"\x00sealed\xff",
        "created_at": NOW,
        "signs_from": NOW,
        "public_jwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    }
    return SigningKey(**values | fields)


def some_revocation(subject: str = "session-1", **fields: Any) -> Revocation:
    values = {"kind": RevocationKind.SESSION, "subject": subject, "at": NOW, "expires_at": NOW + DAY}
    return Revocation(**values | fields)
