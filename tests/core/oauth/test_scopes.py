import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.core.errors import InvalidScope
from watchword.core.models.grants import Client
from watchword.core.models.identity import Scope
from watchword.core.oauth.scopes import MAX_SCOPE_LENGTH, format_scope, grantable, parse_scope

DECLARED = {
    "items:read": Scope(name="items:read"),
    "items:write": Scope(name="items:write"),
    "admin": Scope(name="admin", restricted=True),
}
SCOPE_CHARACTERS = [chr(code) for code in range(0x21, 0x7F) if chr(code) not in '"\\']


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        ("   ", set()),
        ("me", {"me"}),
        ("me items:read", {"me", "items:read"}),
        ("  me   me ", {"me"}),
        ("https://api.example/read!~", {"https://api.example/read!~"}),
    ],
)
def test_a_scope_parameter_is_split_at_spaces(text, expected):
    assert parse_scope(text) == frozenset(expected)


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\tb", "a\nb", "a\0b", "ä", "\ud800", "a\u2028b", "a\x7fb"])
def test_characters_outside_rfc_6749_are_refused(text):
    with pytest.raises(InvalidScope):
        parse_scope(text)


def test_the_longest_scope_parameter_is_accepted_and_one_more_character_refused():
    assert parse_scope("a" * MAX_SCOPE_LENGTH) == {"a" * MAX_SCOPE_LENGTH}
    with pytest.raises(InvalidScope):
        parse_scope("a" * (MAX_SCOPE_LENGTH + 1))


@given(st.frozensets(st.text(st.sampled_from(SCOPE_CHARACTERS), min_size=1, max_size=8), max_size=6))
def test_format_and_parse_are_inverse(scopes):
    assert parse_scope(format_scope(scopes)) == scopes


@pytest.mark.parametrize(
    ("requested", "permissions", "allowed", "expected"),
    [
        ({"items:read", "items:write"}, set(), None, {"items:read", "items:write"}),
        ({"items:read", "unheard-of"}, set(), None, {"items:read"}),
        ({"items:read", "admin"}, set(), None, {"items:read"}),
        ({"items:read", "admin"}, {"admin"}, None, {"items:read", "admin"}),
        ({"items:read", "items:write"}, set(), {"items:write"}, {"items:write"}),
        ({"admin"}, {"admin"}, {"items:read"}, set()),
        (set(), {"admin"}, None, set()),
    ],
)
def test_what_is_granted_is_declared_and_allowed_to_person_and_client(requested, permissions, allowed, expected):
    client = Client(id="c", scopes=frozenset(allowed) if allowed is not None else None)
    granted = grantable(frozenset(requested), declared=DECLARED, permissions=frozenset(permissions), client=client)
    assert granted == frozenset(expected)
