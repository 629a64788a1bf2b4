"""Logout tokens, signed userinfo and signed introspection: what they say, and that none is taken for another."""

import json

import pytest
from tests.core.tokens.forging import ISSUER, KEYS, NOW, PRIVATE, SECOND, public, verify

from watchword.core.errors import InvalidRequest, InvalidToken
from watchword.core.tokens.compact import parse_compact
from watchword.core.tokens.id_token import verify_id_token_hint
from watchword.core.tokens.jwk import find_key
from watchword.core.tokens.logout_token import sign_logout_token
from watchword.core.tokens.signature import check_signature
from watchword.core.tokens.signed_answers import sign_introspection, sign_userinfo
from watchword.core.tokens.signing_keys import SigningMaterial

KEY = SigningMaterial("ES256", "ES256", PRIVATE["ES256"])
LOGOUT = {"issuer": ISSUER, "client_id": "c1", "token_id": "t1", "now": NOW, "key": KEY}
EVENTS = {"http://schemas.openid.net/event/backchannel-logout": {}}


def read(token):
    compact = parse_compact(token)
    return dict(compact.header), json.loads(check_signature(compact, public("ES256")))


def test_a_logout_token_names_the_session_and_lives_two_minutes():
    head, said = read(sign_logout_token(**LOGOUT, subject="u1", session_id="s1"))
    assert head == {"alg": "ES256", "kid": "ES256", "typ": "logout+jwt"}
    assert said == {
        "iss": ISSUER,
        "sub": "u1",
        "aud": "c1",
        "iat": SECOND,
        "exp": SECOND + 120,
        "jti": "t1",
        "sid": "s1",
        "events": EVENTS,
    }


def test_a_logout_token_may_name_the_subject_or_the_session_alone():
    assert "sid" not in read(sign_logout_token(**LOGOUT, subject="u1"))[1]
    assert "sub" not in read(sign_logout_token(**LOGOUT, session_id="s1"))[1]
    with pytest.raises(ValueError, match="a subject or a session"):
        sign_logout_token(**LOGOUT)


def test_signed_userinfo_is_for_one_client():
    head, said = read(sign_userinfo({"sub": "u1", "name": "Jané", "aud": "x"}, issuer=ISSUER, client_id="c1", key=KEY))
    assert head["typ"] == "JWT"
    assert said == {"sub": "u1", "name": "Jané", "iss": ISSUER, "aud": "c1"}


def test_a_signed_introspection_keeps_the_answer_apart():
    answer = {"active": True, "sub": "u1", "exp": 1}
    head, said = read(sign_introspection(answer, issuer=ISSUER, client_id="rs1", now=NOW, key=KEY))
    assert head["typ"] == "token-introspection+jwt"
    assert said == {"iss": ISSUER, "aud": "rs1", "iat": SECOND, "token_introspection": answer}


TOKENS = {
    "logout": sign_logout_token(**LOGOUT, subject="u1", session_id="s1"),
    "userinfo": sign_userinfo({"sub": "u1"}, issuer=ISSUER, client_id="c1", key=KEY),
    "introspection": sign_introspection({"active": True}, issuer=ISSUER, client_id="c1", now=NOW, key=KEY),
}


@pytest.mark.parametrize("token", [pytest.param(token, id=name) for name, token in TOKENS.items()])
def test_j41_none_of_them_is_an_access_token(token):
    with pytest.raises(InvalidToken):
        verify(token)


@pytest.mark.parametrize("name", TOKENS)
def test_none_of_them_is_an_id_token_hint(name):
    with pytest.raises(InvalidRequest):
        verify_id_token_hint(TOKENS[name], issuer=ISSUER, find_key=lambda kid, alg: find_key(KEYS, kid, alg))
