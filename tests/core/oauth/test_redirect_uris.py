"""Redirect URIs: what may be registered, and that nothing matches but the very same text (and a loopback port)."""

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.core.authorize_errors import InvalidRedirectUri
from watchword.core.oauth.redirect_uris import check_redirect_uri, host_of, is_for_native, matches, origin_of

GOOD = "https://client.example/cb"
WEB = [
    GOOD,
    "https://client.example",
    "https://client.example/",
    "https://client.example/cb?a=1&b=%20c",
    "https://client.example:8443/cb",
    "https://xn--bcher-kva.example/cb",
    "https://192.0.2.1/cb",
    "https://[2001:db8::1]:8443/cb",
    "https://client.example/a.b/..c/cb",
    "http://localhost:3000/cb",
    "http://127.0.0.1/cb",
    "http://[::1]:8080/cb",
]
NATIVE = ["com.example.app:/cb", "com.example.app://cb", "COM.Example.app:/cb?x=1", "http://127.0.0.1/cb"]
NEVER = [
    "",
    "/cb",
    "//client.example/cb",
    "client.example/cb",
    "https:client.example",
    "https:///cb",
    "https://",
    "https://client.example/cb#",
    "https://client.example/cb#f",
    "https://user@client.example/cb",
    "https://user:secret@client.example/cb",
    "https://@client.example/cb",
    "https://*.client.example/cb",
    "https://client.example/*",
    "https://.*/cb",
    ".*",
    "*",
    "https://client\\.example/cb",
    "https://client.example\\@evil.example/cb",
    "https://client.example/cb/../x",
    "https://client.example/./cb",
    "https://client.example/%2e%2E/x",
    "https://client.example/a b",
    "https://client.example/\tcb",
    "https://client.example/cb\n",
    "https://client.example/%0d%0aSet-Cookie:x",
    "https://client.example/%00",
    "https://client.example/%7f",
    "https://client.example/%zz",
    "https://client.example/%",
    "https://b\u00fccher.example/cb",
    "https://client.example/\u202e",
    "https://client.example/\ud800",
    "https://client.example./cb",
    "https://client..example/cb",
    "https://-client.example/cb",
    "https://client.example:/cb",
    "https://client.example:0/cb",
    "https://client.example:65536/cb",
    "https://client.example:x/cb",
    "https://[::g]/cb",
    "https://[::1/cb",
    "https://::1/cb",
    "http://client.example/cb",
    "http://localhost.evil.example/cb",
    "http://127.0.0.1.evil.example/cb",
    "http://127.0.0.2/cb",
    "http://127.0.0.1@evil.example/cb",
    "http://0.0.0.0/cb",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "about:blank",
    "blob:https://client.example/x",
    "myapp:/cb",
    "ftp://client.example/cb",
    "ws://client.example/cb",
    "com.example.app://user@host/cb",
    "https://client.example/" + "a" * 2000,
]


@pytest.mark.parametrize("uri", WEB)
@pytest.mark.parametrize("application_type", ["web", "native"])
def test_a_good_uri_may_be_registered(uri, application_type):
    assert check_redirect_uri(uri, application_type=application_type) == uri


@pytest.mark.parametrize("uri", NATIVE)
def test_a_native_client_may_register_a_private_scheme_or_the_loopback(uri):
    assert check_redirect_uri(uri, application_type="native") == uri


@pytest.mark.parametrize("uri", NATIVE[:3])
def test_a_web_client_may_not_register_a_private_scheme(uri):
    with pytest.raises(InvalidRedirectUri):
        check_redirect_uri(uri)


@pytest.mark.parametrize("application_type", ["web", "native"])
@pytest.mark.parametrize("uri", NEVER, ids=lambda uri: ascii(uri)[:60])
def test_a07_what_no_client_may_register_is_refused(uri, application_type):
    with pytest.raises(InvalidRedirectUri):
        check_redirect_uri(uri, application_type=application_type)


@given(ANY_TEXT)
@UNHURRIED
def test_any_text_is_registered_as_it_is_or_refused(text):
    try:
        assert check_redirect_uri(text, application_type="native") == text
    except InvalidRedirectUri:
        return


@pytest.mark.parametrize("uri", [*WEB, *NATIVE])
@pytest.mark.parametrize("application_type", ["web", "native"])
def test_the_same_uri_matches(uri, application_type):
    assert matches(["https://other.example/", uri], uri, application_type=application_type)


