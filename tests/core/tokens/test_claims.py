"""Claims under a good signature: every one of these tokens is truly signed, and the claims alone decide."""

import json
from datetime import timedelta

import pytest
from tests.core.tokens.forging import AUDIENCE, ISSUER, NOW, REMOTE_RULES, SECOND, claims, forge, header, verify

from watchword.core.errors import InvalidToken
from watchword.core.tokens.access_token import TokenRules

LEEWAY = 10
BIG = 10**18


def raw(name: str, text: str) -> str:
    """The claims with one member as this very JSON text, which Python could not write."""
    body = json.dumps(claims(**{name: "@"}))
    return body.replace('"@"', text)


TIMES_REFUSED = {
    "J23-exp-text": claims(exp="9999999999"),
    "J23-exp-text-of-our-time": claims(exp=str(SECOND + 300)),
    "J24-exp-nan": raw("exp", "NaN"),
    "J24-exp-infinity": raw("exp", "Infinity"),
    "J24-exp-minus-infinity": raw("exp", "-Infinity"),
    "J24-exp-1e400": raw("exp", "1e400"),
    "J24-exp-float": claims(exp=SECOND + 300.0),
    "J24-exp-exponent": raw("exp", "1.9e9"),
    "J25-exp-true": claims(exp=True),
    "J25-exp-null": claims(exp=None),
    "J25-exp-list": claims(exp=[SECOND + 300]),
    "J25-exp-object": claims(exp={}),
    "J26-exp-4000-digits": raw("exp", "9" * 4000),
    "J26-exp-year-9999": claims(exp=253402300799),
    "J26-exp-year-10000": claims(exp=253402300800),
    "J26-exp-19-digits": claims(exp=9 * 10**18),
    "J26-exp-a-second-over-the-lifetime": claims(exp=SECOND + 601),
    "J27-exp-5000-digits": raw("exp", "1" + "0" * 5000),
    "J29-exp-is-now": claims(iat=SECOND - 300, exp=SECOND),
    "J29-exp-is-past": claims(iat=SECOND - 300, exp=SECOND - 1),
    "J29-exp-within-the-leeway": claims(iat=SECOND - 300, exp=SECOND - LEEWAY + 1),
    "J29-exp-negative": claims(exp=-1),
    "J29-exp-missing": claims(exp=...),
    "J30-nbf-future": claims(nbf=SECOND + LEEWAY + 1),
    "J30-nbf-far-future": claims(nbf=SECOND + LEEWAY + 60),
    "J30-nbf-text": claims(nbf=str(SECOND)),
    "J30-nbf-null": claims(nbf=None),
    "J30-nbf-float": claims(nbf=SECOND - 0.5),
    "J31-iat-future": claims(iat=SECOND + LEEWAY + 1),
    "J31-iat-an-hour-ahead": claims(iat=SECOND + 3600, exp=SECOND + 3900),
    "J31-iat-negative": claims(iat=-5),
    "J31-iat-text": claims(iat="x"),
    "J31-iat-true": claims(iat=True),
    "J31-iat-null": claims(iat=None),
    "J31-iat-float": claims(iat=SECOND + 0.5),
    "J31-iat-huge": claims(iat=BIG),
    "J31-iat-missing": claims(iat=...),
    "J31-auth-time-text": claims(auth_time="x"),
    "J31-auth-time-huge": claims(auth_time=BIG),
    "J31-auth-time-negative": claims(auth_time=-1),
}


@pytest.mark.parametrize("payload", [pytest.param(payload, id=name) for name, payload in TIMES_REFUSED.items()])
def test_a_time_that_is_not_right_is_refused(payload):
    with pytest.raises(InvalidToken):
        verify(forge(payload))


TIMES_ACCEPTED = {
    "J29-exp-a-second-ahead": claims(iat=SECOND - 300, exp=SECOND + 1),
    "J26-exp-of-exactly-the-lifetime": claims(exp=SECOND + 600),
    "J30-nbf-at-the-leeway": claims(nbf=SECOND + LEEWAY),
    "J30-nbf-now": claims(nbf=SECOND),
    "J30-nbf-zero": claims(nbf=0),
    "J31-iat-at-the-leeway": claims(iat=SECOND + LEEWAY),
    "J31-iat-a-second-ahead": claims(iat=SECOND + 1),
    "J31-auth-time-earlier": claims(auth_time=SECOND - 10**6),
}


