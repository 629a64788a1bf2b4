"""What a token of another issuer must be to be an access token for us (RFC 9068 section 4, RFC 8725 section 3.12).

The claims are checked by `core.tokens.claims`, as those of our own tokens are; here stands what only strangers need.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from watchword.core.errors import InvalidToken
from watchword.core.tokens.claims import check_claims
from watchword.core.tokens.compact import CompactToken
from watchword.core.tokens.token_rules import PLAIN_TYPES, TokenRules
from watchword.remote.claims import texts

_ACCESS = "at+jwt"
_KIND_CLAIMS = ("typ", "token_use")
"""Claims by which Keycloak and Cognito mark what kind of token it is."""
_ACCESS_KINDS = frozenset({"access", "bearer"})
_ACCESS_CLAIMS = frozenset({"scope", "scp", "client_id", "cid", "appid", "appidacr", "azpacr", "permissions"})
"""RFC 9068; Okta (`scp`, `cid`); Entra ID (`scp`, `appid`, `appidacr`, `azpacr`); Auth0 (`scope`, `permissions`).
`azp` and `roles` stand in ID tokens too."""
_NEVER_ACCEPTED = frozenset({"refresh", "offline", "logout"})


@dataclass(frozen=True, slots=True)
class RemoteRules:
    """What to hold a token against: the rules for each of our audiences, of which a token must name one."""

    by_audience: Mapping[str, TokenRules]
    algorithms: frozenset[str]
    accept_id_tokens: bool

    @property
    def any(self) -> TokenRules:
        """The rules for the first audience; all of them differ in the audience alone."""
        return next(iter(self.by_audience.values()))


def new_rules(
    issuer: str,
    audiences: Iterable[str],
    *,
    algorithms: frozenset[str],
    leeway: timedelta,
    audience_claim: str,
    token_types: frozenset[str],
    accept_id_tokens: bool,
) -> RemoteRules:
    """Return the rules; unlike `TokenRules.remote` alone they require `iat`."""

    def rules_for(audience: str) -> TokenRules:
        rules = TokenRules.remote(issuer=issuer, audience=audience, leeway=leeway, audience_claim=audience_claim)
        return replace(rules, types=token_types, required=rules.required | {"iat"})

    return RemoteRules({audience: rules_for(audience) for audience in audiences}, algorithms, accept_id_tokens)


def check_header(token: CompactToken, rules: RemoteRules) -> CompactToken:
    """Return the token if its `alg` and `typ` may be those of an access token, else raise InvalidToken.

    Among the kinds that are told apart so: `logout+jwt`, `dpop+jwt`, `secevent+jwt`, `oauth-authz-req+jwt`.
    """
    if token.algorithm not in rules.algorithms:
        raise InvalidToken(hint="the algorithm is not among those accepted of this issuer")
    if _type_of(token) not in rules.any.types:
        raise InvalidToken(hint="another kind of token, by its typ")
    return token


def check_token_claims(
    claims: Mapping[str, Any], token: CompactToken, rules: RemoteRules, *, now: datetime
) -> Mapping[str, Any]:
    """Return the claims of a token whose signature is good, if it is an access token for us and for now.

    Raises:
        InvalidToken: it is another issuer's, for another audience, not yet or no longer valid, of another kind, bound
            to a key whose possession a bearer token does not prove, or lacks `sub`, `exp` or `iat`.
    """
    kinds = {str(claims.get(name)).lower() for name in _KIND_CLAIMS}
    if "events" in claims or not _NEVER_ACCEPTED.isdisjoint(kinds):
        raise InvalidToken(hint="a refresh, logout or security event token")
    if "cnf" in claims:
        raise InvalidToken(hint="bound to a key (cnf), which is not proved with a bearer token")
    # An ID token that is welcome is checked as if its header had said that it is an access token.
    typ = _ACCESS if rules.accept_id_tokens else _type_of(token)
    check_claims(claims, typ=typ, rules=_rules_for(claims, rules), now=now)
    if not rules.accept_id_tokens and _type_of(token) in PLAIN_TYPES and not _grants_something(claims):
        raise InvalidToken(hint="nothing marks it as an access token: it may be an ID token")
    return claims


def _grants_something(claims: Mapping[str, Any]) -> bool:
    """Whether a claim is there that issuers write into access tokens alone."""
    kinds = {str(claims.get(name)).lower() for name in _KIND_CLAIMS}
    return not _ACCESS_CLAIMS.isdisjoint(claims) or not _ACCESS_KINDS.isdisjoint(kinds)


def _rules_for(claims: Mapping[str, Any], rules: RemoteRules) -> TokenRules:
    """Return the rules for one of our audiences that the token names; if it names none, any rules refuse it."""
    named = texts(claims.get(rules.any.audience_claim))
    return next((rules.by_audience[audience] for audience in named if audience in rules.by_audience), rules.any)


def _type_of(token: CompactToken) -> str:
    return token.header.get("typ", "").lower()
