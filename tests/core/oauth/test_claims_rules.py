"""The `claims` parameter: the example of OpenID Connect Core section 5.5, and everything that is not like it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.core.errors import InvalidRequest
from watchword.core.oauth.claims_rules import asked_names, parse_claims, required_acrs, required_subject

EXAMPLE = """
  {
   "userinfo":
    {
     "given_name": {"essential": true},
     "nickname": null,
     "email": {"essential": true},
     "email_verified": {"essential": true},
     "picture": null,
     "http://example.info/claims/groups": null
    },
   "id_token":
    {
     "auth_time": {"essential": true},
     "acr": {"values": ["urn:mace:incommon:iap:silver"] }
    }
  }
"""


def test_the_example_of_core_section_5_5_is_understood():
    claims = parse_claims(EXAMPLE)
    assert asked_names(claims, "userinfo") == {
        *("given_name", "nickname", "email", "email_verified", "picture"),
        "http://example.info/claims/groups",
    }
    assert claims["userinfo"]["given_name"] == {"essential": True}
    assert claims["userinfo"]["nickname"] == {}
    assert asked_names(claims, "id_token") == {"auth_time", "acr"}
    assert required_acrs(claims) == ()


def test_what_is_not_understood_is_ignored():
    text = '{"userinfo": {"name": {"essential": true, "purpose": "x"}}, "verified_claims": [1], "id_token": null}'
    assert parse_claims(text) == {"userinfo": {"name": {"essential": True}}}
    assert parse_claims("{}") == {}
    assert asked_names({}, "userinfo") == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"x"',
        "{",
        '{"userinfo": []} x',
        '{"userinfo": [1]}',
        '{"userinfo": "name"}',
        '{"userinfo": {"name": true}}',
        '{"userinfo": {"name": "essential"}}',
        '{"userinfo": {"name": []}}',
        '{"userinfo": {"name": {"essential": "true"}}}',
        '{"userinfo": {"name": {"values": "x"}}}',
        '{"userinfo": {"name": {"value": "x", "values": ["y"]}}}',
        '{"userinfo": {"": null}}',
        '{"userinfo": {"a\\u0000": null}}',
        '{"userinfo": {"a\\ud800": null}}',
        '{"userinfo": {"%s": null}}' % ("n" * 101),
        '{"userinfo": {"name": null, "name": null}}',
        '{"id_token": {"sub": {"value": 1}}}',
        '{"id_token": {"acr": {"values": [1]}}}',
        '{"id_token": {"acr": {"value": NaN}}}',
        '{"id_token": {"acr": {"value": {"a": {"b": {"c": 1}}}}}}',
        "[" * 5000,
        json.dumps({"userinfo": {str(n): None for n in range(257)}}),
        "\ud800",
    ],
    ids=lambda text: ascii(text)[:50],
)
def test_a_malformed_parameter_is_refused(text):
    with pytest.raises(InvalidRequest):
        parse_claims(text)


def test_a_subject_that_is_asked_for_is_required():
    assert required_subject(parse_claims('{"id_token": {"sub": {"value": "248289761001"}}}')) == "248289761001"
    for text in ("{}", '{"id_token": {"sub": null}}', '{"userinfo": {"sub": {"value": "1"}}}'):
        assert required_subject(parse_claims(text)) is None


@pytest.mark.parametrize(
    ("ask", "expected"),
    [
        ({"essential": True, "values": ["a", "b"]}, ("a", "b")),
        ({"essential": True, "value": "a"}, ("a",)),
        ({"essential": True}, ()),
        ({"essential": False, "value": "a"}, ()),
        ({"value": "a"}, ()),
        (None, ()),
    ],
)
def test_an_acr_is_required_only_where_it_is_essential(ask, expected):
    assert required_acrs(parse_claims(json.dumps({"id_token": {"acr": ask}}))) == expected


@given(ANY_TEXT | st.recursive(st.none() | st.booleans() | st.text(), st.lists).map(json.dumps))
@UNHURRIED
def test_any_text_is_understood_or_refused(text):
    try:
        assert set(parse_claims(text)) <= {"userinfo", "id_token"}
    except InvalidRequest:
        return
