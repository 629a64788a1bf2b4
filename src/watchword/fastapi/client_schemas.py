"""The JSON of clients and resources in the admin API: names as RFC 7591 writes them. The flows check what it means."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from watchword.core.oauth.client_fields import MAX_NAME
from watchword.core.oauth.redirect_uris import MAX_URI
from watchword.core.oauth.scopes import MAX_SCOPE_LENGTH
from watchword.fastapi.schemas import Body, Permission

MOST = 50
LONGEST = 10**9
EXAMPLE = "https://shop.example/callback"
CLIENT_EXAMPLE: dict[str, JsonValue] = {
    "client_name": "Corner Shop",
    "redirect_uris": [EXAMPLE],
    "grant_types": ["authorization_code", "refresh_token"],
    "scope": "openid profile",
}
ClientInPath = Annotated[str, Path(max_length=128, description="The id of the client")]
ResourceInQuery = Annotated[
    str,
    Query(min_length=1, max_length=MAX_URI, description="Its URI, percent-encoded", examples=["https://api.example/"]),
]
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME, description="What people call it")]
Text = Annotated[str, Field(min_length=1, max_length=255)]
Uri = Annotated[str, Field(min_length=1, max_length=MAX_URI)]
Uris = Annotated[list[Uri], Field(max_length=MOST)]
Texts = Annotated[list[Text], Field(max_length=MOST)]
Seconds = Annotated[int, Field(ge=0, le=LONGEST, description="Seconds; null for the server's own")]
Scope = Annotated[
    str,
    Field(max_length=MAX_SCOPE_LENGTH, description="The most it may have, separated by spaces; null for every scope"),
]
Method = Annotated[
    Literal["none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"],
    Field(description="How it proves who it is; `none` for a public client, null for a secret in header or form"),
]
Consent = Annotated[
    Literal["remember", "always", "never"],
    Field(description="When people are asked; by default `remember`, and `never` of a first-party client"),
]


class ClientBody(Body):
    """The members of a client (RFC 7591 section 2), and those that only an operator sets, from `first_party` on.

    A member that is null has its default.
    """

    client_name: Name | None = None
    redirect_uris: Annotated[Uris | None, Field(examples=[[EXAMPLE]])] = None
    grant_types: Annotated[Texts | None, Field(examples=[["authorization_code", "refresh_token"]])] = None
    response_types: Texts | None = None
    scope: Annotated[Scope | None, Field(examples=["openid profile"])] = None
    application_type: Literal["web", "native"] | None = None
    token_endpoint_auth_method: Method | None = None
    token_endpoint_auth_signing_alg: Text | None = None
    client_uri: Uri | None = None
    logo_uri: Uri | None = None
    policy_uri: Uri | None = None
    tos_uri: Uri | None = None
    contacts: Texts | None = None
    software_id: Text | None = None
    software_version: Text | None = None
    jwks_uri: Uri | None = None
    jwks: Annotated[dict[str, Any] | None, Field(description="Its public keys (RFC 7517)")] = None
    subject_type: Literal["public", "pairwise"] | None = None
    sector_identifier_uri: Uri | None = None
    id_token_signed_response_alg: Text | None = None
    userinfo_signed_response_alg: Text | None = None
    introspection_signed_response_alg: Text | None = None
    request_object_signing_alg: Text | None = None
    default_max_age: Annotated[int, Field(ge=0, le=LONGEST)] | None = None
    require_auth_time: bool | None = None
    default_acr_values: Texts | None = None
    initiate_login_uri: Uri | None = None
    request_uris: Uris | None = None
    post_logout_redirect_uris: Uris | None = None
    backchannel_logout_uri: Uri | None = None
    backchannel_logout_session_required: bool | None = None
    frontchannel_logout_uri: Uri | None = None
    frontchannel_logout_session_required: bool | None = None
    first_party: Annotated[bool | None, Field(description="It is your own: people are not asked for consent")] = None
    introspect: Annotated[bool | None, Field(description="It may ask what any access token is worth")] = None
    consent: Consent | None = None
    require_pkce: Annotated[bool | None, Field(description="By default it is required")] = None
    origins: Annotated[
        Uris | None,
        Field(description="Web origins whose pages may call us; of a public client those of its redirect URIs"),
    ] = None
    resources: Annotated[Uris | None, Field(description="Audiences it may ask for; null for every resource")] = None
    serves: Annotated[Uris | None, Field(description="Resources that it is: it may introspect tokens for them")] = None
    access_ttl: Seconds | None = None
    refresh_idle_ttl: Seconds | None = None
    refresh_max_ttl: Seconds | None = None


class NewClientBody(ClientBody):
    """A new client."""

    model_config = ConfigDict(json_schema_extra={"examples": [CLIENT_EXAMPLE]})
    client_name: Name


class ChangeClientBody(ClientBody):
    """What to change about a client. What is left out stays; a member that is null goes back to its default.

    `verified` and `disabled` stay if they are null.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [{"disabled": True}, {"access_ttl": 300}]})
    verified: Annotated[bool | None, Field(description="Vouch for a client that registered itself")] = None
    disabled: Annotated[bool | None, Field(description="Refuse it and its tokens, or let it in again")] = None


class ClientAnswer(ClientBody):
    """A client with all its members, null where nothing is said. Its secrets are never shown again."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)
    client_id: str
    client_name: str
    registered_itself: Annotated[bool, Field(description="And nobody has verified it")]
    public: Annotated[bool, Field(description="It has neither a secret nor a key")]
    secrets: Annotated[int, Field(description="How many of its secrets work: two while one replaces the other")]
    disabled: bool
    created_at: datetime


class SecretAnswer(BaseModel):
    """A new secret of a client. It is shown this once."""

    client_id: str
    client_secret: Annotated[str, Field(description="Shown this once")]


class NewClientAnswer(ClientAnswer):
    """A new client. Its secret is shown this once; a client that needs none has null."""

    client_secret: Annotated[str | None, Field(description="Shown this once")]


class RotateSecretBody(Body):
    """Whether to refuse every other secret, and every token of the client, at once: for a secret that has leaked."""

    immediately: bool = False


class ResourceBody(Body):
    """A resource that tokens can be made for (RFC 8707): which scopes it knows, and how long its tokens live."""

    model_config = Body.model_config | {
        "json_schema_extra": {"examples": [{"name": "Items", "scopes": ["items:read"]}]}
    }
    name: Text | None = None
    scopes: Annotated[
        list[Permission] | None, Field(max_length=256, description="Null for every scope that is declared")
    ] = None
    access_ttl: Seconds | None = None


class ResourceAnswer(BaseModel):
    """A resource that tokens can be made for."""

    uri: str
    name: str
    scopes: list[str] | None
    access_ttl: int | None


class InitialTokenBody(Body):
    """How long applications may register themselves with the new initial access token."""

    hours: Annotated[int, Field(ge=1, le=8760)] = 24


class InitialTokenAnswer(BaseModel):
    """A new initial access token (RFC 7591 section 3). It is shown this once."""

    initial_access_token: str
    hours: int
