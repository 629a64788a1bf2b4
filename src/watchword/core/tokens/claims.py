"""Strict checks of the claims of an access token (RFC 7519 section 4.1, RFC 9068 section 4, RFC 8725 section 3)."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from watchword.core.errors import InvalidToken
from watchword.core.tokens.token_rules import ACCESS_TOKEN_TYPES, TokenRules

_MAX_TEXT = 255
_LAST_SECOND = 253402300799  # the end of the year 9999, the last that datetime knows
_NQCHAR = r"[\x21\x23-\x5b\x5d-\x7e]+"
_SCOPE = re.compile(rf"{_NQCHAR}(?: {_NQCHAR})*")
_TEXTS = ("sub", "jti", "client_id", "sid", "acr")
_TIMES = ("exp", "iat", "nbf", "auth_time")
_WHOLE, _FRACTIONAL = (int,), (int, float)
_NO_SCOPES = frozenset[str]()
_OTHER_TOKENS = frozenset({"events", "htm", "htu", "logout_token"})
_ID_TOKEN_MARKS = frozenset({"at_hash", "c_hash", "s_hash", "nonce"})
_KINDS = {"typ": "Bearer", "token_use": "access"}


def check_claims(claims: Mapping[str, Any], *, typ: str, rules: TokenRules, now: datetime) -> None:
    """Check everything that the claims of an access token must satisfy.

    Args:
        claims: of a token whose signature is good.
        typ: the header's `typ` in lower case, or the empty text.
        rules: the issuer's.
        now: aware.

    Raises:
        InvalidToken: any of it does not hold.
    """
    if not claims.keys() >= rules.required:
        raise InvalidToken(hint=f"missing claims: {' '.join(sorted(rules.required - claims.keys()))}")
    if typ not in ACCESS_TOKEN_TYPES:
        _check_kind(claims)
    if "cnf" in claims:
        raise InvalidToken(hint="bound to a key, which a bearer token does not prove")
    if claims.get("iss") != rules.issuer:
        raise InvalidToken(hint="another issuer")
    if claims.get(rules.audience_claim) != rules.audience:
        _check_audiences(claims.get(rules.audience_claim), rules)
    _check_times(claims, rules, now.timestamp())
    for name in _TEXTS:
        if name in claims:
            _check_text(claims[name], name)


def find_time(claims: Mapping[str, Any], name: str) -> datetime | None:
    """Return a time claim, checked already, as an aware datetime, or None."""
    seconds = claims.get(name)
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def check_scopes(claims: Mapping[str, Any], *, strict: bool) -> frozenset[str]:
    """Return the scopes of the `scope` claim (RFC 8693 section 4.2). Not `strict`, another form counts as none.

    Raises:
        InvalidToken: `strict`, and it is not a list of scopes with single spaces between them.
    """
    if "scope" not in claims:
        return _NO_SCOPES
    scope = claims["scope"]
    found = _split_scopes(scope) if isinstance(scope, str) else None
    if found is None and strict:
        raise InvalidToken(hint="malformed scope")
    return found or _NO_SCOPES


# Few scopes are asked for together, by many tokens.
@lru_cache(maxsize=128)
def _split_scopes(scope: str) -> frozenset[str] | None:
    return frozenset(scope.split(" ")) if _SCOPE.fullmatch(scope) else None


def check_texts(claims: Mapping[str, Any], name: str, *, strict: bool = True) -> tuple[str, ...]:
    """Return a claim that is a list of texts, or an empty tuple. Not `strict`, another form counts as none.

    Raises:
        InvalidToken: `strict`, and it is there but no such list.
    """
    if name not in claims:
        return ()
    texts = claims[name]
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
        return tuple(texts)
    if strict:
        raise InvalidToken(hint=f"{name} is not a list of strings")
    return ()


def _check_kind(claims: Mapping[str, Any]) -> None:
    """Tell an access token from its siblings where `typ` does not (RFC 8725 section 3.12)."""
    stated = {name: claims[name] for name in _KINDS if name in claims}
    if any(kind != _KINDS[name] for name, kind in stated.items()):
        raise InvalidToken(hint="another kind of token, by its own word")
    if _OTHER_TOKENS & claims.keys() or (not stated and _ID_TOKEN_MARKS & claims.keys()):
        raise InvalidToken(hint="another kind of token, by its claims")


def _check_audiences(audience: object, rules: TokenRules) -> None:
    """Check an `aud` that is not simply ours (RFC 7519 section 4.1.3)."""
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or not all(isinstance(name, str) for name in audiences):
        raise InvalidToken(hint="aud is neither a string nor a list of strings")
    if rules.audience not in audiences:
        raise InvalidToken(hint="another audience")
    if len(audiences) != 1 and not rules.many_audiences:
        raise InvalidToken(hint="an audience beside ours")


def _check_times(claims: Mapping[str, Any], rules: TokenRules, now: float) -> None:
    allowed = _FRACTIONAL if rules.fractional_times else _WHOLE
    for name in _TIMES:
        if name in claims and (type(claims[name]) not in allowed or not 0 <= claims[name] <= _LAST_SECOND):
            raise InvalidToken(hint=f"{name} is not a time")
    expires_at, issued_at = claims["exp"], claims.get("iat", 0)
    latest = now + rules.leeway.total_seconds()
    if now >= expires_at:
        raise InvalidToken(hint="expired")
    if issued_at > latest or claims.get("nbf", 0) > latest:
        raise InvalidToken(hint="from the future")
    if rules.max_lifetime is not None and expires_at - issued_at > rules.max_lifetime.total_seconds():
        raise InvalidToken(hint="lives too long")


def _check_text(text: object, name: str) -> None:
    # A printable text holds no NUL, control or bidirectional character and no lone surrogate.
    if not isinstance(text, str) or not 0 < len(text) <= _MAX_TEXT or not text.isprintable():
        raise InvalidToken(hint=f"{name} is not a short printable string")
