"""Roles and permissions."""

import pytest
from hypothesis import given
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.core.account_errors import InvalidInput
from watchword.core.accounts.permissions import check_permission, check_role_name, permissions_of
from watchword.core.models.identity import Role

BOOK = {
    "editor": Role(name="editor", permissions=frozenset({"items:read", "items:write"})),
    "auditor": Role(name="auditor", permissions=frozenset({"items:read", "log:read"})),
    "admin": Role(name="admin", permissions=frozenset({"users:read"})),
}


@pytest.mark.parametrize(
    ("roles", "permissions"),
    [
        ((), set()),
        (("editor",), {"items:read", "items:write"}),
        (("editor", "auditor"), {"items:read", "items:write", "log:read"}),
        (("stranger",), set()),
        (("editor", "stranger"), {"items:read", "items:write"}),
        (("admin",), {"admin", "users:read"}),
        (("Admin", "ADMIN"), set()),
    ],
)
def test_permissions_are_those_of_all_known_roles(roles, permissions):
    assert frozenset(permissions) == permissions_of(roles, BOOK)


def test_admin_holds_admin_even_where_the_book_is_empty():
    assert frozenset({"admin"}) == permissions_of(["admin"], {})
    assert frozenset() == permissions_of(["editor"], {})


@pytest.mark.parametrize("check", [check_role_name, check_permission])
@pytest.mark.parametrize("name", ["a", "admin", "items:read", "team-1.lead_2", "a" * 64])
def test_a_good_name_is_returned(check, name):
    assert name == check(name)


@pytest.mark.parametrize(("check", "field"), [(check_role_name, "name"), (check_permission, "permissions")])
@pytest.mark.parametrize(
    "name", ["", "a" * 65, "Admin", "a b", "a\n", "é", "a\x00", "a/b", "*", "\ud800", "a" * 500_000]
)
def test_a_bad_name_is_refused_with_its_field(check, field, name):
    with pytest.raises(InvalidInput) as refusal:
        check(name)
    assert [field] == [path for path, _ in refusal.value.errors]


@UNHURRIED
@given(ANY_TEXT)
def test_checks_only_return_or_refuse(text):
    try:
        name = check_role_name(text)
    except InvalidInput:
        return
    assert name == text == check_permission(text)
