"""Pure rules of roles and permissions."""

import string
from collections.abc import Iterable, Mapping

from watchword.core.account_errors import InvalidInput
from watchword.core.models.identity import Role

ADMIN = "admin"
"""The role that administers, and the permission it always holds."""
FIRST_ADMIN = "(first administrator)"
"""Marks an invitation that counts only while nobody is administrator. No role can have this name."""
NAME_LENGTH = 64
_CHARACTERS = frozenset(string.ascii_lowercase + string.digits + ":._-")


def permissions_of(roles: Iterable[str], book: Mapping[str, Role]) -> frozenset[str]:
    """Return what holders of these roles may do. A role that is not in the book grants nothing.

    The role `admin` holds the permission `admin` even where the book does not say so.
    """
    granted: set[str] = set()
    for name in roles:
        if name == ADMIN:
            granted.add(ADMIN)
        if name in book:
            granted |= book[name].permissions
    return frozenset(granted)


def check_role_name(text: str) -> str:
    """Return the role name: 1 to 64 of lower-case letters, digits and `:`, `.`, `_`, `-`.

    Raises:
        InvalidInput: about the field `name`.
    """
    return _check_name(text, field="name")


def check_permission(text: str) -> str:
    """Return the permission: 1 to 64 of lower-case letters, digits and `:`, `.`, `_`, `-`, as in `items:read`.

    Raises:
        InvalidInput: about the field `permissions`.
    """
    return _check_name(text, field="permissions")


def _check_name(text: str, *, field: str) -> str:
    if 0 < len(text) <= NAME_LENGTH and _CHARACTERS.issuperset(text):
        return text
    sentence = f'Use 1 to {NAME_LENGTH} lower-case letters, digits and ":", ".", "_" or "-".'
    raise InvalidInput(sentence, errors=((field, sentence),))
