"""Finding a bearer token in a request's headers (RFC 6750 section 2.1)."""

from collections.abc import Iterable

from watchword.core.errors import InvalidToken


def find_bearer_token(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the token of the one `Authorization: Bearer` header, or None if there is no such credential.

    Another scheme is not ours to judge, so it counts as no credential.

    Raises:
        InvalidToken: if the header is repeated, or the scheme is Bearer and not exactly one token follows.
    """
    found: bytes | None = None
    for name, value in headers:
        if name == b"authorization":
            if found is not None:
                raise InvalidToken(hint="the Authorization header is repeated")
            found = value
    return None if found is None else _token_of(found)


def _token_of(value: bytes) -> str | None:
    if value[:7].lower() != b"bearer ":
        if value.strip().lower() == b"bearer" or value[:7].lower() in {b"bearer\t", b"bearer,"}:
            raise InvalidToken(hint="the Bearer scheme came without a token")
        return None
    token = value[7:]
    if not token.isascii() or not token or b" " in token or b"," in token or b"\t" in token:
        raise InvalidToken(hint="the Bearer scheme needs exactly one token")
    return token.decode("ascii")
