"""The wider rules for tokens of other issuers, and what they still refuse."""

from datetime import timedelta

import pytest
from tests.core.tokens.forging import AUDIENCE, ISSUER, NOW, REMOTE_RULES, SECOND, claims, forge, header, verify

from watchword.core.errors import InvalidToken
from watchword.core.tokens.access_token import TokenRules

PLAIN = claims(jti=..., client_id=..., sid=..., iat=..., scope=...)


@pytest.mark.parametrize("typ", ["JWT", "jwt", ..., "at+jwt", "application/at+jwt"])
def test_a_plain_access_token_of_another_issuer_is_accepted(typ):
    principal = verify(forge(PLAIN, header(typ=typ)), rules=REMOTE_RULES)

    assert (PLAIN["sub"], ISSUER, "", None) == (
        principal.subject,
        principal.issuer,
        principal.client_id,
        principal.token_id,
    )


@pytest.mark.parametrize("typ", ["JWT", ..., "jwt"])
def test_where_the_type_is_required_a_plain_one_is_refused(typ):
    rules = TokenRules.remote(issuer=ISSUER, audience=AUDIENCE, typ_required=True)

    assert verify(forge(PLAIN), rules=rules).subject == PLAIN["sub"]
    with pytest.raises(InvalidToken):
        verify(forge(PLAIN, header(typ=typ)), rules=rules)


@pytest.mark.parametrize(
    "typ", ["logout+jwt", "dpop+jwt", "secevent+jwt", "oauth-authz-req+jwt", "id_token+jwt", "JOSE", "vc+sd-jwt"]
)
def test_j41_a_token_that_says_it_is_another_kind_is_refused(typ):
    assert verify(forge(PLAIN, header(typ="JWT")), rules=REMOTE_RULES).subject == PLAIN["sub"]

    with pytest.raises(InvalidToken):
        verify(forge(PLAIN, header(typ=typ)), rules=REMOTE_RULES)


MARKS = {
    "J39-id-token-nonce": {"nonce": "n"},
    "J39-id-token-at-hash": {"at_hash": "h"},
    "J39-id-token-c-hash": {"c_hash": "h"},
    "J39-id-token-s-hash": {"s_hash": "h"},
    "J39-keycloak-id-token": {"typ": "ID"},
    "J39-cognito-id-token": {"token_use": "id"},
    "J41-keycloak-refresh-token": {"typ": "Refresh"},
    "J41-keycloak-offline-token": {"typ": "Offline"},
    "J41-keycloak-logout-token": {"typ": "Logout"},
    "J41-typ-of-another-form": {"typ": ["Bearer"]},
    "J41-logout-token": {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    "J41-logout-token-that-says-bearer": {"typ": "Bearer", "events": {}},
    "J41-dpop-proof": {"htm": "GET", "htu": "https://api.example"},
}


@pytest.mark.parametrize("typ", ["JWT", ...])
@pytest.mark.parametrize("marks", [pytest.param(marks, id=name) for name, marks in MARKS.items()])
def test_a_plain_token_with_the_marks_of_another_kind_is_refused(marks, typ):
    with pytest.raises(InvalidToken):
        verify(forge({**claims(), **marks}, header(typ=typ)), rules=REMOTE_RULES)


@pytest.mark.parametrize("marks", [{"typ": "Bearer", "nonce": "n"}, {"token_use": "access"}, {"typ": "Bearer"}])
def test_a_plain_token_that_says_it_is_an_access_token_is_accepted(marks):
    """Older Keycloak writes the nonce into its access tokens too."""
    assert verify(forge({**claims(), **marks}, header(typ="JWT")), rules=REMOTE_RULES).subject == claims()["sub"]


def test_a_token_typed_as_access_token_is_not_judged_by_its_marks():
    assert verify(forge(claims(nonce="n")), rules=REMOTE_RULES).subject == claims()["sub"]


def test_fractional_times_are_accepted_from_others_and_compared_exactly():
    token = forge(claims(iat=SECOND - 0.25, exp=SECOND + 0.5, nbf=SECOND - 0.25))

    assert verify(token, rules=REMOTE_RULES).expires_at == NOW + timedelta(milliseconds=500)
    with pytest.raises(InvalidToken):
        verify(token, rules=REMOTE_RULES, now=NOW + timedelta(milliseconds=500))
    with pytest.raises(InvalidToken):
        verify(token)


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", ["1", True, None, [], {}, -1, -0.5, 1e300, 253402300800, 10**18])
def test_a_time_of_another_form_is_refused_from_others_too(name, value):
    with pytest.raises(InvalidToken):
        verify(forge(claims(**{name: value})), rules=REMOTE_RULES)


def test_the_lifetime_is_bounded_only_where_that_is_asked():
    token = forge(claims(exp=SECOND + 86_400))
    bounded = TokenRules.remote(issuer=ISSUER, audience=AUDIENCE, max_lifetime=timedelta(hours=1))

    assert verify(token, rules=REMOTE_RULES).subject == claims()["sub"]
    assert verify(forge(claims(exp=SECOND + 3600)), rules=bounded).subject == claims()["sub"]
    for refused in (token, forge(claims(iat=...))):
        with pytest.raises(InvalidToken):
            verify(refused, rules=bounded)


def test_the_audience_may_stand_in_another_claim():
    cognito = TokenRules.remote(issuer=ISSUER, audience="our-app", audience_claim="client_id")
    good = claims(aud=..., client_id="our-app", token_use="access")

    assert verify(forge(good, header(typ=...)), rules=cognito).client_id == "our-app"
    for bad in ({**good, "client_id": "other"}, {**good, "token_use": "id"}, claims(client_id=...)):
        with pytest.raises(InvalidToken):
            verify(forge(bad, header(typ=...)), rules=cognito)


def test_the_claims_of_others_are_kept_as_received_for_whoever_maps_them():
    extra = {"scp": ["a", "b"], "realm_access": {"roles": ["x"]}, "permissions": ["p"], "roles": ["r"]}
    principal = verify(forge({**PLAIN, **extra}, header(typ="JWT")), rules=REMOTE_RULES)

    assert {**PLAIN, **extra} == dict(principal.claims)
    assert (frozenset(), {"r"}, frozenset()) == (principal.scopes, principal.roles, principal.permissions)


def test_the_leeway_is_that_of_the_rules():
    rules = TokenRules.remote(issuer=ISSUER, audience=AUDIENCE, leeway=timedelta(minutes=2))
    token = forge(claims(iat=SECOND + 120, nbf=SECOND + 120))

    assert verify(token, rules=rules).subject == claims()["sub"]
    with pytest.raises(InvalidToken):
        verify(token, rules=REMOTE_RULES)