@pytest.mark.parametrize("payload", [pytest.param(payload, id=name) for name, payload in TIMES_ACCEPTED.items()])
def test_a_time_within_the_bounds_is_accepted(payload):
    assert verify(forge(payload)).subject == claims()["sub"]


def test_j29_a_token_lives_until_its_very_exp_and_not_a_millisecond_longer():
    token, millisecond = forge(), timedelta(milliseconds=1)
    end = NOW + timedelta(seconds=300)

    assert verify(token, now=end - millisecond).expires_at == end
    for now in (end, end + millisecond):
        with pytest.raises(InvalidToken):
            verify(token, now=now)


def test_j26_without_a_bound_a_long_life_is_accepted_up_to_the_year_9999():
    assert verify(forge(claims(exp=253402300799)), max_lifetime=None).expires_at.year == 9999
    with pytest.raises(InvalidToken):
        verify(forge(claims(exp=253402300800)), max_lifetime=None)


TEXTS_REFUSED = {
    "number": 1,
    "null": None,
    "object": {},
    "list": ["x"],
    "true": True,
    "empty": "",
    "nul": "a\x00b",
    "newline": "a\nb",
    "escape": "a\x1bb",
    "del": "a\x7f",
    "c1": "a\x85b",
    "bidi": "a\u202eb",
    "zero-width": "a\u200bb",
    "line-separator": "a\u2028b",
    "lone-surrogate": "\ud800",
    "lone-surrogate-inside": "a\udc00b",
    "256-characters": "x" * 256,
    "10-kib": "x" * 10_240,
}


@pytest.mark.parametrize("name", ["sub", "jti", "client_id", "sid", "acr"])
@pytest.mark.parametrize("value", [pytest.param(value, id=f"J32-J33-{name}") for name, value in TEXTS_REFUSED.items()])
def test_an_identifier_that_is_no_short_printable_text_is_refused(name, value):
    with pytest.raises(InvalidToken):
        verify(forge(claims(**{name: value})))


@pytest.mark.parametrize("name", ["sub", "jti", "client_id", "sid", "acr"])
@pytest.mark.parametrize("value", ["x", "x" * 255, "auth0|123", "a b", "Zoë", "用户", "\U0001f600", "' OR 1=1 --"])
def test_an_identifier_that_is_a_short_printable_text_is_accepted(name, value):
    assert verify(forge(claims(**{name: value}))).claims[name] == value


AUDIENCES_REFUSED = {
    "J34-other": "https://other.example",
    "J34-other-in-a-list": ["https://other.example"],
    "J34-empty-list": [],
    "J34-empty": "",
    "J34-object": {"x": 1},
    "J34-object-with-ours": {AUDIENCE: 1},
    "J34-null": None,
    "J34-number": 1,
    "J34-ours-and-a-number": [AUDIENCE, 1],
    "J34-ours-in-a-nested-list": [[AUDIENCE]],
    "J34-missing": ...,
    "J35-trailing-slash": AUDIENCE + "/",
    "J35-upper-case": AUDIENCE.upper(),
    "J35-suffix": AUDIENCE + ".evil",
    "J35-prefix": AUDIENCE[:-1],
    "J35-space": AUDIENCE + " ",
    "J35-two-in-one": f"{AUDIENCE} https://other.example",
    "J35-one-letter": "h",
}


@pytest.mark.parametrize("rules", [TokenRules(issuer=ISSUER, audience=AUDIENCE), REMOTE_RULES], ids=["own", "remote"])
@pytest.mark.parametrize("audience", [pytest.param(value, id=name) for name, value in AUDIENCES_REFUSED.items()])
def test_an_audience_that_is_not_ours_is_refused(audience, rules):
    with pytest.raises(InvalidToken):
        verify(forge(claims(aud=audience)), rules=rules)


