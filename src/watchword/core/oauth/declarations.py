"""What an operator declares in one file: roles, resources, and clients by the members of RFC 7591 section 2."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from watchword.core.account_errors import InvalidInput
from watchword.core.accounts.permissions import ADMIN, check_permission, check_role_name
from watchword.core.errors import OAuthError
from watchword.core.models.authorizations import Resource
from watchword.core.models.identity import Role
from watchword.core.oauth.client_fields import Fields
from watchword.core.oauth.declared_clients import CLIENT_MEMBERS, DeclaredClient, read_client
from watchword.core.oauth.resources import check_resource

KINDS = ("roles", "resources", "clients")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,127}")
_ROLE = frozenset({"permissions", "description"})
_RESOURCE = frozenset({"name", "scopes", "access_ttl"})
_SCOPES = (
    "Scopes cannot be applied: the application declares them in its code, and each process knows them from its start."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What shall be there. What is not named stays as it is, but for what `absent` lists: pairs of kind and name."""

    roles: tuple[Role, ...] = ()
    resources: tuple[Resource, ...] = ()
    clients: tuple[DeclaredClient, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()


def read_declaration(document: Mapping[str, Any], *, reserved: Collection[str] = ()) -> Declaration:
    """Return what a file declares: tables `roles`, `resources` and `clients` by name, URI and id, and `absent`.

    `reserved` are ids of clients that are not the operator's to declare.

    Raises:
        InvalidInput: something in it is unknown or not acceptable; the sentence says what.
    """
    if "scopes" in document:
        raise InvalidInput(_SCOPES)
    _check_members("The file", document, {*KINDS, "absent"})
    declared = {kind: _table(document, kind) for kind in KINDS}
    absent = _table(document, "absent", ())
    _check_members("absent", absent, KINDS)
    gone = tuple((kind, name) for kind in KINDS for name in _texts(f"absent.{kind}", absent.get(kind, [])))
    for kind, name in gone:
        if name in declared[kind] or (kind, name) == ("roles", ADMIN):
            raise InvalidInput(f"{kind} {name}: declared as well as absent, or not to be removed.")
    for name in declared["clients"]:
        if name in reserved or not _ID.fullmatch(name):
            raise InvalidInput(f"client {name}: an id has letters, digits, '.', '_', '~' and '-', and is not built in.")
    return Declaration(
        roles=tuple(_role(name, fields) for name, fields in declared["roles"].items()),
        resources=tuple(_resource(uri, fields) for uri, fields in declared["resources"].items()),
        clients=tuple(_client(name, fields) for name, fields in declared["clients"].items()),
        absent=gone,
    )


def _role(name: str, fields: Mapping[str, Any]) -> Role:
    _check_members(f"role {name}", fields, _ROLE)
    permissions = {
        check_permission(each) for each in _texts(f"role {name}: permissions", fields.get("permissions", []))
    }
    more = {ADMIN} if name == ADMIN else set()
    description = fields.get("description", "")
    if not isinstance(description, str):
        raise InvalidInput(f"role {name}: description is no text.")
    return Role(name=check_role_name(name), permissions=frozenset(permissions | more), description=description)


def _resource(uri: str, fields: Mapping[str, Any]) -> Resource:
    where = f"resource {uri}"
    _check_members(where, fields, _RESOURCE)
    if fields.get("scopes") is not None:
        _texts(f"{where}: scopes", fields["scopes"])
    try:
        return read_resource(uri, fields)
    except OAuthError as error:
        raise InvalidInput(f"{where}: {error.hint or error.description}.") from None


def read_resource(uri: str, fields: Mapping[str, Any]) -> Resource:
    """Return a resource by its members: `name`, `scopes`, which is a list of texts, and `access_ttl` in seconds.

    Raises:
        InvalidTarget: the URI is not absolute, or has a fragment.
        InvalidClientMetadata: a member is not acceptable.
    """
    members, scopes, seconds = Fields(fields), fields.get("scopes"), Fields(fields).seconds("access_ttl")
    return Resource(
        uri=check_resource(uri),
        name=members.text("name") or "",
        scopes=None if scopes is None else frozenset(scopes),
        access_ttl=None if seconds is None else timedelta(seconds=seconds),
    )


def _client(client_id: str, fields: Mapping[str, Any]) -> DeclaredClient:
    _check_members(f"client {client_id}", fields, CLIENT_MEMBERS)
    try:
        return read_client(client_id, fields)
    except OAuthError as error:
        raise InvalidInput(f"client {client_id}: {error.hint or error.description}.") from None


def _table(document: Mapping[str, Any], name: str, empty: Iterable[tuple[str, Any]] = ()) -> Mapping[str, Any]:
    table = document.get(name, dict(empty))
    if not isinstance(table, Mapping) or not all(isinstance(key, str) for key in table):
        raise InvalidInput(f"{name} is no table.")
    if name != "absent" and not all(isinstance(fields, Mapping) for fields in table.values()):
        raise InvalidInput(f"{name} holds what is no table.")
    return table


def _texts(where: str, values: object) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InvalidInput(f"{where} is no list of texts.")
    return values


def _check_members(where: str, given: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InvalidInput(f"{where} has a member that is not known: {', '.join(unknown)}.")
