"""ID tokens: every algorithm, the hashes of published examples, and which tokens are no hints."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED
from tests.core.tokens.forging import ISSUER, KEYS, NOW, PRIVATE, SECOND, b64, claims, forge, public, verify

from watchword.core.errors import InvalidRequest, InvalidToken
from watchword.core.tokens.base64url import decode
from watchword.core.tokens.compact import parse_compact
from watchword.core.tokens.id_token import (
    ID_TOKEN_ALGORITHMS,
    IdClaims,
    IdTokenHint,
    half_hash,
    sign_id_token,
    verify_id_token_hint,
)
from watchword.core.tokens.jwk import find_key
from watchword.core.tokens.signature import check_signature
from watchword.core.tokens.signing_keys import SigningMaterial

SID = "018f0000-0000-7000-8000-000000000003"
PLAIN = IdClaims(subject="u1", client_id="c1", issued_at=NOW, expires_at=NOW + timedelta(minutes=10))
FULL = replace(
    PLAIN,
    auth_time=NOW - timedelta(minutes=1),
    nonce="n-0S6_WzA2Mj",
    acr="urn:example:gold",
    amr=("pwd", "otp"),
    session_id=SID,
    access_token="jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
    code="Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk",
    state="af0ifjsldkj",
)


def key(algorithm="ES256"):
    return SigningMaterial(algorithm, algorithm, PRIVATE[algorithm])


def read(token, algorithm="ES256"):
    return json.loads(check_signature(parse_compact(token), public(algorithm)))


def hint_of(token, keys=KEYS, **options):
    return verify_id_token_hint(token, issuer=ISSUER, find_key=lambda kid, alg: find_key(keys, kid, alg), **options)


def test_the_hashes_of_core_appendix_a_hold():
    assert half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"
    code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"
    assert half_hash(code, "RS256") == "LDktKdoQak3Pk0cnXxCltA"


def test_ed25519_hashes_with_sha_512():
    assert len(decode(half_hash("token", "EdDSA"))) == 32
    assert {len(decode(half_hash("token", name))) for name in ("RS256", "PS256", "ES256")} == {16}


@pytest.mark.parametrize("algorithm", ID_TOKEN_ALGORITHMS)
def test_a_full_id_token_says_all_of_it_under_every_algorithm(algorithm):
    token = sign_id_token(FULL, issuer=ISSUER, key=key(algorithm))
    assert parse_compact(token).header == {"alg": algorithm, "kid": algorithm, "typ": "JWT"}
    assert read(token, algorithm) == {
        "iss": ISSUER,
        "sub": "u1",
        "aud": "c1",
        "exp": SECOND + 600,
        "iat": SECOND,
        "auth_time": SECOND - 60,
        "nonce": "n-0S6_WzA2Mj",
        "acr": "urn:example:gold",
        "amr": ["pwd", "otp"],
        "sid": SID,
        "at_hash": half_hash(FULL.access_token, algorithm),
        "c_hash": half_hash(FULL.code, algorithm),
        "s_hash": half_hash(FULL.state, algorithm),
    }


def test_a_plain_id_token_has_no_empty_claim():
    assert set(read(sign_id_token(PLAIN, issuer=ISSUER, key=key()))) == {"iss", "sub", "aud", "exp", "iat"}


def test_a_claim_of_the_person_never_replaces_one_of_the_protocol():
    extra = {"name": "Jane", "sub": "admin", "aud": "c2", "iss": "https://evil.example", "exp": 9999999999}
    said = read(sign_id_token(replace(PLAIN, extra=extra), issuer=ISSUER, key=key()))
    assert said["name"] == "Jane"
    assert (said["iss"], said["sub"], said["aud"], said["exp"]) == (ISSUER, "u1", "c1", SECOND + 600)


def test_secrets_do_not_stand_in_the_repr():
    assert FULL.access_token not in repr(FULL)
    assert FULL.code not in repr(FULL)


def test_j39_an_id_token_is_no_access_token():
    with pytest.raises(InvalidToken):
        verify(sign_id_token(FULL, issuer=ISSUER, key=key()))
    assert verify(forge()).subject == claims()["sub"]


@pytest.mark.parametrize("algorithm", ID_TOKEN_ALGORITHMS)
def test_i13_an_id_token_of_ours_is_a_hint_even_long_after_it_expired(algorithm):
    old = replace(FULL, issued_at=NOW - timedelta(days=900), expires_at=NOW - timedelta(days=899))
    hint = hint_of(sign_id_token(old, issuer=ISSUER, key=key(algorithm)), (public(algorithm),), client_id="c1")
    assert hint == IdTokenHint(subject="u1", client_id="c1", session_id=SID, auth_time=NOW - timedelta(minutes=1))


def test_any_client_may_send_a_hint_where_none_is_named():
    assert hint_of(sign_id_token(PLAIN, issuer=ISSUER, key=key())).client_id == "c1"


def test_i13_a_hint_that_was_made_for_another_client_is_refused():
    with pytest.raises(InvalidRequest):
        hint_of(sign_id_token(FULL, issuer=ISSUER, key=key()), client_id="c2")


HEAD = {"alg": "ES256", "kid": "ES256", "typ": "JWT"}
BODY = {"iss": ISSUER, "sub": "u1", "aud": "c1", "exp": 1, "iat": 0}
UNSIGNED = ".".join(b64(json.dumps(part).encode()) for part in ({**HEAD, "alg": "none"}, BODY))
BAD_HINTS = {
    "access-token": forge(),
    "logout-token": forge(BODY, {**HEAD, "typ": "logout+jwt"}),
    "no-typ": forge(BODY, {"alg": "ES256", "kid": "ES256"}),
    "no-kid": forge(BODY, {"alg": "ES256", "typ": "JWT"}),
    "unknown-kid": forge(BODY, {**HEAD, "kid": "other"}),
    "other-key": forge(BODY, HEAD, key=type(PRIVATE["ES256"]).generate_key("P-256")),
    "J01-none": UNSIGNED + ".",
    "J02-none-signed": UNSIGNED + ".AAAA",
    "J03-hmac": forge(BODY, {**HEAD, "alg": "HS256"}, key=PRIVATE["HS256"], algorithm="HS256"),
    "J37-issuer": forge({**BODY, "iss": ISSUER + "/"}, HEAD),
    "no-issuer": forge({name: BODY[name] for name in ("sub", "aud")}, HEAD),
    "no-subject": forge({"iss": ISSUER, "aud": "c1"}, HEAD),
    "J32-subject": forge({**BODY, "sub": 1}, HEAD),
    "audiences": forge({**BODY, "aud": ["c1", "c2"]}, HEAD),
    "sid": forge({**BODY, "sid": 1}, HEAD),
    "auth_time": forge({**BODY, "auth_time": 10**18}, HEAD),
    "auth_time-text": forge({**BODY, "auth_time": "1"}, HEAD),
    "changed": forge(BODY, HEAD)[:-2] + "AA",
    "empty": "",
    "text": "not a token",
}


def test_the_forged_hint_is_good_before_it_is_made_bad():
    assert hint_of(forge(BODY, HEAD)).subject == "u1"


@pytest.mark.parametrize("token", [pytest.param(token, id=name) for name, token in BAD_HINTS.items()])
def test_what_is_no_id_token_of_ours_is_no_hint(token):
    with pytest.raises(InvalidRequest):
        hint_of(token)


@given(ANY_TEXT)
@UNHURRIED
def test_no_text_is_a_hint(text):
    with pytest.raises(InvalidRequest):
        hint_of(text)
