"""Pure rules for scopes (RFC 6749 section 3.3)."""

import re
from collections.abc import Iterable, Mapping

from watchword.core.errors import InvalidScope
from watchword.core.models.grants import Client
from watchword.core.models.identity import Scope

SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
MAX_SCOPE_LENGTH = 4096


def parse_scope(text: str) -> frozenset[str]:
    """Return the scope names in a `scope` parameter; an empty one holds none.

    Raises:
        InvalidScope: a name has a character outside RFC 6749 section 3.3, or the whole is over 4,096 characters.
    """
    if len(text) > MAX_SCOPE_LENGTH:
        raise InvalidScope(hint=f"a scope parameter of {len(text)} characters")
    names = [name for name in text.split(" ") if name]
    if not all(SCOPE_TOKEN.fullmatch(name) for name in names):
        raise InvalidScope(hint="a scope name with a forbidden character")
    return frozenset(names)


def format_scope(scopes: Iterable[str]) -> str:
    """Return scope names as one `scope` value, sorted."""
    return " ".join(sorted(scopes))


def grantable(
    requested: frozenset[str], *, declared: Mapping[str, Scope], permissions: frozenset[str], client: Client
) -> frozenset[str]:
    """Return those of the requested scopes that are declared, and that both the person and the client may have.

    A restricted scope needs the permission of its name. What may not be had is left out, not refused (RFC 6749
    section 3.3): the answer's `scope` says what was granted.
    """
    asked = requested if client.scopes is None else requested & client.scopes
    return frozenset(
        name for name in asked if (scope := declared.get(name)) and (not scope.restricted or name in permissions)
    )


def machine_scopes(requested: frozenset[str], *, declared: Mapping[str, Scope], client: Client) -> frozenset[str]:
    """Return those of the requested scopes that a client may have for itself; without a request, all of them.

    A restricted scope must be named in the client's registration, which stands for the permission.
    """
    if client.scopes is None:
        had = frozenset(name for name, scope in declared.items() if not scope.restricted)
    else:
        had = client.scopes.intersection(declared)
    return had & requested if requested else had
