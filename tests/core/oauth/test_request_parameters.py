"""`request` and `request_uri`: one of them, from a registered place, merged as the two specifications say."""

from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import UNHURRIED

from watchword.core.authorize_errors import InvalidRequestObject, InvalidRequestUri, RequestUriNotSupported
from watchword.core.errors import InvalidRequest
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.oauth.parameters import parse_parameters
from watchword.core.oauth.request_parameters import check_fetched, check_request_uri, find_source, merge

BODY = b"eyJhbGciOiJub25lIn0.e30."
DIGEST = urlsafe_b64encode(sha256(BODY).digest()).rstrip(b"=").decode()
URI = "https://client.example/request.jwt"
METADATA = ClientMetadata(request_uris=(f"{URI}#{DIGEST}", "https://client.example/other"))


def parameters(**values):
    return parse_parameters(values.items())


def test_there_is_one_of_them_or_none():
    assert find_source(parameters(request="a.b.")) == ("request", "a.b.")
    assert find_source(parameters(request_uri=URI)) == ("request_uri", URI)
    assert find_source(parameters(state="x")) is None
    with pytest.raises(InvalidRequest):
        find_source(parameters(request="a.b.", request_uri=URI))


@pytest.mark.parametrize("uri", [URI, f"{URI}#{DIGEST}", f"{URI}#new", "https://client.example/other"])
def test_a_registered_request_uri_is_fetched_without_its_fragment(uri):
    assert check_request_uri(uri, METADATA) == uri.split("#")[0]


@pytest.mark.parametrize(
    "uri",
    [
        URI + "?x",
        URI + "/",
        "http://client.example/request.jwt",
        "https://evil.example/request.jwt",
        "HTTPS://client.example/request.jwt",
        "https://client.example@evil.example/request.jwt",
        "file:///etc/passwd",
        "urn:ietf:params:oauth:request_uri:x",
        "",
        URI + "#" + "x" * 512,
    ],
)
def test_a_request_uri_that_is_not_registered_is_never_fetched(uri):
    with pytest.raises(InvalidRequestUri):
        check_request_uri(uri, METADATA)


def test_a_registered_uri_that_is_not_https_is_never_fetched():
    with pytest.raises(InvalidRequestUri):
        check_request_uri("http://client.example/r", ClientMetadata(request_uris=("http://client.example/r",)))


def test_a_client_that_registered_none_has_no_request_uri():
    with pytest.raises(RequestUriNotSupported):
        check_request_uri(URI, ClientMetadata())


def test_what_was_fetched_must_be_that_of_the_fragment():
    assert check_fetched(f"{URI}#{DIGEST}", BODY) == BODY.decode()
    assert check_fetched(URI, BODY + b"\n") == BODY.decode()
    assert check_fetched(f"{URI}#part", BODY) == BODY.decode()
    for uri, body in ((f"{URI}#{DIGEST}", BODY + b"x"), (URI, b"\xff")):
        with pytest.raises(InvalidRequestUri):
            check_fetched(uri, body)


OUTSIDE = parameters(
    client_id="c1", response_type="code", scope="openid", state="out", nonce="out", request="x", redirect_uri="out"
)


def test_members_inside_win_and_the_others_stay_in_openid_connect():
    merged = merge(OUTSIDE, {"iss": "c1", "aud": "a", "state": "in", "redirect_uri": "in", "prompt": "login"})
    assert merged.values == {
        "client_id": "c1",
        "response_type": "code",
        "scope": "openid",
        "state": "in",
        "nonce": "out",
        "redirect_uri": "in",
        "prompt": "login",
    }


def test_nothing_outside_counts_in_plain_oauth():
    outside = parameters(client_id="c1", response_type="code", scope="items", state="out", request_uri=URI)
    merged = merge(outside, {"response_type": "code", "redirect_uri": "in"})
    assert merged.values == {"client_id": "c1", "response_type": "code", "redirect_uri": "in"}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("max_age", 0, "0"),
        ("max_age", "60", "60"),
        ("claims", {"userinfo": {"name": None}}, '{"userinfo": {"name": null}}'),
    ],
)
def test_a_member_may_have_the_type_of_json(name, value, text):
    assert merge(OUTSIDE, {name: value}).get(name) == text


def test_resources_are_a_text_or_a_list():
    assert merge(OUTSIDE, {"resource": "https://a.example"}).resources == ("https://a.example",)
    assert merge(OUTSIDE, {"resource": ["urn:a", "urn:b"]}).resources == ("urn:a", "urn:b")


@pytest.mark.parametrize("member", [{"client_id": "c2"}, {"response_type": "code id_token"}])
def test_a_contradiction_is_refused(member):
    assert merge(OUTSIDE, {name: OUTSIDE.get(name) for name in member}).get("state") == "out"
    with pytest.raises(InvalidRequest):
        merge(OUTSIDE, member)


@pytest.mark.parametrize(
    "member",
    [
        {"state": 1},
        {"state": None},
        {"scope": ["openid"]},
        {"max_age": True},
        {"max_age": 1.5},
        {"claims": []},
        {"resource": [1]},
        {"prompt": {}},
        {"state": "a\x00"},
        {"state": "x" * 4097},
    ],
    ids=str,
)
def test_a_member_that_no_parameter_could_be_is_refused(member):
    with pytest.raises(InvalidRequestObject):
        merge(OUTSIDE, member)


@given(st.dictionaries(st.text(), st.text(max_size=20) | st.integers() | st.none() | st.lists(st.text()), max_size=4))
@UNHURRIED
def test_whatever_is_inside_the_client_stays_the_same(claims):
    try:
        merged = merge(OUTSIDE, claims)
    except (InvalidRequest, InvalidRequestObject):
        return
    assert merged.get("client_id") == "c1"
    assert "request" not in merged.values