def test_our_audience_is_accepted_as_text_and_as_a_list():
    for audience in (AUDIENCE, [AUDIENCE]):
        assert verify(forge(claims(aud=audience))).claims["aud"] == audience


@pytest.mark.parametrize("audience", [[AUDIENCE, "https://other.example"], ["https://other.example", AUDIENCE]])
def test_j34_an_audience_beside_ours_is_accepted_only_where_the_rules_say_so(audience):
    token = forge(claims(aud=audience))

    with pytest.raises(InvalidToken):
        verify(token)
    assert verify(token, many_audiences=True).claims["aud"] == audience
    assert verify(token, rules=REMOTE_RULES).claims["aud"] == audience


ISSUERS_REFUSED = {
    "J37-other": "https://evil.example",
    "J37-trailing-slash": ISSUER + "/",
    "J37-prefix": ISSUER[:-1],
    "J37-suffix": ISSUER + ".evil",
    "J37-one-letter": "h",
    "J37-upper-case": ISSUER.upper(),
    "J37-empty": "",
    "J37-list": [ISSUER],
    "J37-null": None,
    "J37-object": {ISSUER: 1},
    "J37-missing": ...,
}


@pytest.mark.parametrize("rules", [TokenRules(issuer=ISSUER, audience=AUDIENCE), REMOTE_RULES], ids=["own", "remote"])
@pytest.mark.parametrize("issuer", [pytest.param(value, id=name) for name, value in ISSUERS_REFUSED.items()])
def test_an_issuer_that_is_not_exactly_ours_is_refused(issuer, rules):
    assert verify(forge(claims()), rules=rules).issuer == ISSUER

    with pytest.raises(InvalidToken):
        verify(forge(claims(iss=issuer)), rules=rules)


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"])
def test_a_token_of_ours_without_a_required_claim_is_refused(name):
    with pytest.raises(InvalidToken) as refusal:
        verify(forge(claims(**{name: ...})))

    assert refusal.value.hint == f"missing claims: {name}"


@pytest.mark.parametrize("name", ["iss", "sub", "exp"])
def test_no_rules_can_take_away_what_is_always_required(name):
    rules = TokenRules(issuer=ISSUER, audience=AUDIENCE, required=frozenset())
    assert verify(forge(claims(jti=..., iat=..., client_id=...)), rules=rules).token_id is None

    for missing in (name, "aud"):
        with pytest.raises(InvalidToken):
            verify(forge(claims(**{missing: ...})), rules=rules)


LOOK_ALIKES = {
    "J63-cyrillic-sub": {"sub": ..., "\u0455ub": "x"},
    "J63-zero-width-sub": {"sub": ..., "sub\u200b": "x"},
    "J63-capital-sub": {"sub": ..., "Sub": "x"},
    "J63-capital-exp": {"exp": ..., "EXP": SECOND + 300},
    "J63-space-aud": {"aud": ..., "aud ": AUDIENCE},
    "J63-fullwidth-iss": {"iss": ..., "\uff49ss": ISSUER},
}


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in LOOK_ALIKES.items()])
def test_a_claim_whose_name_looks_alike_is_another_claim(changes):
    added = {name: value for name, value in changes.items() if value is not ...}
    assert verify(forge(claims(**added))).subject == claims()["sub"]

    with pytest.raises(InvalidToken):
        verify(forge(claims(**changes)))