TRICKS = [
    "https://client.example.evil/cb",
    "https://client.example@evil.example/cb",
    "https://evil.example/?x=https://client.example/cb",
    "https://sub.client.example/cb",
    "https://client.example/cb/",
    "https://client.example/cb/../evil",
    "https://client.example/cb%2f..%2fevil",
    "https://client.example/cb%252f..",
    "https://client.example/cb/..;/evil",
    "https://client.example/cb\\..\\evil",
    "https://client.example//cb",
    "https://client.example/CB",
    "https://client.example/cb?x=1",
    "https://client.example/cb#f",
    "https://client.example/cb?",
    "http://client.example/cb",
    "HTTPS://client.example/cb",
    "https://CLIENT.example/cb",
    "https://client.example:443/cb",
    "https://client.example:444/cb",
    "https://client.example./cb",
    "https://cl\u0456ent.example/cb",
    "https://client.example/cb\t",
    "https://client.example/cb\n",
    "\u0000https://client.example/cb",
    " https://client.example/cb",
    "https://clientaexample/cb",
    "",
]


@pytest.mark.parametrize("application_type", ["web", "native"])
@pytest.mark.parametrize("uri", TRICKS, ids=ascii)
def test_a02_to_a06_nothing_that_only_looks_like_it_matches(uri, application_type):
    assert not matches([GOOD], uri, application_type=application_type)


def test_a_registered_query_must_be_there_as_it_is():
    registered = ["https://client.example/cb?a=1"]
    assert matches(registered, "https://client.example/cb?a=1")
    for requested in ("?a=2", "?a=1&b=2", "?b=2&a=1", "", "?a=1&"):
        assert not matches(registered, f"https://client.example/cb{requested}")


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
@pytest.mark.parametrize(("registered", "requested"), [("", ":50123"), (":8080", ":1"), (":8080", ""), ("", ":65535")])
def test_a09_the_port_of_a_native_client_on_the_loopback_may_vary(host, registered, requested):
    uris = [f"http://{host}{registered}/cb?a=1"]
    assert matches(uris, f"http://{host}{requested}/cb?a=1", application_type="native")
    assert not matches(uris, f"http://{host}{requested}/cb?a=1", application_type="web")


@pytest.mark.parametrize(
    "requested",
    [
        "http://localhost:1/cb",
        "http://[::1]:1/cb",
        "https://127.0.0.1:1/cb",
        "http://127.0.0.1:1/other",
        "http://127.0.0.1:1/cb/",
        "http://127.0.0.1:1/cb?x",
        "http://127.0.0.1:1/cb#x",
        "http://127.0.0.1:1",
        "http://127.0.0.1:1@evil.example/cb",
        "http://127.0.0.1@evil.example/cb",
        "http://127.0.0.1:x/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:0/cb",
        "http://127.0.0.1:65536/cb",
        "http://127.0.0.1:01/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.1:1/cb",
        "http://localhost.evil.example/cb",
        "HTTP://127.0.0.1:1/cb",
        "http://127.0.0.1:\u0661/cb",
    ],
    ids=ascii,
)
def test_a09_nothing_but_the_port_may_vary(requested):
    assert not matches(["http://127.0.0.1/cb"], requested, application_type="native")


def test_the_port_of_a_host_that_is_not_the_loopback_may_not_vary():
    assert not matches(["https://client.example/cb"], "https://client.example:1/cb", application_type="native")


@given(st.text(st.sampled_from("htps:/localcient.xmb0127[]?#@%&=*\\ é\x00"), max_size=40))
@UNHURRIED
def test_no_other_text_matches_a_uri_that_is_not_on_the_loopback(text):
    for requested in (text, GOOD + text, text + GOOD):
        assume(requested != GOOD)
        assert not matches([GOOD], requested, application_type="native")


@given(st.sampled_from(["127.0.0.1", "[::1]", "localhost"]), st.integers(-5, 70000), ANY_TEXT)
@UNHURRIED
def test_on_the_loopback_exactly_the_good_ports_and_the_same_rest_match(host, port, rest):
    registered = f"http://{host}/cb"
    good = 1 <= port <= 65535
    assert matches([registered], f"http://{host}:{port}/cb", application_type="native") is good
    assume(rest)
    assert not matches([registered], f"http://{host}:{port}/cb{rest}", application_type="native")


def test_people_read_where_a_uri_leads():
    assert host_of("https://Client.Example:8443/cb?x=https://evil.example") == "client.example"
    assert host_of("http://[::1]:8080/cb") == "::1"
    assert host_of("com.example.app:/cb") == "com.example.app:"


def test_the_origin_is_scheme_host_and_port():
    assert origin_of("https://Client.Example:8443/cb") == "https://client.example:8443"
    assert origin_of("http://[::1]/cb") == "http://[::1]"
    assert origin_of("com.example.app://host/cb") == ""


def test_a_uri_that_only_a_native_application_can_have_is_known():
    assert is_for_native("com.example.app:/cb")
    assert is_for_native("http://127.0.0.1:3000/cb")
    assert not is_for_native("https://client.example/cb")


@pytest.mark.parametrize("uri", ["https://" + "a-" * 990, "https://[" + ":" * 1900 + "]/", "http://" + "1." * 990])
def test_a41_a_long_host_costs_no_time(uri):
    started = time.process_time()
    with pytest.raises(InvalidRedirectUri):
        check_redirect_uri(uri)
    assert time.process_time() - started < 0.05
