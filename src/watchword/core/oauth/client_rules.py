"""Which registrations are accepted (RFC 7591 section 2, OpenID Connect Registration 1.0 section 2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from watchword.core.authorize_errors import InvalidClientMetadata, InvalidRedirectUri, UnapprovedSoftwareStatement
from watchword.core.errors import InvalidScope
from watchword.core.models.client_metadata import ClientMetadata, ConsentPolicy
from watchword.core.oauth.client_fields import MAX_NAME, Fields
from watchword.core.oauth.client_members import read_logout, read_members
from watchword.core.oauth.redirect_uris import NATIVE, WEB, check_redirect_uri, is_for_native
from watchword.core.oauth.response_modes import RESPONSE_TYPES, sort_response_type
from watchword.core.oauth.scopes import parse_scope
from watchword.core.tokens.client_assertion import METHOD_ALGORITHMS
from watchword.core.tokens.id_token import ID_TOKEN_ALGORITHMS

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
_MOST_REDIRECTS = 50
IMPLICIT = "implicit"
"""What the response types that are not `code` are registered with (RFC 7591 section 2.1)."""
_CODE, _REFRESH = "authorization_code", "refresh_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationPolicy:
    """What a client may register itself for. `scopes` of None is every scope; `consent` is what it is stored with."""

    grants: frozenset[str] = frozenset({_CODE, _REFRESH, DEVICE_CODE})
    scopes: frozenset[str] | None = None
    response_types: frozenset[str] = frozenset({"code"})
    auth_methods: frozenset[str] = frozenset(
        {"none", "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"}
    )
    algorithms: frozenset[str] = frozenset(ID_TOKEN_ALGORITHMS)
    """For what this server signs: ID tokens, userinfo, introspection."""
    subject_types: frozenset[str] = frozenset({"public", "pairwise"})
    consent: ConsentPolicy = ConsentPolicy.ALWAYS
    require_pkce: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registration that was accepted: what goes into a `Client` beside its id and its secret."""

    name: str
    grants: frozenset[str]
    scopes: frozenset[str] | None
    metadata: ClientMetadata


DEFAULT_POLICY = RegistrationPolicy()


def check_registration(document: Mapping[str, Any], *, policy: RegistrationPolicy = DEFAULT_POLICY) -> Registration:
    """Return what a client registers, defaults filled in, unknown members ignored; `check_sector` is for the caller.

    Raises:
        InvalidRedirectUri: a redirect URI is missing or unsafe.
        InvalidClientMetadata: any other member is not acceptable, or two contradict each other.
        UnapprovedSoftwareStatement: there is a software statement; no one's is trusted here.
    """
    fields = Fields(document)
    if fields.get("software_statement") is not None:
        raise UnapprovedSoftwareStatement(hint="a software statement")
    grants, response_types = _grants_and_types(fields, policy)
    application_type, redirect_uris = _redirects(fields, required=bool(response_types))
    method = fields.choice("token_endpoint_auth_method", policy.auth_methods, "client_secret_basic")
    if method == "none" and "client_credentials" in grants:
        raise InvalidClientMetadata(hint="client_credentials without a secret")
    metadata = ClientMetadata(
        redirect_uris=redirect_uris,
        response_types=response_types,
        application_type=application_type,
        auth_method=method,
        auth_alg=fields.find_choice("token_endpoint_auth_signing_alg", METHOD_ALGORITHMS.get(method, ())),
        consent=policy.consent,
        require_pkce=policy.require_pkce,
        **read_members(fields, method, algorithms=policy.algorithms, subject_types=policy.subject_types),
        **read_logout(fields, application_type, redirect_uris),
    )
    name = fields.text("client_name", longest=MAX_NAME) or ""
    return Registration(name=name, grants=grants, scopes=_scopes(fields, policy), metadata=_check_pairwise(metadata))


