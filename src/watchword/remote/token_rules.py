"""What a token of another issuer must say to be an access token for us (RFC 9068 section 4, RFC 8725 section 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from watchword.core.errors import InvalidToken
from watchword.core.tokens.compact import CompactToken
from watchword.remote.claims import find_time, texts

ACCESS_TOKEN_TYPES = frozenset({"at+jwt", "application/at+jwt"})
PLAIN_TYPES = frozenset({"jwt", "application/jwt", ""})
"""What most issuers write, or (the empty text) nothing. Any other `typ` is another kind of token: `logout+jwt`,
`dpop+jwt`, `secevent+jwt`, `oauth-authz-req+jwt`, `token-introspection+jwt`, ..."""

KIND_CLAIMS = ("typ", "token_use")
"""Claims by which Keycloak and Cognito mark what kind of token it is."""
NEVER_ACCEPTED = frozenset({"refresh", "offline", "logout"})
ID_TOKEN_CLAIMS = frozenset({"nonce", "at_hash", "c_hash", "s_hash"})
"""OpenID Connect Core section 2: they stand in ID tokens only (but see `_check_kind`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRules:
    """What to hold a token against.

    `audiences` are the names of this resource server, any one of which must stand in `audience_claim`. `leeway` is for
    `iat` and `nbf`, never for `exp`.
    """

    issuer: str
    audiences: frozenset[str]
    algorithms: frozenset[str]
    leeway: timedelta
    audience_claim: str = "aud"
    token_types: frozenset[str] = ACCESS_TOKEN_TYPES | PLAIN_TYPES
    accept_id_tokens: bool = False


def check_header(token: CompactToken, rules: RemoteRules) -> CompactToken:
    """Return the token if its `alg` and `typ` may be those of an access token, else raise InvalidToken."""
    if token.algorithm not in rules.algorithms:
        raise InvalidToken(hint="the algorithm is not among those accepted of this issuer")
    if _type_of(token.header) not in rules.token_types:
        raise InvalidToken(hint="another kind of token, by its typ")
    return token


def check_claims(
    claims: Mapping[str, Any], header: Mapping[str, str], rules: RemoteRules, *, now: datetime
) -> Mapping[str, Any]:
    """Return the claims of a token whose signature is good, if it is an access token for us and for now.

    Raises:
        InvalidToken: it is another issuer's, for another audience, not yet or no longer valid, of another kind, bound
            to a key whose possession is not proved here, or lacks `sub`, `exp` or `iat`.
    """
    if claims.get("iss") != rules.issuer:
        raise InvalidToken(hint="another issuer")
    if rules.audiences.isdisjoint(texts(claims.get(rules.audience_claim))):
        raise InvalidToken(hint=f"another audience, by {rules.audience_claim}")
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise InvalidToken(hint="no sub")
    _check_times(claims, rules.leeway, now)
    _check_kind(claims, header, rules)
    if "cnf" in claims:
        raise InvalidToken(hint="bound to a key (cnf), which is not proved with a bearer token")
    return claims


def _check_times(claims: Mapping[str, Any], leeway: timedelta, now: datetime) -> None:
    expires_at, issued_at = find_time(claims, "exp"), find_time(claims, "iat")
    if expires_at is None or issued_at is None:
        raise InvalidToken(hint="no exp or no iat")
    if now >= expires_at:
        raise InvalidToken(hint="expired")
    if max(issued_at, find_time(claims, "nbf") or issued_at) > now + leeway:
        raise InvalidToken(hint="not valid yet")


def _check_kind(claims: Mapping[str, Any], header: Mapping[str, str], rules: RemoteRules) -> None:
    """Refuse ID, refresh and logout tokens, which the same keys sign (RFC 8725 section 3.12)."""
    kinds = {str(claims.get(name)).lower() for name in KIND_CLAIMS}
    if "events" in claims or not NEVER_ACCEPTED.isdisjoint(kinds):
        raise InvalidToken(hint="a refresh, logout or security event token")
    if rules.accept_id_tokens or _type_of(header) in ACCESS_TOKEN_TYPES:
        return
    # Keycloak before 24 put the nonce into access tokens too, and marks those `"typ": "Bearer"`.
    if "id" in kinds or ("bearer" not in kinds and not ID_TOKEN_CLAIMS.isdisjoint(claims)):
        raise InvalidToken(hint="an ID token, by its claims")


def _type_of(header: Mapping[str, str]) -> str:
    return header.get("typ", "").lower()
