"""Client assertions: `private_key_jwt` and `client_secret_jwt` (RFC 7523 section 3, OpenID Connect Core section 9)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from watchword.core.authorize_errors import InvalidClientAssertion
from watchword.core.errors import InvalidToken
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.tokens.access_token import UnknownKey
from watchword.core.tokens.client_jwt import (
    PUBLIC_ALGORITHMS,
    Times,
    check_audience,
    check_text,
    check_times,
    read_signed,
)
from watchword.core.tokens.compact import REMOTE_HEADER_MEMBERS, parse_compact, parse_json_object
from watchword.core.tokens.jwk import VerificationKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
METHOD_ALGORITHMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"private_key_jwt": PUBLIC_ALGORITHMS, "client_secret_jwt": ("HS256",)}
)
"""The algorithms of each method that authenticates by an assertion."""
TYPES = frozenset({"", "jwt", "client-authentication+jwt"})
MAX_LIFETIME = timedelta(hours=1)
"""Long enough for libraries that give an hour; the `jti` is remembered that long."""
LEEWAY = timedelta(seconds=10)


class UnknownClientKey(InvalidClientAssertion):
    """No key of the client has this `kid`. Whoever can fetch its key set anew may do so once and try again."""


@dataclass(frozen=True, slots=True)
class UsedAssertion:
    """What must be remembered of a good assertion, so that it is used once: its `jti`, and until when."""

    token_id: str
    expires_at: datetime


def find_assertion_client(assertion: str) -> str | None:
    """Return whom an assertion claims to come from, so that they can be looked up. Nothing of it is checked."""
    try:
        claims = parse_json_object(parse_compact(assertion, header_members=REMOTE_HEADER_MEMBERS).payload)
        return check_text(claims, "sub")
    except InvalidToken:
        return None


def verify_client_assertion(
    assertion: str,
    *,
    client_id: str,
    metadata: ClientMetadata,
    keys: Sequence[VerificationKey],
    audiences: Collection[str],
    now: datetime,
    strict: bool = False,
) -> UsedAssertion:
    """Check the assertion of a client; the caller claims `once_key` then, and refuses if that fails.

    `keys` are those of its `jwks`, or for `client_secret_jwt` its secrets; `audiences` the issuer and the endpoints
    that it may be made for. `strict` (FAPI 2.0) wants the one audience as a text: pass the issuer alone.

    Raises:
        UnknownClientKey: see there.
        InvalidClientAssertion: it is not a good one, or the client is registered for another method or algorithm.
    """
    times = Times(now, LEEWAY, MAX_LIFETIME)
    try:
        claims = read_signed(assertion, keys=keys, algorithms=_algorithms(metadata), types=TYPES)
        check_audience(claims, audiences, single=strict)
        return _check_claims(claims, client_id, times)
    except UnknownKey as error:
        raise UnknownClientKey(hint=error.hint) from None
    except InvalidToken as error:
        raise InvalidClientAssertion(hint=f"client assertion: {error.hint}") from None


def once_key(client_id: str, token_id: str) -> bytes:
    """Return the key under which the `jti` of an assertion is claimed (`UsedOnce`)."""
    return sha256(f"client-assertion {len(client_id)} {client_id} {token_id}".encode()).digest()


def _algorithms(metadata: ClientMetadata) -> tuple[str, ...]:
    allowed = METHOD_ALGORITHMS.get(metadata.auth_method, ())
    pinned = metadata.auth_alg
    return allowed if pinned is None else tuple(name for name in allowed if name == pinned)


def _check_claims(claims: Mapping[str, Any], client_id: str, times: Times) -> UsedAssertion:
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise InvalidToken(hint="iss and sub are not the client")
    if "exp" not in claims:
        raise InvalidToken(hint="no exp")
    check_times(claims, times)
    return UsedAssertion(check_text(claims, "jti"), datetime.fromtimestamp(claims["exp"], UTC))
