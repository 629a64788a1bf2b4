"""What is registered about a client, as the specifications write it (RFC 7591 section 3.2.1, RFC 7592 section 3)."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.models.grants import Client
from watchword.core.oauth.scopes import format_scope

_RENAMED = {"auth_method": "token_endpoint_auth_method", "auth_alg": "token_endpoint_auth_signing_alg"}
_OPERATORS = frozenset(
    {"consent", "require_pkce", "origins", "resources", "serves", "access_ttl", "refresh_idle_ttl", "refresh_max_ttl"}
)
"""Fields that are never taken from a registration, nor told to the client."""


def registration_document(client: Client) -> dict[str, Any]:
    """Return the registered metadata of a client: JSON types, nothing that is unset, and no secret.

    Whoever answers adds `client_secret` with `client_secret_expires_at`, `registration_access_token` and
    `registration_client_uri`, where the client may see them.
    """
    members = {
        "client_id": client.id,
        "client_id_issued_at": int(client.created_at.timestamp()),
        "client_name": client.name,
        "grant_types": sorted(client.grants),
        "scope": format_scope(client.scopes or ()),
        **_of_metadata(client.metadata),
    }
    return {name: value for name, value in members.items() if value is not None and value not in ("", [], {})}


def _of_metadata(metadata: ClientMetadata) -> dict[str, Any]:
    names = [field.name for field in fields(metadata) if field.name not in _OPERATORS]
    return {_RENAMED.get(name, name): _plain(getattr(metadata, name)) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(member) for name, member in value.items()}
    return [_plain(each) for each in value] if isinstance(value, (tuple, list)) else value
