"""Strict reading of JWS Compact Serialization (RFC 7515 section 7.1, RFC 8725 section 3), before any signature."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from watchword.core.errors import InvalidToken
from watchword.core.tokens import base64url, strict_json

MAX_TOKEN = 16 * 1024
MAX_HEADER = 2 * 1024
_MAX_HEADER_SEGMENT = (MAX_HEADER * 4 + 2) // 3
_MAX_KID = 256
_SEGMENTS = 3

OWN_HEADER_MEMBERS = frozenset({"alg", "kid", "typ"})
"""What our own tokens carry."""
REMOTE_HEADER_MEMBERS = OWN_HEADER_MEMBERS | {"cty", "x5t", "x5t#S256"}
"""What tokens of other issuers may carry besides; none of it is used."""
_NEVER = frozenset({"crit", "b64", "jku", "jwk", "x5u", "x5c"})


@dataclass(frozen=True, slots=True)
class CompactToken:
    """A token that is well formed, and nothing more: neither its signature nor its claims are checked.

    `signed` is what the signature is over: the first two segments as received.
    """

    header: Mapping[str, str]
    payload: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def algorithm(self) -> str:
        """The `alg` the header names. It selects nothing: it must equal the algorithm of the key."""
        return self.header["alg"]

    @property
    def kid(self) -> str | None:
        """The `kid` the header names, or None."""
        return self.header.get("kid")


def parse_compact(token: str, *, header_members: frozenset[str] = OWN_HEADER_MEMBERS) -> CompactToken:
    """Take a compact JWS apart, from cheap checks to dear ones.

    Args:
        token: three segments of canonical base64url, at most 16 KiB.
        header_members: the members the header may have; `crit`, `b64` and those that bring a key are refused always.

    Raises:
        InvalidToken: the token is not strictly well formed, or its header has a member that is not allowed.
    """
    if len(token) > MAX_TOKEN:
        raise InvalidToken(hint="token too long")
    try:
        segments = token.encode("ascii").split(b".", _SEGMENTS)
        if len(segments) != _SEGMENTS:
            raise InvalidToken(hint="not three segments")
        header, payload, signature = segments
        if not signature or len(header) > _MAX_HEADER_SEGMENT:
            raise InvalidToken(hint="no signature" if not signature else "header too long")
        octets = base64url.decode(signature)
        members = _read_header(header, header_members)
        return CompactToken(members, base64url.decode(payload), b"%b.%b" % (header, payload), octets)
    except ValueError as error:
        raise InvalidToken(hint=f"malformed token: {type(error).__name__}") from None


def parse_json_object(data: bytes) -> dict[str, Any]:
    """Return the strict JSON object (`strict_json.parse_object`) of a payload.

    Raises:
        InvalidToken: it is none.
    """
    try:
        return strict_json.parse_object(data)
    except ValueError as error:
        raise InvalidToken(hint=f"malformed payload: {type(error).__name__}") from None


# All tokens of one key have the same header, so it is read once. Only good headers are kept, and few.
@lru_cache(maxsize=128)
def _read_header(segment: bytes, allowed: frozenset[str]) -> Mapping[str, str]:
    header = strict_json.parse_object(base64url.decode(segment))
    if not header.keys() <= allowed - _NEVER:
        raise InvalidToken(hint="a header member is not allowed")
    if not all(type(value) is str for value in header.values()):
        raise InvalidToken(hint="a header member is not a string")
    if header.get("alg", "none").casefold() == "none":
        raise InvalidToken(hint="no algorithm")
    if len(header.get("kid", "")) > _MAX_KID:
        raise InvalidToken(hint="kid too long")
    return MappingProxyType(header)
