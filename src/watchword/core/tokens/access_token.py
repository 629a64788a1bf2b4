"""Access tokens (RFC 9068): signing ours, and one call that checks everything of a token that arrives."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from watchword.core.errors import InvalidToken
from watchword.core.models.identity import Principal
from watchword.core.tokens.claims import check_claims, check_scopes, check_texts, find_time
from watchword.core.tokens.compact import CompactToken, parse_compact, parse_json_object
from watchword.core.tokens.jwk import VerificationKey
from watchword.core.tokens.signature import check_signature
from watchword.core.tokens.signing_keys import SigningMaterial
from watchword.core.tokens.token_rules import TokenRules

_ENCODER = json.JSONEncoder(separators=(",", ":"))

__all__ = ["AccessClaims", "FindKey", "TokenRules", "UnknownKey", "sign_access_token", "verify_access_token"]

FindKey = Callable[[str | None, str], VerificationKey | None]
"""Finds a key by `kid` (or None) and algorithm; `jwk.find_key` says what to do without a `kid`."""


class UnknownKey(InvalidToken):
    """No key has this `kid`. A caller that can fetch the key set anew may do so once and try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What an access token of ours says. `expires_at - issued_at` is its lifetime, in whole seconds."""

    subject: str
    client_id: str
    audience: str
    scopes: frozenset[str]
    issued_at: datetime
    expires_at: datetime
    token_id: str
    session_id: str | None = None
    roles: tuple[str, ...] = ()
    auth_time: datetime | None = None
    amr: tuple[str, ...] = ()
    acr: str | None = None


def sign_access_token(claims: AccessClaims, *, issuer: str, key: SigningMaterial) -> str:
    """Return the signed token: header exactly `alg`, `kid`, `typ`; claims of RFC 9068 section 2.2; no empty claim.

    `iat` is `issued_at` cut to the second, `exp` is `iat` + the lifetime, so that `expires_in` is exact.
    """
    return key.sign(_ENCODER.encode(_payload(claims, issuer)).encode(), typ="at+jwt")


def verify_access_token(token: str, *, rules: TokenRules, find_key: FindKey, now: datetime) -> Principal:
    """Check form, type, key, signature and claims of a token, and return what it proves.

    Args:
        token: as received.
        rules: the issuer's.
        find_key: called once, with the header's `kid` and `alg`; the key it returns decides the algorithm.
        now: aware.

    Returns:
        The principal, with empty `permissions`; `claims` are read-only and as received.

    Raises:
        UnknownKey: `find_key` found none.
        InvalidToken: anything else is wrong with it. The `hint` says what.
    """
    compact = parse_compact(token, header_members=rules.header_members)
    typ = compact.header.get("typ", "").lower()
    if typ not in rules.types:
        raise InvalidToken(hint="typ is not that of an access token")
    claims = parse_json_object(check_signature(compact, _get_key(compact, rules, find_key)))
    check_claims(claims, typ=typ, rules=rules, now=now)
    return _principal(claims, own=rules.own_grants)


def _get_key(compact: CompactToken, rules: TokenRules, find_key: FindKey) -> VerificationKey:
    if compact.kid is None and rules.kid_required:
        raise InvalidToken(hint="no kid")
    key = find_key(compact.kid, compact.algorithm)
    if key is None:
        raise UnknownKey(hint="unknown kid")
    return key


def _payload(claims: AccessClaims, issuer: str) -> dict[str, Any]:
    issued_at = int(claims.issued_at.timestamp())
    members: dict[str, Any] = {
        "iss": issuer,
        "sub": claims.subject,
        "aud": claims.audience,
        "exp": issued_at + int((claims.expires_at - claims.issued_at).total_seconds()),
        "iat": issued_at,
        "jti": claims.token_id,
        "client_id": claims.client_id,
        "scope": " ".join(sorted(claims.scopes)),
        "sid": claims.session_id,
        "roles": claims.roles,
        "auth_time": int(claims.auth_time.timestamp()) if claims.auth_time else None,
        "acr": claims.acr,
        "amr": claims.amr,
    }
    return {name: value for name, value in members.items() if value or value == 0}


def _principal(claims: dict[str, Any], *, own: bool) -> Principal:
    return Principal(
        subject=claims["sub"],
        issuer=claims["iss"],
        client_id=claims.get("client_id", ""),
        scopes=check_scopes(claims, strict=own),
        roles=frozenset(check_texts(claims, "roles", strict=own)),
        session_id=claims.get("sid"),
        token_id=claims.get("jti"),
        issued_at=find_time(claims, "iat"),
        expires_at=find_time(claims, "exp"),
        auth_time=find_time(claims, "auth_time"),
        amr=check_texts(claims, "amr"),
        acr=claims.get("acr"),
        claims=MappingProxyType(claims),
    )
