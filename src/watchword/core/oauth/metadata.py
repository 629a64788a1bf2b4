"""Discovery documents: what works here, and no more (RFC 8414 section 2, OpenID Connect Discovery 1.0 section 3)."""

from collections.abc import Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from watchword.core.models.identity import Scope
from watchword.core.oauth.capabilities import NOTHING, SECRET_METHODS, Capabilities

_ENDPOINTS = {
    "authorization_endpoint": "authorize",
    "userinfo_endpoint": "userinfo",
    "device_authorization_endpoint": "device_authorization",
    "registration_endpoint": "register",
    "end_session_endpoint": "end_session",
    "check_session_iframe": "check_session",
}
"""Endpoints that a capability switches on, and their paths under the prefix."""


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


def authorization_server_metadata(config: ServerFacts, provider: Capabilities = NOTHING) -> dict[str, Any]:
    """Return the RFC 8414 document of a server that can do this. Every URL is from configuration, never a request."""
    root = config.issuer.rstrip("/") + config.prefix
    switched = {name: f"{root}/{path}" for name, path in _ENDPOINTS.items() if getattr(provider, name)}
    return {
        "issuer": config.issuer,
        "token_endpoint": f"{root}/token",
        "jwks_uri": f"{root}/jwks",
        "revocation_endpoint": f"{root}/revoke",
        "introspection_endpoint": f"{root}/introspect",
        **switched,
        "scopes_supported": sorted({*config.scopes, *provider.openid_scopes, "admin"}),
        "response_types_supported": list(provider.response_types),
        "grant_types_supported": list(provider.grant_types),
        **_client_authentication(provider),
        **_authorization(provider),
    }


def openid_configuration(config: ServerFacts, provider: Capabilities = NOTHING) -> dict[str, Any]:
    """Return the discovery document that OpenID clients look for: the members of RFC 8414 and those of a provider.

    Without ID tokens it claims nothing of OpenID Connect but that the subject is the same for every client.
    """
    document = authorization_server_metadata(config, provider)
    return {**document, "subject_types_supported": list(provider.subject_types), **_openid(provider)}


def _client_authentication(provider: Capabilities) -> dict[str, list[str]]:
    confidential = [*SECRET_METHODS, *provider.assertion_methods]
    methods = {"token": [*confidential, "none"], "revocation": [*confidential, "none"], "introspection": confidential}
    documents = {f"{name}_endpoint_auth_methods_supported": listed for name, listed in methods.items()}
    if provider.assertion_methods:
        for name in methods:
            documents[f"{name}_endpoint_auth_signing_alg_values_supported"] = list(provider.assertion_algs)
    return documents


def _authorization(provider: Capabilities) -> dict[str, Any]:
    """Return what the authorization endpoint can do (RFC 8414, RFC 9207, RFC 9101, RFC 9701, RFC 9728)."""
    signed = provider.id_token_algs if provider.signed_introspection else ()
    members: dict[str, Any] = {
        "response_modes_supported": provider.response_modes,
        "code_challenge_methods_supported": provider.code_challenge_methods,
        "ui_locales_supported": provider.ui_locales,
        "introspection_signing_alg_values_supported": signed,
        "protected_resources": provider.resources,
        "service_documentation": provider.service_documentation,
        "op_policy_uri": provider.op_policy_uri,
        "op_tos_uri": provider.op_tos_uri,
    }
    stated = {name: _plain(value) for name, value in members.items() if value}
    if provider.authorization_endpoint:
        stated["authorization_response_iss_parameter_supported"] = True
    return stated


def _openid(provider: Capabilities) -> dict[str, Any]:
    """Return the members of OpenID Connect Discovery section 3, of its logout specifications and of prompts."""
    if not provider.id_token_algs:
        return {}
    objects = provider.request_parameter or provider.request_uri_parameter
    lists: dict[str, tuple[str, ...]] = {
        "id_token_signing_alg_values_supported": provider.id_token_algs,
        "userinfo_signing_alg_values_supported": provider.id_token_algs if provider.userinfo_endpoint else (),
        "request_object_signing_alg_values_supported": provider.request_object_algs if objects else (),
        "acr_values_supported": provider.acr_values,
        "display_values_supported": provider.display_values,
        "prompt_values_supported": provider.prompt_values,
        "claims_supported": provider.claims,
        "claim_types_supported": ("normal",),
    }
    return {**{name: list(values) for name, values in lists.items() if values}, **_switches(provider)}


def _switches(provider: Capabilities) -> dict[str, bool]:
    """Return the members whose default is not always false, so that they are stated in any case."""
    return {
        "claims_parameter_supported": provider.claims_parameter,
        "request_parameter_supported": provider.request_parameter,
        "request_uri_parameter_supported": provider.request_uri_parameter,
        "require_request_uri_registration": provider.request_uri_parameter,
        "backchannel_logout_supported": provider.backchannel_logout,
        "backchannel_logout_session_supported": provider.backchannel_logout,
        "frontchannel_logout_supported": provider.frontchannel_logout,
        "frontchannel_logout_session_supported": provider.frontchannel_logout,
    }


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def authorization_server_metadata_path(issuer: str) -> str:
    """Return where the RFC 8414 document stands: the well-known part goes before the issuer's path (section 3.1)."""
    return "/.well-known/oauth-authorization-server" + urlsplit(issuer).path.rstrip("/")


def openid_configuration_paths(issuer: str) -> tuple[str, ...]:
    """Return where OpenID clients look: appended (Discovery section 4), and inserted as RFC 8414 section 5 allows."""
    path = urlsplit(issuer).path.rstrip("/")
    appended, inserted = f"{path}/.well-known/openid-configuration", f"/.well-known/openid-configuration{path}"
    return (appended,) if appended == inserted else (appended, inserted)
