"""Client assertions: a good one of each method, and every change that makes it bad."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED
from tests.core.tokens.forging import ISSUER, NOW, PRIVATE, SECOND, forge, public, verify

from watchword.core.authorize_errors import InvalidClientAssertion
from watchword.core.errors import InvalidToken
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.tokens.client_assertion import (
    UnknownClientKey,
    UsedAssertion,
    find_assertion_client,
    once_key,
    verify_client_assertion,
)

TOKEN_ENDPOINT = f"{ISSUER}/auth/token"
AUDIENCES = (ISSUER, TOKEN_ENDPOINT)
METADATA = ClientMetadata(auth_method="private_key_jwt")
BY_SECRET = ClientMetadata(auth_method="client_secret_jwt")
KEYS = tuple(public(name) for name in ("RS256", "PS256", "ES256", "EdDSA"))


def claims(**changes):
    good = {"iss": "c1", "sub": "c1", "aud": ISSUER, "jti": "j1", "exp": SECOND + 60, "iat": SECOND}
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def assertion(algorithm="ES256", head=None, **changes):
    header = {"alg": algorithm, "kid": algorithm, "typ": "JWT", **(head or {})}
    header = {name: value for name, value in header.items() if value is not ...}
    return forge(claims(**changes), header, key=PRIVATE[algorithm], algorithm=algorithm)


def check(token, metadata=METADATA, keys=KEYS, audiences=AUDIENCES, now=NOW, **options):
    return verify_client_assertion(
        token, client_id="c1", metadata=metadata, keys=keys, audiences=audiences, now=now, **options
    )


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_private_key_jwt_takes_every_public_algorithm(algorithm):
    used = check(assertion(algorithm))
    assert used == UsedAssertion("j1", datetime.fromtimestamp(SECOND + 60, UTC))


def test_client_secret_jwt_takes_the_secret():
    assert check(assertion("HS256"), BY_SECRET, (public("HS256"),)).token_id == "j1"


@pytest.mark.parametrize(
    ("metadata", "algorithm"),
    [
        (METADATA, "HS256"),
        (BY_SECRET, "ES256"),
        (ClientMetadata(auth_method="client_secret_basic"), "ES256"),
        (ClientMetadata(auth_method="none"), "ES256"),
        (replace(METADATA, auth_alg="PS256"), "ES256"),
        (replace(METADATA, auth_alg="PS256"), "RS256"),
        (replace(METADATA, auth_alg="none"), "ES256"),
        (replace(METADATA, auth_alg="HS256"), "HS256"),
    ],
)
def test_t03_another_method_or_algorithm_than_the_registered_one_is_refused(metadata, algorithm):
    with pytest.raises(InvalidClientAssertion):
        check(assertion(algorithm), metadata, (*KEYS, public("HS256")))


def test_the_algorithm_that_is_pinned_is_accepted():
    assert check(assertion("PS256"), replace(METADATA, auth_alg="PS256")).token_id == "j1"


@pytest.mark.parametrize("audience", [ISSUER, TOKEN_ENDPOINT, [ISSUER], [ISSUER, TOKEN_ENDPOINT]], ids=str)
def test_the_issuer_and_the_endpoint_are_good_audiences(audience):
    assert check(assertion(aud=audience)).token_id == "j1"


@pytest.mark.parametrize(
    "audience",
    [
        ...,
        None,
        "",
        [],
        {},
        1,
        [ISSUER, 1],
        ISSUER + "/",
        ISSUER[:-1],
        "https://other.example/token",
        [ISSUER, "https://other.example"],
        ["https://other.example", ISSUER],
        [[ISSUER]],
    ],
    ids=str,
)
def test_t07_t08_an_audience_beside_ours_is_refused(audience):
    with pytest.raises(InvalidClientAssertion):
        check(assertion(aud=audience))


def test_strict_takes_the_issuer_alone_and_as_a_text():
    assert check(assertion(), audiences=(ISSUER,), strict=True).token_id == "j1"
    for audience in ([ISSUER], TOKEN_ENDPOINT, [ISSUER, TOKEN_ENDPOINT]):
        with pytest.raises(InvalidClientAssertion):
            check(assertion(aud=audience), audiences=(ISSUER,), strict=True)


@pytest.mark.parametrize("typ", ["JWT", "jwt", "client-authentication+jwt", ...])
def test_the_types_of_an_assertion_are_accepted(typ):
    assert check(assertion(head={"typ": typ})).token_id == "j1"


@pytest.mark.parametrize("typ", ["at+jwt", "logout+jwt", "dpop+jwt", "oauth-authz-req+jwt", "application/jwt"])
def test_another_type_is_refused(typ):
    with pytest.raises(InvalidClientAssertion):
        check(assertion(head={"typ": typ}))


GOOD = {
    "exp-in-an-hour": {"exp": SECOND + 3600},
    "exp-fraction": {"exp": SECOND + 60.5},
    "no-iat": {"iat": ...},
    "iat-ahead": {"iat": SECOND + 10},
    "iat-long-ago": {"iat": SECOND - 3000},
    "nbf-8-seconds-ahead": {"nbf": SECOND + 8},
    "long-jti": {"jti": "j" * 255},
    "more": {"foo": ["bar"]},
}


@pytest.mark.parametrize("changes", [pytest.param(value, id=name) for name, value in GOOD.items()])
def test_a_good_assertion_is_accepted(changes):
    assert check(assertion(**changes)).token_id


BAD = {
    "T07-no-exp": {"exp": ...},
    "T07-long-exp": {"exp": SECOND + 3601},
    "T07-year": {"exp": SECOND + 31_536_000},
    "T07-no-jti": {"jti": ...},
    "T07-iss": {"iss": "c2"},
    "T07-sub": {"sub": "c2"},
    "T07-no-iss": {"iss": ...},
    "T07-no-sub": {"sub": ...},
    "expired": {"exp": SECOND},
    "exp-text": {"exp": str(SECOND + 60)},
    "exp-true": {"exp": True},
    "exp-null": {"exp": None},
    "exp-negative": {"exp": -1},
    "exp-huge": {"exp": 10**18},
    "iat-ahead": {"iat": SECOND + 11},
    "iat-far-ahead-shortens-nothing": {"exp": SECOND + 7200, "iat": SECOND + 10},
    "iat-text": {"iat": "x"},
    "nbf-60-seconds-ahead": {"nbf": SECOND + 60},
    "nbf-list": {"nbf": []},
    "jti-number": {"jti": 1},
    "jti-empty": {"jti": ""},
    "jti-long": {"jti": "j" * 256},
    "jti-nul": {"jti": "a\x00"},
}


@pytest.mark.parametrize("changes", [pytest.param(value, id=name) for name, value in BAD.items()])
def test_a_bad_assertion_is_refused(changes):
    with pytest.raises(InvalidClientAssertion):
        check(assertion(**changes))


def test_an_assertion_dies_at_its_exp():
    assert check(assertion(), now=NOW + timedelta(seconds=59)).token_id == "j1"
    with pytest.raises(InvalidClientAssertion):
        check(assertion(), now=NOW + timedelta(seconds=60))


def test_an_unknown_kid_says_so_that_the_keys_can_be_fetched_again():
    with pytest.raises(UnknownClientKey):
        check(assertion(head={"kid": "new"}))
    with pytest.raises(UnknownClientKey):
        check(assertion(), keys=())


def test_j15_without_a_kid_the_only_key_of_the_algorithm_counts():
    assert check(assertion(head={"kid": ...})).token_id == "j1"
    with pytest.raises(UnknownClientKey):
        check(assertion(head={"kid": ...}), keys=(*KEYS, public("ES256", "second")))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a.b",
        "{}",
        assertion()[:-4] + "AAAA",
        assertion(head={"jwk": {}}),
        assertion(head={"crit": ["exp"]}),
        assertion(head={"jku": "https://evil.example"}),
        forge(claims(), {"alg": "none", "kid": "ES256"}),
        forge("[1]", {"alg": "ES256", "kid": "ES256"}),
        forge('{"iss":"c1","iss":"c1"}', {"alg": "ES256", "kid": "ES256"}),
        "x" * 20_000,
    ],
    ids=range(11),
)
def test_j_what_is_no_strict_signed_jwt_is_refused(token):
    with pytest.raises(InvalidClientAssertion):
        check(token)


def test_t06_the_key_of_a_jti_belongs_to_one_client():
    assert once_key("c1", "j1") == once_key("c1", "j1")
    assert len({once_key("c1", "j1"), once_key("c1", "j2"), once_key("c2", "j1"), once_key("c", "1 j1")}) == 4


def test_whom_an_assertion_claims_to_come_from_is_read_without_a_check():
    assert find_assertion_client(assertion()) == "c1"
    assert find_assertion_client(assertion(sub=1)) is None
    assert find_assertion_client("x.y.z") is None


@given(ANY_TEXT)
@UNHURRIED
def test_any_text_is_refused(text):
    assert find_assertion_client(text) is None
    with pytest.raises(InvalidClientAssertion):
        check(text)


def test_j41_an_assertion_is_no_access_token():
    with pytest.raises(InvalidToken):
        verify(assertion())
