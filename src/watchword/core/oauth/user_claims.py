"""What clients learn of a person: the standard claims of an account (OpenID Connect Core sections 5.1 and 5.4)."""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from watchword.core.models.identity import User

_PROFILE_TEXTS = (
    *("name", "family_name", "given_name", "middle_name", "nickname", "profile", "picture", "website"),
    *("gender", "birthdate", "zoneinfo", "locale"),
)
SCOPE_CLAIMS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "profile": frozenset({*_PROFILE_TEXTS, "preferred_username", "updated_at"}),
        "email": frozenset({"email", "email_verified"}),
        "address": frozenset({"address"}),
        "phone": frozenset({"phone_number", "phone_number_verified"}),
    }
)
"""The claims that a scope asks for."""
STANDARD_CLAIMS = frozenset[str]().union(*SCOPE_CLAIMS.values())
_TAG = re.compile(r"[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8}){0,5}")
"""A language tag (RFC 5646 section 2.1), as far as its form goes."""
_ADDRESS_MEMBERS = ("formatted", "street_address", "locality", "region", "postal_code", "country")


def claim_names(scopes: Iterable[str]) -> frozenset[str]:
    """Return the names of the claims that scopes ask for; other scopes than the four ask for none."""
    return frozenset[str]().union(*(SCOPE_CLAIMS.get(scope, frozenset()) for scope in scopes))


def select_claims(user: User, names: Iterable[str]) -> dict[str, Any]:
    """Return those of the named standard claims that the account has, `sub` excepted: each client sees its own.

    A name may have a language tag, as in `name#fr` (section 5.2). What an account does not have, or has in a form that
    is not the claim's, is left out, as section 5.3.2 says. Members of a profile that are no standard claims are never
    given away.
    """
    found = {name: value for name in names if (value := _find(user, name)) is not None}
    return dict(sorted(found.items()))


def is_known(name: str) -> bool:
    """Whether a name is a standard claim, possibly with a language tag: nothing else is ever given away."""
    base, has_tag, tag = name.partition("#")
    return base in STANDARD_CLAIMS and (not has_tag or bool(_TAG.fullmatch(tag)))


def _find(user: User, name: str) -> object:
    if not is_known(name):
        return None
    base = name.split("#", 1)[0]
    if name in _FROM_ACCOUNT:
        return _FROM_ACCOUNT[name](user)
    return _address(user, name) if base == "address" else _text(user, name) if base in _TAGGABLE else None


def _text(user: User, name: str) -> str | None:
    value = user.profile.get(name)
    return value if isinstance(value, str) and value else None


def _address(user: User, name: str) -> dict[str, str] | None:
    value = user.profile.get(name)
    if not isinstance(value, Mapping):
        return None
    members = {member: value[member] for member in _ADDRESS_MEMBERS if isinstance(value.get(member), str)}
    return {member: text for member, text in members.items() if text} or None


def _phone_verified(user: User) -> bool | None:
    # Nobody has verified it here: a profile is what people say of themselves.
    return False if _text(user, "phone_number") else None


_TAGGABLE = frozenset({*_PROFILE_TEXTS, "phone_number"})
_FROM_ACCOUNT: Mapping[str, Callable[[User], Any]] = MappingProxyType(
    {
        "preferred_username": lambda user: user.username,
        "updated_at": lambda user: int(user.updated_at.timestamp()),
        "email": lambda user: user.email,
        "email_verified": lambda user: user.email_verified if user.email else None,
        "phone_number_verified": _phone_verified,
    }
)
"""Claims that the account itself answers, whatever its profile says."""
