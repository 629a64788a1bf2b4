"""Request objects: authorization requests as JWTs (RFC 9101, OpenID Connect Core section 6)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from watchword.core.authorize_errors import InvalidRequestObject
from watchword.core.errors import InvalidToken
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.tokens import base64url, strict_json
from watchword.core.tokens.access_token import UnknownKey
from watchword.core.tokens.client_jwt import PUBLIC_ALGORITHMS, Times, check_times, read_signed
from watchword.core.tokens.compact import MAX_TOKEN
from watchword.core.tokens.jwk import VerificationKey

REQUEST_OBJECT_ALGORITHMS = (*PUBLIC_ALGORITHMS, "none")
TYPES = frozenset({"", "jwt", "oauth-authz-req+jwt"})
LEEWAY = timedelta(seconds=10)
MAX_LIFETIME = timedelta(days=1)
_UNSIGNED_MEMBERS = frozenset({"alg", "typ"})
_FORBIDDEN = frozenset({"request", "request_uri"})


class UnknownRequestKey(InvalidRequestObject):
    """No key of the client has this `kid`. Whoever can fetch its key set anew may do so once and try again."""


def verify_request_object(
    token: str,
    *,
    client_id: str,
    metadata: ClientMetadata,
    issuer: str,
    keys: Sequence[VerificationKey],
    is_openid: bool,
    now: datetime,
) -> Mapping[str, Any]:
    """Return the claims of a client's request object.

    Without a signature (`alg` none) it says no more than parameters do. It is accepted where the client registered
    `request_object_signing_alg` none, or nothing and this is an OpenID Connect request (Core section 6.1).

    Raises:
        UnknownRequestKey: see there.
        InvalidRequestObject: it is malformed, wrongly signed, expired, another client's, or for another server.
    """
    try:
        claims = _read(token, metadata, keys, is_openid=is_openid)
        _check_claims(claims, client_id, issuer)
        check_times(claims, Times(now, LEEWAY, MAX_LIFETIME))
    except UnknownKey as error:
        raise UnknownRequestKey(hint=error.hint) from None
    except InvalidToken as error:
        raise InvalidRequestObject(hint=f"request object: {error.hint}") from None
    return claims


def _read(
    token: str, metadata: ClientMetadata, keys: Sequence[VerificationKey], *, is_openid: bool
) -> Mapping[str, Any]:
    registered = metadata.request_object_signing_alg
    if registered == "none" or (registered is None and is_openid):
        unsigned = _find_unsigned(token)
        if unsigned is not None:
            return unsigned
    allowed = PUBLIC_ALGORITHMS if registered is None else tuple(alg for alg in PUBLIC_ALGORITHMS if alg == registered)
    return read_signed(token, keys=keys, algorithms=allowed, types=TYPES)


def _find_unsigned(token: str) -> Mapping[str, Any] | None:
    """Return the claims of an unsecured JWT (RFC 7519 section 6), as strictly read as a signed one, or None."""
    if len(token) > MAX_TOKEN or not token.endswith(".") or token.count(".") != 2:  # noqa: PLR2004  three segments
        return None
    header, payload, _ = token.split(".")
    try:
        members = strict_json.parse_object(base64url.decode(header))
        if members.get("alg") != "none" or not members.keys() <= _UNSIGNED_MEMBERS or not _is_typ(members.get("typ")):
            return None
        return strict_json.parse_object(base64url.decode(payload))
    except ValueError:
        return None


def _is_typ(typ: object) -> bool:
    return typ is None or (isinstance(typ, str) and typ.lower() in TYPES)


def _check_claims(claims: Mapping[str, Any], client_id: str, issuer: str) -> None:
    if _FORBIDDEN & claims.keys():
        raise InvalidToken(hint="a request object inside a request object")
    if claims.get("client_id", client_id) != client_id or claims.get("iss", client_id) != client_id:
        raise InvalidToken(hint="another client's")
    if claims.get("sub") == client_id:
        raise InvalidToken(hint="a client assertion (RFC 9101 section 10.8)")
    audience = claims.get("aud", issuer)
    if audience != issuer and not (isinstance(audience, list) and issuer in audience):
        raise InvalidToken(hint="another audience")
