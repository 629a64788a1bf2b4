"""Clients in an operator's words: the members of RFC 7591 section 2, with those that no client says of itself."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from watchword.core.models.client_metadata import ClientMetadata, ConsentPolicy
from watchword.core.models.grants import Client
from watchword.core.oauth.client_fields import Fields
from watchword.core.oauth.client_rules import check_registration
from watchword.core.oauth.operator_clients import OPERATORS_POLICY, check_origins, check_password_grant, check_serves
from watchword.core.oauth.scopes import format_scope

_METHOD = "token_endpoint_auth_method"
_RENAMED = {"auth_method": _METHOD, "auth_alg": "token_endpoint_auth_signing_alg"}
_OF_METADATA = {_RENAMED.get(each.name, each.name): each.name for each in fields(ClientMetadata)}
CLIENT_MEMBERS = frozenset(
    {*("client_name", "grant_types", "scope", "first_party", "introspect", "disabled"), *_OF_METADATA}
)
"""Every member that a declared client may have; a misspelt one is an error, for nobody would notice it."""

DECLARED_FIELDS = ("name", "grants", "scopes", "first_party", "may_introspect", "metadata")
"""The fields of a `Client` that these members fill; the others are secrets, times and states."""


@dataclass(frozen=True, slots=True)
class DeclaredClient:
    """A client as it shall be. Of `client`, secrets and times say nothing."""

    client: Client
    disabled: bool


def read_client(client_id: str, document: Mapping[str, Any]) -> DeclaredClient:
    """Return the client that a document describes, defaults filled in; without a name, its id is its name.

    Raises:
        InvalidRedirectUri: a redirect URI is missing or unsafe.
        InvalidTarget: a resource that it serves is no absolute URI without a fragment.
        InvalidClientMetadata: any other member is not acceptable, or two contradict each other.
        UnapprovedSoftwareStatement: there is a software statement.
    """
    registration, members = check_registration(document, policy=OPERATORS_POLICY), Fields(document)
    first_party = members.switch("first_party")
    check_password_grant(registration.grants, first_party=first_party)
    client = Client(
        id=client_id,
        name=registration.name or client_id,
        grants=registration.grants,
        scopes=registration.scopes,
        first_party=first_party,
        may_introspect=members.switch("introspect"),
        metadata=replace(registration.metadata, **_operators(registration.metadata, members, first_party=first_party)),
    )
    return DeclaredClient(client, members.switch("disabled"))


def client_members(client: Client) -> dict[str, Any]:
    """Return every member of a client as JSON types, null where nothing is said. No secret, and no hash of one.

    A `token_endpoint_auth_method` of null stands for a secret that may come in the header or in the form.
    """
    return {
        "client_name": client.name,
        "grant_types": sorted(client.grants),
        "scope": None if client.scopes is None else format_scope(client.scopes),
        **{member: _plain(getattr(client.metadata, name)) for member, name in _OF_METADATA.items()},
        **({_METHOD: None} if client.secret_hashes and client.metadata.auth_method == "none" else {}),
        "first_party": client.first_party,
        "introspect": client.may_introspect,
    }


def client_document(client: Client) -> dict[str, Any]:
    """Return the members to which a change is made: what has the default is left out, to follow what it depends on."""
    document, metadata = client_members(client), client.metadata
    usual = {
        "response_types": metadata.response_types == ("code",),
        "consent": metadata.consent == _usual_consent(first_party=client.first_party),
        "origins": metadata.origins == check_origins(None, metadata),
    }
    return {name: value for name, value in document.items() if value is not None and not usual.get(name)}


def _operators(said: ClientMetadata, members: Fields, *, first_party: bool) -> dict[str, Any]:
    """Return the fields that only an operator sets. Pages of a public client may call us from their own origins."""
    usual = _usual_consent(first_party=first_party)
    return {
        "consent": ConsentPolicy(members.choice("consent", tuple(ConsentPolicy), usual)),
        "require_pkce": members.get("require_pkce") is None or members.switch("require_pkce"),
        "origins": check_origins(None if members.get("origins") is None else members.texts("origins"), said),
        "resources": None if members.get("resources") is None else members.texts("resources"),
        "serves": check_serves(members.texts("serves")),
        **{name: members.seconds(name) for name in ("access_ttl", "refresh_idle_ttl", "refresh_max_ttl")},
    }


def _usual_consent(*, first_party: bool) -> ConsentPolicy:
    return ConsentPolicy.NEVER if first_party else ConsentPolicy.REMEMBER


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (tuple, list)) else value
