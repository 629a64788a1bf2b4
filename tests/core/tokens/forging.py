"""Makes access tokens, good ones and every kind of bad one, and verifies them by the rules of our own."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from joserfc.jwa import JWS_ALGORITHMS
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from watchword.core.models.identity import Principal
from watchword.core.tokens.access_token import TokenRules, verify_access_token
from watchword.core.tokens.jwk import VerificationKey, find_key

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SECOND = int(NOW.timestamp())
ISSUER = "https://login.example"
AUDIENCE = "https://api.example"
RULES = TokenRules(issuer=ISSUER, audience=AUDIENCE, max_lifetime=timedelta(minutes=10))
REMOTE_RULES = TokenRules.remote(issuer=ISSUER, audience=AUDIENCE)

EC = ECKey.generate_key("P-256")
RSA = RSAKey.generate_key(2048)
ED = OKPKey.generate_key("Ed25519")
HMAC = OctKey.import_key(b"obviously-fake-hmac-key-for-tests")
PRIVATE: dict[str, Key] = {"ES256": EC, "RS256": RSA, "PS256": RSA, "EdDSA": ED, "HS256": HMAC}
_MODELS = {model.name: model for model in JWS_ALGORITHMS}


def public(algorithm: str, kid: str | None = None) -> VerificationKey:
    """The key that verifies what `PRIVATE[algorithm]` signs; its kid is the algorithm's name."""
    key = PRIVATE[algorithm]
    half = key if isinstance(key, OctKey) else type(key).import_key(key.as_dict(private=False))
    return VerificationKey(kid or algorithm, algorithm, half)


KEYS = (public("ES256"),)


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims, changed; a value of `...` takes a claim away."""
    good = {
        "iss": ISSUER,
        "sub": "018f0000-0000-7000-8000-000000000001",
        "aud": AUDIENCE,
        "exp": SECOND + 300,
        "iat": SECOND,
        "jti": "018f0000-0000-7000-8000-000000000002",
        "client_id": "first-party",
        "scope": "items:read me",
        "sid": "018f0000-0000-7000-8000-000000000003",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def raw(name: str, text: str) -> str:
    """The claims with one member as this very JSON text, which Python could not write."""
    body = json.dumps(claims(**{name: "@"}))
    return body.replace('"@"', text)


def header(**changes: Any) -> dict[str, Any]:
    """The header of our own tokens, changed; a value of `...` takes a member away."""
    return {k: v for k, v in {"alg": "ES256", "kid": "ES256", "typ": "at+jwt", **changes}.items() if v is not ...}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def as_bytes(part: dict[str, Any] | str | bytes) -> bytes:
    if isinstance(part, bytes):
        return part
    return part.encode() if isinstance(part, str) else json.dumps(part).encode()


def sign(message: bytes, key: Key = EC, algorithm: str = "ES256") -> bytes:
    return _MODELS[algorithm].sign(message, key)


def forge(
    payload: dict[str, Any] | str | bytes | None = None,
    head: dict[str, Any] | str | bytes | None = None,
    *,
    key: Key = EC,
    algorithm: str = "ES256",
) -> str:
    """A token with these very bytes in header and payload, and a signature that is truly good."""
    parts = (header() if head is None else head, claims() if payload is None else payload)
    message = ".".join(b64(as_bytes(part)) for part in parts)
    return f"{message}.{b64(sign(message.encode(), key, algorithm))}"


def verify(
    token: str,
    *,
    rules: TokenRules = RULES,
    keys: tuple[VerificationKey, ...] = KEYS,
    now: datetime = NOW,
    **changes: Any,
) -> Principal:
    """Verify as a server that knows these keys."""
    rules = replace(rules, **changes)
    return verify_access_token(token, rules=rules, find_key=lambda kid, alg: find_key(keys, kid, alg), now=now)
