"""Request objects: signed and unsigned ones that are good, and every change that makes them bad."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED
from tests.core.tokens.forging import ISSUER, NOW, PRIVATE, SECOND, b64, forge, public

from watchword.core.authorize_errors import InvalidRequestObject
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.tokens.request_object import UnknownRequestKey, verify_request_object

UNSET = ClientMetadata()
UNSIGNED = ClientMetadata(request_object_signing_alg="none")
SIGNED = ClientMetadata(request_object_signing_alg="RS256")
KEYS = tuple(public(name) for name in ("RS256", "PS256", "ES256", "EdDSA"))
STATE = {"state": "inside"}


def claims(**changes):
    good = {"iss": "c1", "aud": ISSUER, "client_id": "c1", "response_type": "code", **STATE}
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def signed(algorithm="RS256", head=None, **changes):
    header = {"alg": algorithm, "kid": algorithm, **(head or {})}
    return forge(claims(**changes), header, key=PRIVATE[algorithm], algorithm=algorithm)


def unsigned(head=None, payload=None, signature="", **changes):
    body = payload if payload is not None else json.dumps(claims(**changes))
    return f"{b64(json.dumps(head or {'alg': 'none'}).encode())}.{b64(body.encode())}.{signature}"


def check(token, metadata=UNSET, keys=KEYS, is_openid=True, now=NOW):
    return verify_request_object(
        token, client_id="c1", metadata=metadata, issuer=ISSUER, keys=keys, is_openid=is_openid, now=now
    )


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("is_openid", [True, False])
def test_a_signed_object_is_accepted(algorithm, is_openid):
    assert check(signed(algorithm), is_openid=is_openid) == claims()
    assert check(signed(algorithm), replace(UNSET, request_object_signing_alg=algorithm))["state"] == "inside"


@pytest.mark.parametrize("typ", ["JWT", "jwt", "oauth-authz-req+jwt"])
def test_the_types_of_a_request_object_are_accepted(typ):
    assert check(signed(head={"typ": typ}))["state"] == "inside"
    assert check(unsigned({"alg": "none", "typ": typ}))["state"] == "inside"


@pytest.mark.parametrize("typ", ["at+jwt", "client-authentication+jwt", "logout+jwt", "dpop+jwt"])
def test_another_type_is_refused(typ):
    for token in (signed(head={"typ": typ}), unsigned({"alg": "none", "typ": typ})):
        with pytest.raises(InvalidRequestObject):
            check(token)


@pytest.mark.parametrize(("metadata", "is_openid"), [(UNSET, True), (UNSIGNED, True), (UNSIGNED, False)])
def test_an_unsigned_object_is_accepted_where_core_allows_it(metadata, is_openid):
    assert check(unsigned(), metadata, is_openid=is_openid) == claims()


@pytest.mark.parametrize(("metadata", "is_openid"), [(UNSET, False), (SIGNED, True), (SIGNED, False)])
def test_a27_an_unsigned_object_is_refused_elsewhere(metadata, is_openid):
    assert check(signed(), metadata, is_openid=is_openid)["state"] == "inside"
    with pytest.raises(InvalidRequestObject):
        check(unsigned(), metadata, is_openid=is_openid)


@pytest.mark.parametrize(
    "token",
    [
        unsigned({"alg": "None"}),
        unsigned({"alg": "NONE"}),
        unsigned({"typ": "JWT"}),
        unsigned({"alg": "none", "crit": []}),
        unsigned({"alg": "none", "kid": "RS256"}),
        unsigned({"alg": "none", "typ": 1}),
        unsigned({"alg": "RS256", "kid": "RS256"}),
        unsigned(signature="AAAA"),
        unsigned(payload="[1]"),
        unsigned(payload='{"a":1,"a":2}'),
        unsigned(payload="{} x"),
        unsigned() + ".",
        unsigned()[:-1],
        unsigned().replace(".", "=.", 1),
        unsigned(padding="x" * 17_000),
    ],
    ids=range(15),
)
def test_j01_an_unsigned_object_is_read_as_strictly(token):
    assert check(unsigned(), UNSIGNED)["state"] == "inside"
    with pytest.raises(InvalidRequestObject):
        check(token, UNSIGNED)


@pytest.mark.parametrize("algorithm", ["PS256", "ES256", "EdDSA"])
def test_another_algorithm_than_the_registered_one_is_refused(algorithm):
    for metadata in (SIGNED, UNSIGNED):
        with pytest.raises(InvalidRequestObject):
            check(signed(algorithm), metadata)


def test_a_symmetric_signature_is_refused():
    with pytest.raises(InvalidRequestObject):
        check(signed("HS256"), keys=(public("HS256"),))


def test_a27_another_client_s_signature_is_refused():
    other = forge(claims(), {"alg": "ES256", "kid": "ES256"}, key=type(PRIVATE["ES256"]).generate_key("P-256"))
    with pytest.raises(InvalidRequestObject):
        check(other)


def test_an_unknown_kid_says_so_that_the_keys_can_be_fetched_again():
    with pytest.raises(UnknownRequestKey):
        check(signed(head={"kid": "new"}))


GOOD = {
    "no-iss": {"iss": ...},
    "no-aud": {"aud": ...},
    "no-client": {"client_id": ...},
    "audiences": {"aud": ["https://other.example", ISSUER]},
    "exp": {"exp": SECOND + 60, "iat": SECOND, "nbf": SECOND + 8},
    "sub-of-a-person": {"sub": "u1"},
}
BAD = {
    "A27-iss": {"iss": "c2"},
    "A27-client": {"client_id": "c2"},
    "client-number": {"client_id": 1},
    "aud": {"aud": "https://other.example"},
    "aud-slash": {"aud": ISSUER + "/"},
    "auds": {"aud": ["https://other.example"]},
    "aud-null": {"aud": None},
    "assertion": {"sub": "c1"},
    "request": {"request": "x"},
    "request-uri": {"request_uri": "https://c.example/r"},
    "expired": {"exp": SECOND},
    "exp-text": {"exp": "x"},
    "exp-far": {"exp": SECOND + 90_000},
    "iat": {"iat": SECOND + 60},
    "nbf": {"nbf": SECOND + 60},
}


@pytest.mark.parametrize("changes", [pytest.param(value, id=name) for name, value in GOOD.items()])
def test_good_claims_are_accepted(changes):
    for token in (signed(**changes), unsigned(**changes)):
        assert check(token) == claims(**changes)


@pytest.mark.parametrize("changes", [pytest.param(value, id=name) for name, value in BAD.items()])
def test_bad_claims_are_refused(changes):
    for token in (signed(**changes), unsigned(**changes)):
        with pytest.raises(InvalidRequestObject):
            check(token)


def test_an_object_dies_at_its_exp():
    token = signed(exp=SECOND + 60)
    assert check(token, now=NOW + timedelta(seconds=59))["state"] == "inside"
    with pytest.raises(InvalidRequestObject):
        check(token, now=NOW + timedelta(seconds=60))


@given(ANY_TEXT)
@UNHURRIED
def test_any_text_is_refused(text):
    with pytest.raises(InvalidRequestObject):
        check(text, UNSIGNED)
