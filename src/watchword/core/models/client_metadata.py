"""What is registered about a client (RFC 7591 section 2, OpenID Connect Registration 1.0 section 2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class ConsentPolicy(StrEnum):
    """When a person is asked whether a client may have what it requests."""

    REMEMBER = "remember"
    """Once for each scope and resource."""
    ALWAYS = "always"
    """At every authorization: so for clients that registered themselves and that nobody has verified."""
    NEVER = "never"
    """Never: for first-party clients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientMetadata:
    """A client as it was registered. Names are those of the specifications, but for `auth_method` and `auth_alg`.

    What follows `operator's` is never taken from a registration by the client itself. Lifetimes are seconds; None is
    the server's own. `resources` are the audiences it may ask for, None for every registered one.
    """

    redirect_uris: tuple[str, ...] = ()
    response_types: tuple[str, ...] = ("code",)
    application_type: str = "web"
    auth_method: str = "none"
    """`token_endpoint_auth_method`"""
    auth_alg: str | None = None
    """`token_endpoint_auth_signing_alg`"""
    client_uri: str | None = None
    logo_uri: str | None = None
    policy_uri: str | None = None
    tos_uri: str | None = None
    contacts: tuple[str, ...] = ()
    software_id: str | None = None
    software_version: str | None = None
    jwks_uri: str | None = None
    jwks: Mapping[str, Any] | None = None
    subject_type: str = "public"
    sector_identifier_uri: str | None = None
    id_token_signed_response_alg: str = "RS256"  # noqa: S105  an algorithm
    userinfo_signed_response_alg: str | None = None
    introspection_signed_response_alg: str | None = None
    request_object_signing_alg: str | None = None
    default_max_age: int | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[str, ...] = ()
    initiate_login_uri: str | None = None
    request_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()
    backchannel_logout_uri: str | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: str | None = None
    frontchannel_logout_session_required: bool = False
    # operator's
    consent: ConsentPolicy = ConsentPolicy.REMEMBER
    require_pkce: bool = True
    origins: tuple[str, ...] = ()
    """Web origins that may call the token endpoint from a browser (CORS)."""
    resources: tuple[str, ...] | None = None
    serves: tuple[str, ...] = ()
    """The resources that this client itself is, as a resource server: it may introspect tokens for these."""
    access_ttl: int | None = None
    refresh_idle_ttl: int | None = None
    refresh_max_ttl: int | None = None


NO_METADATA = ClientMetadata()
