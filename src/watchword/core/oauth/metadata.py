"""Discovery documents: what works here, and no more (RFC 8414 section 2, OpenID Connect Discovery 1.0 section 3)."""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from watchword.core.models.identity import Scope

SECRET_METHODS = ("client_secret_basic", "client_secret_post")
"""How a registered client may prove who it is (RFC 6749 section 2.3.1)."""


class ServerFacts(Protocol):
    """The part of the configuration that discovery speaks of; `AuthConfig` has it."""

    @property
    def issuer(self) -> str:
        """The issuer identifier, exactly as tokens carry it."""

    @property
    def prefix(self) -> str:
        """The path that every endpoint stands under, `/auth` by default."""

    @property
    def scopes(self) -> Mapping[str, Scope]:
        """The scopes that the application declares."""


def authorization_server_metadata(config: ServerFacts) -> dict[str, Any]:
    """Return the RFC 8414 document. Every URL comes from configuration, never from a request."""
    root = config.issuer.rstrip("/") + config.prefix
    return {
        "issuer": config.issuer,
        "token_endpoint": f"{root}/token",
        "jwks_uri": f"{root}/jwks",
        "revocation_endpoint": f"{root}/revoke",
        "scopes_supported": sorted({*config.scopes, "admin"}),
        "response_types_supported": [],
        "introspection_endpoint": f"{root}/introspect",
        "grant_types_supported": ["client_credentials", "password", "refresh_token"],
        "token_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "revocation_endpoint_auth_methods_supported": [*SECRET_METHODS, "none"],
        "introspection_endpoint_auth_methods_supported": [*SECRET_METHODS],
    }


def openid_configuration(config: ServerFacts) -> dict[str, Any]:
    """Return the discovery document that OpenID clients look for.

    There are no ID tokens yet, so it has the members of RFC 8414 and claims nothing of OpenID Connect but that the
    subject is the same for every client.
    """
    return {**authorization_server_metadata(config), "subject_types_supported": ["public"]}


def authorization_server_metadata_path(issuer: str) -> str:
    """Return where the RFC 8414 document stands: the well-known part goes before the issuer's path (section 3.1)."""
    return "/.well-known/oauth-authorization-server" + urlsplit(issuer).path.rstrip("/")


def openid_configuration_paths(issuer: str) -> tuple[str, ...]:
    """Return where OpenID clients look: appended (Discovery section 4), and inserted as RFC 8414 section 5 allows."""
    path = urlsplit(issuer).path.rstrip("/")
    appended, inserted = f"{path}/.well-known/openid-configuration", f"/.well-known/openid-configuration{path}"
    return (appended,) if appended == inserted else (appended, inserted)
