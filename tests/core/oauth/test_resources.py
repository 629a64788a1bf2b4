"""Resource indicators: the examples of RFC 8707, and what is no resource."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.core.authorize_errors import InvalidTarget
from watchword.core.oauth.resources import check_resource, check_resources, narrow

CALENDAR, CONTACTS = "https://cal.example.com/", "https://contacts.example.com/app/"


@pytest.mark.parametrize("uri", [CALENDAR, CONTACTS, "https://api.example.com?tenant=1", "urn:example:api"])
def test_an_absolute_uri_is_a_resource(uri):
    assert check_resource(uri) == uri


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "api",
        "/api",
        "//api.example.com",
        "https://api.example.com#x",
        "https://api.example.com/#",
        "https:",
        "1:x",
        "https://api.example.com/a b",
        "https://[::1",
        "https://é.example",
        "https://a\x00",
        "https://a\ud800",
        "https://a.example/" + "x" * 2000,
    ],
    ids=lambda uri: ascii(uri)[:40],
)
def test_what_is_no_absolute_uri_without_a_fragment_is_refused(uri):
    with pytest.raises(InvalidTarget):
        check_resource(uri)


def test_the_two_resources_of_rfc_8707_section_2_1_may_be_asked_for_together():
    known = {CALENDAR, CONTACTS}
    assert check_resources([CALENDAR, CONTACTS], known=known, allowed=None) == (CALENDAR, CONTACTS)
    assert check_resources([CALENDAR, CALENDAR], known=known, allowed=(CALENDAR,)) == (CALENDAR,)
    assert check_resources([], known=known, allowed=()) == ()


@pytest.mark.parametrize("uri", ["https://cal.example.com", "https://CAL.example.com/", "https://other.example/", "x"])
def test_an_unknown_resource_is_refused(uri):
    with pytest.raises(InvalidTarget):
        check_resources([CALENDAR, uri], known={CALENDAR}, allowed=None)


def test_a_resource_that_is_not_for_this_client_is_refused():
    with pytest.raises(InvalidTarget):
        check_resources([CONTACTS], known={CALENDAR, CONTACTS}, allowed=(CALENDAR,))


def test_a_token_request_gets_all_or_some_of_what_was_bound():
    bound = (CALENDAR, CONTACTS)
    assert narrow(bound, ()) == bound
    assert narrow(bound, (CONTACTS,)) == (CONTACTS,)
    assert narrow(bound, (CONTACTS, CONTACTS)) == (CONTACTS,)


@pytest.mark.parametrize("requested", [("https://other.example/",), (CALENDAR, "https://other.example/"), ("x",)])
def test_a_token_request_never_gets_more(requested):
    with pytest.raises(InvalidTarget):
        narrow((CALENDAR, CONTACTS), requested)


@given(st.lists(st.sampled_from([CALENDAR, CONTACTS, "urn:x"])), st.lists(st.sampled_from([CALENDAR, "urn:x", "y"])))
@UNHURRIED
def test_narrowing_never_widens(bound, requested):
    try:
        narrowed = narrow(tuple(bound), tuple(requested))
    except InvalidTarget:
        assert not set(requested) <= set(bound)
    else:
        assert set(narrowed) <= set(bound)


@given(ANY_TEXT)
@UNHURRIED
def test_any_text_is_a_resource_as_it_is_or_refused(text):
    try:
        assert check_resource(text) == text
    except InvalidTarget:
        return
