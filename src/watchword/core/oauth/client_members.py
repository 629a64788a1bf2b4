"""The members of a registration that stand for themselves: keys, what clients say of themselves, OpenID Connect."""

import re
from collections.abc import Collection
from types import MappingProxyType
from typing import Any
from urllib.parse import urldefrag

from watchword.core.authorize_errors import InvalidClientMetadata
from watchword.core.oauth.client_fields import Fields, check_uri
from watchword.core.oauth.redirect_uris import origin_of
from watchword.core.oauth.request_parameters import MAX_REQUEST_URI
from watchword.core.tokens.jwk import InvalidKeySet, load_remote_jwks
from watchword.core.tokens.request_object import REQUEST_OBJECT_ALGORITHMS

_FRAGMENT = re.compile(r"[A-Za-z0-9\-_.~]{0,128}")
_NOT_OFFERED = (
    *("id_token_encrypted_response_alg", "userinfo_encrypted_response_alg", "request_object_encryption_alg"),
    *("introspection_encrypted_response_alg", "authorization_encrypted_response_alg"),
    *("dpop_bound_access_tokens", "tls_client_certificate_bound_access_tokens"),
    *("require_pushed_authorization_requests", "require_signed_request_object"),
)
"""What a client asks for to be safer. It is refused, not ignored, where it is not offered."""


def read_members(
    fields: Fields, method: str, *, algorithms: Collection[str], subject_types: Collection[str]
) -> dict[str, Any]:
    """Return the fields of `ClientMetadata` that depend on no other, `method` being how the client authenticates.

    Raises:
        InvalidClientMetadata: one is not acceptable.
    """
    if any(fields.get(name) for name in _NOT_OFFERED):
        raise InvalidClientMetadata(hint="something that is not offered")
    return {**_about(fields), **_keys(fields, method), **_openid(fields, algorithms, subject_types)}


def read_logout(fields: Fields, application_type: str, redirect_uris: Collection[str]) -> dict[str, Any]:
    """Return what is registered about logout (RP-Initiated, Back-Channel and Front-Channel Logout).

    Raises:
        InvalidClientMetadata: one is not acceptable; a front-channel URI must share the origin of a redirect URI.
    """
    front = fields.uri("frontchannel_logout_uri")
    if front is not None and origin_of(front) not in map(origin_of, redirect_uris):
        raise InvalidClientMetadata(hint="frontchannel_logout_uri has not the origin of a redirect URI")
    return {
        "post_logout_redirect_uris": fields.uris("post_logout_redirect_uris", application_type=application_type),
        "backchannel_logout_uri": fields.uri("backchannel_logout_uri"),
        "backchannel_logout_session_required": fields.switch("backchannel_logout_session_required"),
        "frontchannel_logout_uri": front,
        "frontchannel_logout_session_required": fields.switch("frontchannel_logout_session_required"),
    }


def _about(fields: Fields) -> dict[str, Any]:
    return {
        "contacts": fields.texts("contacts"),
        **{name: fields.uri(name) for name in ("client_uri", "logo_uri", "policy_uri", "tos_uri")},
        **{name: fields.text(name) for name in ("software_id", "software_version")},
    }


def _keys(fields: Fields, method: str) -> dict[str, Any]:
    jwks, jwks_uri = fields.get("jwks"), fields.https_uri("jwks_uri")
    if jwks is not None and jwks_uri is not None:
        raise InvalidClientMetadata(hint="both jwks and jwks_uri")
    if method == "private_key_jwt" and jwks is None and jwks_uri is None:
        raise InvalidClientMetadata(hint="no keys, though it authenticates by one")
    try:
        if jwks is not None:
            load_remote_jwks(jwks)
    except (InvalidKeySet, TypeError):
        raise InvalidClientMetadata(hint="jwks is no set of usable public keys") from None
    return {"jwks": MappingProxyType(dict(jwks)) if jwks is not None else None, "jwks_uri": jwks_uri}


def _openid(fields: Fields, algorithms: Collection[str], subject_types: Collection[str]) -> dict[str, Any]:
    signed = ("userinfo_signed_response_alg", "introspection_signed_response_alg")
    return {
        "subject_type": fields.choice("subject_type", subject_types, "public"),
        "sector_identifier_uri": fields.https_uri("sector_identifier_uri"),
        "id_token_signed_response_alg": fields.choice("id_token_signed_response_alg", algorithms, "RS256"),
        **{name: fields.find_choice(name, algorithms) for name in signed},
        "request_object_signing_alg": fields.find_choice("request_object_signing_alg", REQUEST_OBJECT_ALGORITHMS),
        "default_max_age": fields.seconds("default_max_age"),
        "require_auth_time": fields.switch("require_auth_time"),
        "default_acr_values": fields.texts("default_acr_values"),
        "initiate_login_uri": fields.https_uri("initiate_login_uri"),
        "request_uris": tuple(map(_check_request_uri, fields.texts("request_uris", longest=MAX_REQUEST_URI))),
    }


def _check_request_uri(uri: str) -> str:
    """Return an https URI, of which the fragment may be a hash of the content (Core section 6.2)."""
    bare, fragment = urldefrag(uri)
    check_uri("request_uris", bare)
    if not uri.startswith("https://") or not _FRAGMENT.fullmatch(fragment):
        raise InvalidClientMetadata(hint="request_uris holds what is not https")
    return uri
