"""What of the authorization server works, so that discovery lists that and no more (RFC 8414 section 2)."""

from dataclasses import dataclass

from watchword.core.oauth.acr import PASSWORD_ACR
from watchword.core.oauth.openid_scopes import OPENID_SCOPES
from watchword.core.oauth.user_claims import STANDARD_CLAIMS

SECRET_METHODS = ("client_secret_basic", "client_secret_post")
"""How a registered client proves who it is by its secret (RFC 6749 section 2.3.1)."""
ASSERTION_METHODS = ("client_secret_jwt", "private_key_jwt")
PROTOCOL_CLAIMS = ("acr", "amr", "aud", "auth_time", "exp", "iat", "iss", "nonce", "sid", "sub")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What works. Everything that is off or empty is left out of the documents.

    The names of members are those of the metadata, less `_supported`; what ends in `_endpoint` is a switch.
    """

    authorization_endpoint: bool = False
    userinfo_endpoint: bool = False
    device_authorization_endpoint: bool = False
    registration_endpoint: bool = False
    end_session_endpoint: bool = False
    check_session_iframe: bool = False
    backchannel_logout: bool = False
    frontchannel_logout: bool = False
    signed_introspection: bool = False
    """RFC 9701."""
    request_parameter: bool = False
    request_uri_parameter: bool = False
    claims_parameter: bool = False
    grant_types: tuple[str, ...] = ("client_credentials", "password", "refresh_token")
    response_types: tuple[str, ...] = ()
    response_modes: tuple[str, ...] = ()
    code_challenge_methods: tuple[str, ...] = ()
    prompt_values: tuple[str, ...] = ()
    display_values: tuple[str, ...] = ()
    assertion_methods: tuple[str, ...] = ()
    assertion_algs: tuple[str, ...] = ()
    id_token_algs: tuple[str, ...] = ()
    request_object_algs: tuple[str, ...] = ()
    subject_types: tuple[str, ...] = ("public",)
    acr_values: tuple[str, ...] = ()
    ui_locales: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    openid_scopes: tuple[str, ...] = ()
    """Scopes of OpenID Connect, beside those that are declared."""
    resources: tuple[str, ...] = ()
    """RFC 9728 section 4: the protected resources that may be made known."""
    service_documentation: str = ""
    op_policy_uri: str = ""
    op_tos_uri: str = ""


NOTHING = Capabilities()
"""An authorization server without a hosted login."""

PROVIDER = Capabilities(
    authorization_endpoint=True,
    userinfo_endpoint=True,
    device_authorization_endpoint=True,
    registration_endpoint=True,
    end_session_endpoint=True,
    check_session_iframe=True,
    backchannel_logout=True,
    frontchannel_logout=True,
    signed_introspection=True,
    request_parameter=True,
    request_uri_parameter=True,
    claims_parameter=True,
    grant_types=(
        "authorization_code",
        "client_credentials",
        "password",
        "refresh_token",
        "urn:ietf:params:oauth:grant-type:device_code",
    ),
    response_types=("code",),
    response_modes=("query", "form_post"),
    code_challenge_methods=("S256",),
    prompt_values=("none", "login", "consent", "select_account"),
    display_values=("page", "popup", "touch", "wap"),
    assertion_methods=ASSERTION_METHODS,
    assertion_algs=("HS256", "RS256", "PS256", "ES256", "EdDSA"),
    id_token_algs=("RS256", "ES256", "EdDSA", "PS256"),
    request_object_algs=("RS256", "PS256", "ES256", "EdDSA", "none"),
    subject_types=("public", "pairwise"),
    acr_values=(PASSWORD_ACR,),
    claims=tuple(sorted({*PROTOCOL_CLAIMS, *STANDARD_CLAIMS})),
    openid_scopes=tuple(OPENID_SCOPES),
)
"""A whole OpenID Provider. Whoever lacks a part takes it away by `replace`."""