PAYLOADS = {
    "J62-array": "[1]",
    "J62-text": '"x"',
    "J62-number": "1",
    "J62-null": "null",
    "J62-empty": "",
    "J21-exp-twice": '{"exp":1,' + raw("exp", str(SECOND + 300))[1:],
    "J21-sub-twice-by-escape": '{"\\u0073ub":"x",' + raw("sub", '"x"')[1:],
    "J33-lone-surrogate-in-another-claim": raw("name", '"\\ud800"'),
    "J33-lone-surrogate-in-a-name": raw("name", '{"\\udfff":1}'),
    "J59-bom": "\ufeff" + raw("sub", '"x"'),
    "J59-utf-16": raw("sub", '"x"').encode("utf-16"),
    "J59-utf-16-le": raw("sub", '"x"').encode("utf-16-le"),
    "J59-utf-32": raw("sub", '"x"').encode("utf-32"),
    "J59-broken-utf-8": raw("sub", '"x"').encode() + b"\xff",
    "J61-trailing-data": raw("sub", '"x"') + " x",
    "J61-trailing-object": raw("sub", '"x"') + "{}",
    "J61-comment": raw("sub", '"x"') + "//x",
    "J61-single-quotes": raw("sub", "'x'"),
    "depth": raw("name", "[" * 8 + "]" * 8),
    "J68-members": "{" + ",".join(f'"{n}":1' for n in range(1000)) + "}",
}


@pytest.mark.parametrize("payload", [pytest.param(payload, id=name) for name, payload in PAYLOADS.items()])
def test_a_payload_that_is_not_one_strict_object_is_refused(payload):
    assert verify(forge(raw("sub", '"x"'))).subject == "x"

    with pytest.raises(InvalidToken):
        verify(forge(payload))


TYPES_REFUSED = {
    "J39-id-token": "JWT",
    "J39-missing": ...,
    "J39-empty": "",
    "J41-logout-token": "logout+jwt",
    "J41-dpop-proof": "dpop+jwt",
    "J41-client-assertion": "client-authentication+jwt",
    "J41-request-object": "oauth-authz-req+jwt",
    "J41-security-event": "secevent+jwt",
    "J41-introspection": "token-introspection+jwt",
    "at+jwt-with-a-space": "at+jwt ",
    "at+jwt-with-a-parameter": "at+jwt;x",
    "another-media-type": "text/at+jwt",
}


@pytest.mark.parametrize("typ", [pytest.param(value, id=name) for name, value in TYPES_REFUSED.items()])
def test_a_token_of_ours_of_another_type_is_refused(typ):
    with pytest.raises(InvalidToken):
        verify(forge(head=header(typ=typ)))


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"])
def test_the_type_of_an_access_token_is_compared_without_case(typ):
    assert verify(forge(head=header(typ=typ))).client_id == "first-party"


SCOPES_REFUSED = ["", " ", " a", "a ", "a  b", "a\tb", 'a"b', "a\\b", "a\x00", "é", ["a"], 1, None, {}]


@pytest.mark.parametrize("scope", SCOPES_REFUSED)
def test_a_malformed_scope_is_refused_in_ours_and_counts_as_none_in_others(scope):
    with pytest.raises(InvalidToken):
        verify(forge(claims(scope=scope)))
    assert verify(forge(claims(scope=scope)), rules=REMOTE_RULES).scopes == frozenset()


@pytest.mark.parametrize(("scope", "expected"), [("a", {"a"}), ("items:read me", {"items:read", "me"}), ("a a", {"a"})])
def test_a_scope_is_a_set_of_words(scope, expected):
    assert verify(forge(claims(scope=scope))).scopes == expected


def test_a_token_without_scope_has_none():
    assert verify(forge(claims(scope=...))).scopes == frozenset()


@pytest.mark.parametrize("roles", ["admin", [1], ["admin", None], {"admin": 1}, None, True])
def test_malformed_roles_are_refused_in_ours_and_count_as_none_in_others(roles):
    token = forge(claims(roles=roles))

    with pytest.raises(InvalidToken):
        verify(token)
    principal = verify(token, rules=REMOTE_RULES)
    assert (frozenset(), roles) == (principal.roles, principal.claims["roles"])


@pytest.mark.parametrize("amr", ["pwd", [1], None, {}])
@pytest.mark.parametrize("rules", [TokenRules(issuer=ISSUER, audience=AUDIENCE), REMOTE_RULES], ids=["own", "remote"])
def test_malformed_amr_is_refused(amr, rules):
    assert verify(forge(claims(amr=["pwd"])), rules=rules).amr == ("pwd",)

    with pytest.raises(InvalidToken):
        verify(forge(claims(amr=amr)), rules=rules)
