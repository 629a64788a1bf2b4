"""The parameters `request` and `request_uri`: which is there, what may be fetched, and how both are merged."""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any, Literal
from urllib.parse import urldefrag

from watchword.core.authorize_errors import InvalidRequestObject, InvalidRequestUri, RequestUriNotSupported
from watchword.core.errors import InvalidRequest
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.oauth.parameters import Parameters, parse_parameters
from watchword.core.tokens import base64url

Source = Literal["request", "request_uri"]
SOURCES: tuple[Source, ...] = ("request", "request_uri")
MAX_REQUEST_URI = 512
"""OpenID Connect Core section 6.2."""
_JWT_CLAIMS = frozenset({"iss", "aud", "exp", "iat", "nbf", "jti", "sub"})
_HASH = re.compile(r"[A-Za-z0-9\-_]{43}")


def find_source(parameters: Parameters) -> tuple[Source, str] | None:
    """Return which of the two parameters there is, and its value, or None.

    Raises:
        InvalidRequest: both are there (RFC 9101 section 5).
    """
    found = [(name, value) for name in SOURCES if (value := parameters.get(name)) is not None]
    if len(found) > 1:
        raise InvalidRequest(hint="both request and request_uri")
    return found[0] if found else None


def check_request_uri(uri: str, metadata: ClientMetadata) -> str:
    """Return what to fetch, without the fragment: an https URI that the client registered.

    A fragment is a hash of the content, with which one URI may have several registered contents.

    Raises:
        RequestUriNotSupported: the client registered none.
        InvalidRequestUri: it is not one of those, not https, or longer than 512 characters.
    """
    if not metadata.request_uris:
        raise RequestUriNotSupported(hint="a client that registered no request_uris")
    known = {*metadata.request_uris, *(urldefrag(registered).url for registered in metadata.request_uris)}
    if len(uri) > MAX_REQUEST_URI or not uri.startswith("https://") or not {uri, urldefrag(uri).url} & known:
        raise InvalidRequestUri(hint="a request_uri that is not registered")
    return urldefrag(uri).url


def is_hashed(uri: str) -> bool:
    """Whether the fragment of a URI is a SHA-256, that of its content."""
    return bool(_HASH.fullmatch(urldefrag(uri).fragment))


def check_fetched(uri: str, body: bytes) -> str:
    """Return the request object that a request_uri led to.

    Raises:
        InvalidRequestUri: it is not ASCII, or the fragment is a SHA-256 and not that of the content (Core section 6.2).
    """
    fragment = urldefrag(uri).fragment
    if is_hashed(uri) and not compare_digest(base64url.encode(sha256(body).digest()), fragment):
        raise InvalidRequestUri(hint="the content is not that of the fragment")
    try:
        return body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise InvalidRequestUri(hint="the content is no JWT") from None


def merge(parameters: Parameters, claims: Mapping[str, Any]) -> Parameters:
    """Return the parameters of a request with its request object, whose claims are those of a verified one.

    Its members win (Core section 6.1). In a request that is not OpenID Connect, nothing else counts (RFC 9101 section
    6.3), but for `client_id`.

    Raises:
        InvalidRequest: it contradicts the `client_id` or `response_type` outside.
        InvalidRequestObject: a member has a type that no parameter has.
    """
    inside = _parse(claims)
    for name in ("client_id", "response_type"):
        outside = parameters.get(name)
        if outside is not None and inside.values.get(name, outside) != outside:
            raise InvalidRequest(hint=f"{name} differs inside and outside of the request object")
    kept = {name: value for name, value in parameters.values.items() if name not in SOURCES}
    if not parameters.is_openid:
        kept = {name: value for name, value in kept.items() if name == "client_id"}
    resources = inside.resources or (parameters.resources if parameters.is_openid else ())
    return Parameters({**kept, **inside.values}, resources)


def _parse(claims: Mapping[str, Any]) -> Parameters:
    pairs = [(name, text) for name, value in claims.items() if name not in _JWT_CLAIMS for text in _texts(name, value)]
    try:
        return parse_parameters(pairs)
    except InvalidRequest as error:
        raise InvalidRequestObject(hint=f"request object: {error.hint}") from None


def _texts(name: str, value: object) -> list[str]:
    """Return a member as a parameter has it: `max_age` may be a number, `claims` an object, `resource` a list."""
    if isinstance(value, str):
        return [value]
    if name == "max_age" and type(value) is int:
        return [str(value)]
    if name == "claims" and isinstance(value, dict):
        return [json.dumps(value)]
    if name == "resource" and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return value
    raise InvalidRequestObject(hint="a member of the request object has a type that no parameter has")
