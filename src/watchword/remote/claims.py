"""Reads what other issuers call scopes, roles and permissions into a Principal, by a table of claim names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from watchword.core.models.identity import Principal
from watchword.core.tokens.claims import find_time

ClaimPath = str | tuple[str, ...]
"""A claim's exact name (`https://app.example/roles`), or a dotted path to it (`realm_access.roles`), or, as a tuple,
the name at each level. The empty tuple reads nothing."""

SCOPE_CLAIMS: Sequence[ClaimPath] = ("scope", "scp")
"""RFC 9068; Okta (a list) and Entra ID (a string)."""
ROLE_CLAIMS: Sequence[ClaimPath] = ("roles", ("realm_access", "roles"), "cognito:groups")
"""RFC 9068 and Entra ID; Keycloak; Cognito."""
PERMISSION_CLAIMS: Sequence[ClaimPath] = ("permissions",)
"""Auth0."""
CLIENT_CLAIMS = ("client_id", "azp", "cid", "appid")
"""RFC 9068; OpenID Connect, Keycloak, Auth0, Google; Okta; Entra ID version 1."""
SESSION_CLAIMS = ("sid", "session_state")
TOKEN_ID_CLAIMS = ("jti", "uti")
"""RFC 7519; Entra ID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimPaths:
    """Where the rights stand in the tokens of one issuer."""

    roles: Sequence[ClaimPath] = ROLE_CLAIMS
    permissions: Sequence[ClaimPath] = PERMISSION_CLAIMS


def claim_paths(
    audiences: Iterable[str], *, roles_claim: ClaimPath | None = None, permissions_claim: ClaimPath | None = None
) -> ClaimPaths:
    """Return the claims to read. A claim that is given replaces the usual ones.

    Of Keycloak's roles per client only those under one of our own audiences count: an administrator of another
    application is none here.
    """
    own_roles = [("resource_access", audience, "roles") for audience in audiences]
    return ClaimPaths(
        roles=(*ROLE_CLAIMS, *own_roles) if roles_claim is None else (roles_claim,),
        permissions=PERMISSION_CLAIMS if permissions_claim is None else (permissions_claim,),
    )


def read_principal(claims: Mapping[str, Any], paths: ClaimPaths) -> Principal:
    """Return who and what verified and checked claims speak of. A right that is not written as text does not count."""
    return Principal(
        subject=claims["sub"],
        issuer=claims["iss"],
        client_id=_first_text(claims, CLIENT_CLAIMS) or "",
        scopes=_read_names(claims, SCOPE_CLAIMS, split=True),
        roles=_read_names(claims, paths.roles),
        permissions=_read_names(claims, paths.permissions),
        session_id=_first_text(claims, SESSION_CLAIMS),
        token_id=_first_text(claims, TOKEN_ID_CLAIMS),
        issued_at=find_time(claims, "iat"),
        expires_at=find_time(claims, "exp"),
        auth_time=find_time(claims, "auth_time"),
        amr=texts(claims.get("amr")),
        acr=_first_text(claims, ("acr",)),
        claims=MappingProxyType(dict(claims)),
    )


def texts(value: object) -> tuple[str, ...]:
    """Return the strings in a claim that is a string or a list."""
    items = value if isinstance(value, list) else [value]
    return tuple(item for item in items if isinstance(item, str) and item)


def _read_names(claims: Mapping[str, Any], paths: Iterable[ClaimPath], *, split: bool = False) -> frozenset[str]:
    found = [name for path in paths for name in texts(_find_claim(claims, path))]
    return frozenset(part for name in found for part in name.split()) if split else frozenset(found)


def _find_claim(claims: Mapping[str, Any], path: ClaimPath) -> object:
    """Return the claim under its exact name or, failing that, at the end of the path; None if there is none."""
    if isinstance(path, str):
        if path in claims:
            return claims[path]
        path = tuple(path.split("."))
    found: object = claims
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _first_text(claims: Mapping[str, Any], names: Iterable[str]) -> str | None:
    return next((claims[name] for name in names if isinstance(claims.get(name), str) and claims[name]), None)
