"""Claims under a good signature: every one of these tokens is truly signed, and the claims alone decide."""

import pytest
from tests.core.tokens.forging import AUDIENCE, ISSUER, REMOTE_RULES, SECOND, claims, forge, header, raw, verify

from watchword.core.errors import InvalidToken
from watchword.core.tokens.access_token import TokenRules

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


@pytest.mark.parametrize("rules", [TokenRules(issuer=ISSUER, audience=AUDIENCE), REMOTE_RULES], ids=["own", "remote"])
def test_x10_a_token_that_is_bound_to_a_key_is_no_bearer_token(rules):
    assert verify(forge(claims()), rules=rules).client_id == "first-party"

    for confirmation in ({"jkt": "x"}, {"x5t#S256": "x"}, {}, None):
        with pytest.raises(InvalidToken):
            verify(forge(claims(cnf=confirmation)), rules=rules)


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
