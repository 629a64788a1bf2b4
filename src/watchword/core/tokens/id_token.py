"""ID tokens (OpenID Connect Core section 2): signing ours, and reading one that comes back as a hint."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256, sha512
from types import MappingProxyType
from typing import Any

from watchword.core.errors import InvalidRequest, InvalidToken
from watchword.core.models.identity import EMPTY
from watchword.core.tokens import base64url
from watchword.core.tokens.access_token import FindKey
from watchword.core.tokens.compact import parse_compact, parse_json_object
from watchword.core.tokens.signature import check_signature
from watchword.core.tokens.signing_keys import SigningMaterial

ID_TOKEN_ALGORITHMS = ("RS256", "ES256", "EdDSA", "PS256")
"""What a client can register for; RS256 is the default (OpenID Connect Registration section 2)."""
TYP = "JWT"
_ENCODER = json.JSONEncoder(separators=(",", ":"))
_HASHES: Mapping[str, Callable[[bytes], Any]] = MappingProxyType(
    {"RS256": sha256, "PS256": sha256, "ES256": sha256, "HS256": sha256, "EdDSA": sha512}
)
"""The hash inside each algorithm; Ed25519 has SHA-512 (RFC 8032 section 5.1)."""
_LAST_SECOND = 253402300799


@dataclass(frozen=True, slots=True, kw_only=True)
class IdClaims:
    """What an ID token says. `extra` are claims of the person; they never replace one of the protocol.

    `access_token`, `code` and `state` are what is issued or answered together with it: their hashes go into the token.
    """

    subject: str
    client_id: str
    issued_at: datetime
    expires_at: datetime
    auth_time: datetime | None = None
    nonce: str | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()
    session_id: str | None = None
    access_token: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    state: str | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: EMPTY, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdTokenHint:
    """What an ID token of ours, possibly expired, says of whom it was made for. `client_id` is its audience."""

    subject: str
    client_id: str
    session_id: str | None = None
    auth_time: datetime | None = None


def half_hash(text: str, algorithm: str) -> str:
    """Return `at_hash`, `c_hash` or `s_hash`: the left half of the hash, in base64url (Core section 3.3.2.11).

    Args:
        text: an access token, a code or a state.
        algorithm: the one the ID token is signed with.
    """
    digest = _HASHES[algorithm](text.encode()).digest()
    return base64url.encode(digest[: len(digest) // 2])


def sign_id_token(claims: IdClaims, *, issuer: str, key: SigningMaterial) -> str:
    """Return the signed ID token, with no claim that is empty. Its times are cut to whole seconds."""
    members = {
        **claims.extra,
        "iss": issuer,
        "sub": claims.subject,
        "aud": claims.client_id,
        "exp": _seconds(claims.expires_at),
        "iat": _seconds(claims.issued_at),
        "auth_time": _seconds(claims.auth_time),
        "nonce": claims.nonce,
        "acr": claims.acr,
        "amr": claims.amr or None,
        "sid": claims.session_id,
        "at_hash": _hash(claims.access_token, key),
        "c_hash": _hash(claims.code, key),
        "s_hash": _hash(claims.state, key),
    }
    stated = {name: value for name, value in members.items() if value is not None}
    return key.sign(_ENCODER.encode(stated).encode(), typ=TYP)


def verify_id_token_hint(token: str, *, issuer: str, find_key: FindKey, client_id: str | None = None) -> IdTokenHint:
    """Check an `id_token_hint`: signed by a key of ours, current or retired, as an ID token of this issuer.

    An expired one is good (RP-Initiated Logout section 2), so there is no `now`.

    Args:
        token: as received.
        issuer: ours.
        find_key: by `kid` and algorithm; it should know retired keys too.
        client_id: whom it must have been made for, or None where any client may send it.

    Raises:
        InvalidRequest: it is anything else. The `hint` says what.
    """
    try:
        hint = _hint(_verify(token, find_key), issuer)
    except InvalidToken as error:
        raise InvalidRequest(hint=f"id_token_hint: {error.hint}") from None
    if client_id is not None and hint.client_id != client_id:
        raise InvalidRequest(hint="id_token_hint: made for another client")
    return hint


def _verify(token: str, find_key: FindKey) -> dict[str, Any]:
    compact = parse_compact(token)
    key = find_key(compact.kid, compact.algorithm)
    if compact.header.get("typ") != TYP or compact.kid is None or key is None:
        raise InvalidToken(hint="no ID token, or an unknown key")
    return parse_json_object(check_signature(compact, key))


def _hint(claims: Mapping[str, Any], issuer: str) -> IdTokenHint:
    if claims.get("iss") != issuer or not {"exp", "iat"} <= claims.keys():
        raise InvalidToken(hint="another issuer, or signed userinfo, which never expires")
    subject, audience, session_id = claims.get("sub"), claims.get("aud"), claims.get("sid")
    auth_time = claims.get("auth_time")
    if not isinstance(subject, str) or not isinstance(audience, str) or not isinstance(session_id, str | None):
        raise InvalidToken(hint="sub, aud or sid is no text")
    if auth_time is not None and (type(auth_time) is not int or not 0 <= auth_time <= _LAST_SECOND):
        raise InvalidToken(hint="auth_time is not a time")
    at = None if auth_time is None else datetime.fromtimestamp(auth_time, UTC)
    return IdTokenHint(subject=subject, client_id=audience, session_id=session_id, auth_time=at)


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def _hash(text: str | None, key: SigningMaterial) -> str | None:
    return None if text is None else half_hash(text, key.algorithm)
