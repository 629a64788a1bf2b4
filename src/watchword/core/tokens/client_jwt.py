"""JWTs that clients sign themselves, assertions and request objects: what both must satisfy (RFC 7519, RFC 8725)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchword.core.errors import InvalidToken
from watchword.core.tokens.access_token import UnknownKey
from watchword.core.tokens.compact import REMOTE_HEADER_MEMBERS, parse_compact, parse_json_object
from watchword.core.tokens.jwk import VerificationKey, find_key
from watchword.core.tokens.signature import check_signature

PUBLIC_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""What clients may sign with by a key of their own."""
_LAST_SECOND = 253402300799
_MAX_TEXT = 255


@dataclass(frozen=True, slots=True)
class Times:
    """What the times of a client's JWT are compared with. `exp` has no leeway; `iat` and `nbf` may lie so far ahead."""

    now: datetime
    leeway: timedelta
    max_lifetime: timedelta


def read_signed(
    token: str, *, keys: Sequence[VerificationKey], algorithms: Collection[str], types: Collection[str]
) -> dict[str, Any]:
    """Return the claims of a JWT with a good signature by one of these keys.

    Args:
        token: as received.
        keys: the client's.
        algorithms: those that it may sign with.
        types: the `typ` values that are accepted, in lower case; the empty text for none.

    Raises:
        UnknownKey: no key has this `kid`, or none could be told without one.
        InvalidToken: anything else is wrong with it.
    """
    compact = parse_compact(token, header_members=REMOTE_HEADER_MEMBERS)
    if compact.algorithm not in algorithms or compact.header.get("typ", "").lower() not in types:
        raise InvalidToken(hint="an algorithm or a typ that is not accepted")
    key = find_key(keys, compact.kid, compact.algorithm)
    if key is None:
        raise UnknownKey(hint="unknown kid, or several keys and no kid")
    return parse_json_object(check_signature(compact, key))


def check_times(claims: Mapping[str, Any], times: Times) -> None:
    """Check `exp`, `iat` and `nbf` where they are there.

    Raises:
        InvalidToken: one is no time, it has expired, comes from the future, or lives too long from now or from `iat`.
    """
    for name in ("exp", "iat", "nbf"):
        if name in claims and (type(claims[name]) not in (int, float) or not 0 <= claims[name] <= _LAST_SECOND):
            raise InvalidToken(hint=f"{name} is not a time")
    now = times.now.timestamp()
    latest, lifetime = now + times.leeway.total_seconds(), times.max_lifetime.total_seconds()
    expires_at = claims.get("exp", latest)
    if now >= expires_at:
        raise InvalidToken(hint="expired")
    if claims.get("iat", 0) > latest or claims.get("nbf", 0) > latest:
        raise InvalidToken(hint="from the future")
    if expires_at - max(now, claims.get("iat", now)) > lifetime:
        raise InvalidToken(hint="lives too long")


def check_audience(claims: Mapping[str, Any], accepted: Collection[str], *, single: bool = False) -> None:
    """Check that `aud` names us and no one else: one who got it for another server could use it here, and they there.

    Raises:
        InvalidToken: it is missing or empty, has a value that is not accepted, or is a list where `single`.
    """
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not audiences or (single and audiences is audience):
        raise InvalidToken(hint="aud is missing, or of a form that is not accepted")
    if not all(isinstance(each, str) and each in accepted for each in audiences):
        raise InvalidToken(hint="another audience")


def check_text(claims: Mapping[str, Any], name: str) -> str:
    """Return a claim that must be a short printable text.

    Raises:
        InvalidToken: it is not.
    """
    text = claims.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= _MAX_TEXT or not text.isprintable():
        raise InvalidToken(hint=f"{name} is not a short printable text")
    return text