def check_sector(document: object, metadata: ClientMetadata) -> None:
    """Check what was fetched from `sector_identifier_uri`: a JSON list that holds every redirect URI (section 5).

    Raises:
        InvalidClientMetadata: it is not.
    """
    if not isinstance(document, list) or not all(uri in document for uri in metadata.redirect_uris):
        raise InvalidClientMetadata(hint="the sector identifier document does not list every redirect URI")


def check_self_registered(registration: Registration) -> Registration:
    """Return a registration that nobody vouches for: its pairwise subjects are those of a sector it proves to be in.

    Codes go to the redirect URIs, so they are of use in that sector alone. What a device gets goes to whoever asks: by
    naming somebody else's host, a stranger would learn by which name a person is known there (Core section 17.3).

    Raises:
        InvalidClientMetadata: it wants pairwise subjects for a device.
    """
    if registration.metadata.subject_type == "pairwise" and DEVICE_CODE in registration.grants:
        raise InvalidClientMetadata(hint="pairwise subjects for a device, which proves no sector")
    return registration


def _grants_and_types(fields: Fields, policy: RegistrationPolicy) -> tuple[frozenset[str], tuple[str, ...]]:
    """Both lists, one from the other where one is missing, and consistent (RFC 7591 section 2.1)."""
    grants = frozenset(fields.texts("grant_types"))
    asked = tuple(dict.fromkeys(map(sort_response_type, fields.texts("response_types"))))
    types = asked or (("code",) if not grants or _CODE in grants else ())
    needed = frozenset(grant for name in types for grant in _grants_of(name))
    given = grants or needed
    allowed = policy.grants | ({IMPLICIT} if policy.response_types - {"code"} else set())
    if not given <= allowed or not policy.response_types.intersection(RESPONSE_TYPES).issuperset(types):
        raise InvalidClientMetadata(hint="a grant type or a response type that is not supported")
    if not needed <= given or (_CODE in given and not any("code" in name.split(" ") for name in types)):
        raise InvalidClientMetadata(hint="grant types and response types contradict each other")
    return given, types


def _grants_of(response_type: str) -> set[str]:
    words = set(response_type.split(" "))
    return {_CODE for _ in words & {"code"}} | {IMPLICIT for _ in words - {"code"}}


def _redirects(fields: Fields, *, required: bool) -> tuple[str, tuple[str, ...]]:
    """Return the application type, native where every redirect URI says so and nothing is stated, and the URIs."""
    uris = fields.get("redirect_uris") or []
    if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris) or len(uris) > _MOST_REDIRECTS:
        raise InvalidRedirectUri(hint="redirect_uris is no list of texts, or too long")
    if required and not uris:
        raise InvalidRedirectUri(hint="no redirect URI")
    native = bool(uris) and all(is_for_native(check_redirect_uri(uri, application_type=NATIVE)) for uri in uris)
    kind = fields.choice("application_type", (WEB, NATIVE), NATIVE if native else WEB)
    return kind, tuple(dict.fromkeys(check_redirect_uri(uri, application_type=kind) for uri in uris))


def _scopes(fields: Fields, policy: RegistrationPolicy) -> frozenset[str] | None:
    """Return those of the scopes asked for that may be registered; without a request, all that may be."""
    text = fields.get("scope")
    if text is None:
        return policy.scopes
    try:
        asked = parse_scope(text if isinstance(text, str) else "\n")
    except InvalidScope:
        raise InvalidClientMetadata(hint="scope is malformed") from None
    return asked if policy.scopes is None else asked & policy.scopes


def _check_pairwise(metadata: ClientMetadata) -> ClientMetadata:
    hosts = {urlsplit(uri).hostname for uri in metadata.redirect_uris}
    if metadata.subject_type == "pairwise" and not metadata.sector_identifier_uri and len(hosts) > 1:
        raise InvalidClientMetadata(hint="pairwise subjects over several hosts need a sector_identifier_uri")
    return metadata
