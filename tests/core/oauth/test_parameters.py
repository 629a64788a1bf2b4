"""Parameters of an authorization request: each once, of bounded size, and text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.core.errors import InvalidRequest
from watchword.core.oauth.parameters import parse_parameters


def test_parameters_are_read_once_each():
    parsed = parse_parameters([("client_id", "c"), ("state", "a b+%é\U0001f600<script>"), ("foo", "bar")])
    assert parsed.values == {"client_id": "c", "state": "a b+%é\U0001f600<script>", "foo": "bar"}
    assert parsed.get("state") == "a b+%é\U0001f600<script>"
    assert parsed.get("nonce") is None


def test_a_parameter_without_a_value_counts_as_absent():
    parsed = parse_parameters([("state", ""), ("nonce", "n"), ("resource", "")])
    assert (parsed.values, parsed.resources) == ({"nonce": "n"}, ())


def test_resource_may_come_several_times():
    pairs = [("resource", "https://a.example"), ("resource", "https://b.example")]
    assert parse_parameters(pairs).resources == ("https://a.example", "https://b.example")


NAMES = ["client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "nonce", "request", "foo"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("values", [("a", "b"), ("a", "a"), ("a", ""), ("", "")])
def test_a10_a11_a_repeated_parameter_is_refused(name, values):
    assert parse_parameters([(name, values[0])]).resources == ()
    with pytest.raises(InvalidRequest):
        parse_parameters([(name, value) for value in values])


@pytest.mark.parametrize(
    ("name", "longest"),
    [("state", 4096), ("foo", 4096), ("claims", 8192), ("request", 16384), ("id_token_hint", 16384)],
)
def test_a40_a_value_may_be_so_long_and_no_longer(name, longest):
    assert len(parse_parameters([(name, "x" * longest)]).values[name]) == longest
    with pytest.raises(InvalidRequest):
        parse_parameters([(name, "x" * (longest + 1))])


def test_a40_there_may_be_so_many_and_no_more():
    assert len(parse_parameters([(f"p{n}", "x") for n in range(64)]).values) == 64
    with pytest.raises(InvalidRequest):
        parse_parameters((f"p{n}", "x") for n in range(10_000))
    with pytest.raises(InvalidRequest):
        parse_parameters(("resource", f"https://{n}.example") for n in range(18))
    with pytest.raises(InvalidRequest):
        parse_parameters([("n" * 129, "x")])


@pytest.mark.parametrize("char", ["\x00", "\r", "\n", "\t", "\x1b", "\x7f", "\udc80"], ids=ascii)
def test_a20_a_control_character_or_what_is_no_unicode_is_refused(char):
    assert parse_parameters([("state", "a b")]).get("state") == "a b"
    for pair in (("state", f"a{char}b"), (f"st{char}", "a")):
        with pytest.raises(InvalidRequest):
            parse_parameters([pair])


def test_json_in_claims_may_have_white_space_but_no_nul():
    assert parse_parameters([("claims", "{\r\n\t}")]).get("claims") == "{\r\n\t}"
    with pytest.raises(InvalidRequest):
        parse_parameters([("claims", "{\x00}")])


@pytest.mark.parametrize(
    ("scope", "expected"), [("openid", True), ("a openid", True), ("openidx", False), ("OPENID", False), ("", False)]
)
def test_an_openid_request_has_openid_in_its_scope(scope, expected):
    assert parse_parameters([("scope", scope)]).is_openid is expected


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=6))
@UNHURRIED
def test_whatever_comes_is_kept_as_it_is_or_refused(pairs):
    try:
        parsed = parse_parameters(pairs)
    except InvalidRequest:
        return
    assert parsed.values == {name: value for name, value in pairs if value and name != "resource"}
