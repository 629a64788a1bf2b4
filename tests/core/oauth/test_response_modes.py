"""Authorization responses: where they go, byte by byte, and what they carry."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import UNHURRIED

from watchword.core.authorize_errors import LoginRequired
from watchword.core.errors import InvalidRequest, InvalidScope
from watchword.core.oauth.parameters import parse_parameters
from watchword.core.oauth.response_modes import (
    RESPONSE_TYPES,
    error_fields,
    error_mode,
    modes_of,
    redirect_url,
    sort_response_type,
    success_fields,
)

ISSUER = "https://login.example"


def test_a_code_comes_in_the_query_and_everything_with_a_token_in_the_fragment():
    assert modes_of("code") == ("query", "form_post")
    assert {modes_of(name) for name in RESPONSE_TYPES if name != "code"} == {("fragment", "form_post")}


@pytest.mark.parametrize("name", RESPONSE_TYPES)
def test_the_order_of_words_has_no_meaning(name):
    assert sort_response_type(" ".join(reversed(name.split()))) == name


@pytest.mark.parametrize(
    ("response_type", "response_mode", "expected"),
    [
        ("code", "", "query"),
        ("code", "form_post", "form_post"),
        ("code", "fragment", "query"),
        ("code", "unknown", "query"),
        ("id_token code", "", "fragment"),
        ("code id_token", "query", "fragment"),
        ("code id_token", "form_post", "form_post"),
        ("foo", "", "query"),
        ("foo", "fragment", "query"),
        ("", "", "query"),
    ],
)
def test_an_error_travels_in_the_mode_that_was_asked_for_if_it_may_be(response_type, response_mode, expected):
    pairs = [("response_type", response_type), ("response_mode", response_mode)]
    assert error_mode(parse_parameters(pairs)) == expected


def test_a18_success_and_error_carry_state_and_iss():
    assert success_fields({"code": "c", "id_token": None}, state="s", issuer=ISSUER) == {
        "code": "c",
        "state": "s",
        "iss": ISSUER,
    }
    error = LoginRequired(hint="not for the client")
    assert error_fields(error, state="s", issuer=ISSUER) == {
        "error": "login_required",
        "error_description": "The person must log in.",
        "state": "s",
        "iss": ISSUER,
    }


def test_no_state_comes_back_where_none_was_sent():
    assert success_fields({"code": "c"}, state=None, issuer=ISSUER) == {"code": "c", "iss": ISSUER}
    assert "state" not in error_fields(InvalidScope(), state=None, issuer=ISSUER)


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("https://c.example/cb", "https://c.example/cb?code=a%20b"),
        ("https://c.example/cb?a=1", "https://c.example/cb?a=1&code=a%20b"),
        ("https://c.example/cb?a=%20+x&", "https://c.example/cb?a=%20+x&code=a%20b"),
        ("https://c.example/cb?", "https://c.example/cb?code=a%20b"),
        ("https://c.example", "https://c.example?code=a%20b"),
        ("com.example.app:/cb", "com.example.app:/cb?code=a%20b"),
    ],
)
def test_the_redirect_uri_stays_as_it_was_registered(uri, expected):
    assert redirect_url(uri, {"code": "a b"}, "query") == expected


def test_a_fragment_is_put_behind_the_query():
    assert redirect_url("https://c.example/cb?a=1", {"code": "x"}, "fragment") == "https://c.example/cb?a=1#code=x"


@pytest.mark.parametrize("mode", ["form_post", "jwt", ""])
def test_another_mode_is_no_redirection(mode):
    with pytest.raises(ValueError, match="no redirection"):
        redirect_url("https://c.example/cb", {}, mode)


@pytest.mark.parametrize("state", ["a+b %&=#?", "é\U0001f600", "<script>", "x" * 4096, "%0d%0aSet-Cookie:a=b"])
@pytest.mark.parametrize("mode", ["query", "fragment"])
def test_a19_state_comes_back_as_it_was(state, mode):
    url = redirect_url("https://c.example/cb", success_fields({}, state=state, issuer=ISSUER), mode)
    assert dict(parse_qsl(getattr(urlsplit(url), mode)))["state"] == state


@given(st.dictionaries(st.text(), st.text()), st.sampled_from(["query", "fragment"]))
@UNHURRIED
def test_a20_no_field_can_split_a_header_or_leave_its_place(fields, mode):
    url = redirect_url("https://c.example/cb", fields, mode)
    assert url.isascii()
    assert url.isprintable()
    assert url.startswith("https://c.example/cb" + {"query": "?", "fragment": "#"}[mode])
    assert set(url) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~%:/?#&=")


def test_the_hint_stays_here():
    fields = error_fields(InvalidRequest(hint="a secret of the log"), state=None, issuer=ISSUER)
    assert "secret" not in repr(fields)
