"""Signing our own access tokens (RFC 9068), and what a good one proves."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from joserfc import jws
from tests.core.tokens.forging import AUDIENCE, EC, ISSUER, NOW, PRIVATE, SECOND, b64, claims, forge, public, verify

from watchword.core.tokens.access_token import AccessClaims, sign_access_token
from watchword.core.tokens.compact import parse_compact
from watchword.core.tokens.keyring import SigningMaterial

FULL = AccessClaims(
    subject="018f0000-0000-7000-8000-000000000001",
    client_id="first-party",
    audience=AUDIENCE,
    scopes=frozenset({"me", "items:read"}),
    issued_at=NOW + timedelta(milliseconds=999),
    expires_at=NOW + timedelta(milliseconds=999, minutes=10),
    token_id="018f0000-0000-7000-8000-000000000002",
    session_id="018f0000-0000-7000-8000-000000000003",
    roles=("admin", "editor"),
    auth_time=NOW - timedelta(minutes=5),
    amr=("pwd",),
    acr="1",
)
LEAST = AccessClaims(
    subject="machine",
    client_id="machine",
    audience=AUDIENCE,
    scopes=frozenset(),
    issued_at=NOW,
    expires_at=NOW + timedelta(minutes=10),
    token_id="t",
)


def issue(access: AccessClaims = FULL, algorithm: str = "ES256") -> str:
    return sign_access_token(access, issuer=ISSUER, key=SigningMaterial(algorithm, algorithm, PRIVATE[algorithm]))


@pytest.mark.parametrize("algorithm", list(PRIVATE))
def test_the_header_is_exactly_alg_kid_and_typ(algorithm):
    token = parse_compact(issue(algorithm=algorithm))

    assert {"alg": algorithm, "kid": algorithm, "typ": "at+jwt"} == dict(token.header)


def test_the_claims_are_exactly_those_that_apply():
    assert json.loads(parse_compact(issue()).payload) == {
        "iss": ISSUER,
        "sub": FULL.subject,
        "aud": AUDIENCE,
        "exp": SECOND + 600,
        "iat": SECOND,
        "jti": FULL.token_id,
        "client_id": "first-party",
        "scope": "items:read me",
        "sid": FULL.session_id,
        "roles": ["admin", "editor"],
        "auth_time": SECOND - 300,
        "acr": "1",
        "amr": ["pwd"],
    }


def test_a_claim_that_does_not_apply_is_left_out():
    assert json.loads(parse_compact(issue(LEAST)).payload) == {
        "iss": ISSUER,
        "sub": "machine",
        "aud": AUDIENCE,
        "exp": SECOND + 600,
        "iat": SECOND,
        "jti": "t",
        "client_id": "machine",
    }


@pytest.mark.parametrize("milliseconds", [0, 1, 499, 500, 999])
@pytest.mark.parametrize("lifetime", [1, 600, 86_400])
def test_iat_is_cut_to_the_second_and_exp_is_exactly_the_lifetime_later(milliseconds, lifetime):
    start = NOW + timedelta(milliseconds=milliseconds)
    access = replace(FULL, issued_at=start, expires_at=start + timedelta(seconds=lifetime))
    payload = json.loads(parse_compact(issue(access)).payload)

    assert (SECOND, SECOND + lifetime) == (payload["iat"], payload["exp"])
    assert (int, int) == (type(payload["iat"]), type(payload["exp"]))


@pytest.mark.parametrize("algorithm", list(PRIVATE))
def test_what_is_signed_is_what_is_proved(algorithm):
    principal = verify(issue(algorithm=algorithm), keys=(public(algorithm),))

    assert (FULL.subject, ISSUER, "first-party") == (principal.subject, principal.issuer, principal.client_id)
    assert (FULL.scopes, {"admin", "editor"}, frozenset()) == (
        principal.scopes,
        principal.roles,
        principal.permissions,
    )
    assert (FULL.session_id, FULL.token_id) == (principal.session_id, principal.token_id)
    assert (NOW, NOW + timedelta(minutes=10)) == (principal.issued_at, principal.expires_at)
    assert (FULL.auth_time, ("pwd",), "1") == (principal.auth_time, principal.amr, principal.acr)


def test_the_least_token_proves_the_least():
    principal = verify(issue(LEAST))

    assert (principal.session_id, principal.auth_time, principal.amr, principal.acr) == (None, None, (), None)
    assert (frozenset(), frozenset()) == (principal.scopes, principal.roles)


def test_the_claims_of_a_principal_are_as_received_and_read_only():
    principal = verify(forge(claims(extra={"a": [1]})))

    assert claims(extra={"a": [1]}) == dict(principal.claims)
    with pytest.raises(TypeError):
        principal.claims["sub"] = "x"  # type: ignore[index]


def test_times_are_aware_utc():
    principal = verify(issue())

    assert [time.tzinfo for time in (principal.issued_at, principal.expires_at, principal.auth_time) if time] == [
        UTC,
        UTC,
        UTC,
    ]


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "HS256"])
def test_another_library_call_verifies_our_token(algorithm):
    token = jws.deserialize_compact(issue(algorithm=algorithm), PRIVATE[algorithm], algorithms=[algorithm])

    assert token.protected["typ"] == "at+jwt"


def test_an_ecdsa_signature_is_64_raw_bytes():
    assert len(issue().rpartition(".")[2]) == len(b64(b"x" * 64))


def test_now_may_be_in_any_zone():
    token = issue()
    elsewhere = datetime(2030, 1, 1, 5, 45, tzinfo=timezone(timedelta(hours=5, minutes=45)))

    assert elsewhere == NOW
    assert verify(token, now=elsewhere).subject == FULL.subject


def test_signing_material_shows_no_key():
    assert EC.as_dict(private=True)["d"] not in repr(SigningMaterial("kid", "ES256", EC))
