"""How a stored hash is taken apart: what is malformed, or would cost too much to check, is a `ValueError`."""

import base64
from collections.abc import Callable

Check = Callable[[bytes], bool]
"""Whether a password (UTF-8) is the one that was hashed. May raise `ValueError`, or `ImportError` for an extra."""
Reader = Callable[[str], Check]

_MOST_DIGITS = 9


def split_fields(stored: str, count: int) -> list[str]:
    """Return the `$`-separated fields, of which there must be exactly `count`."""
    fields = stored.split("$")
    if len(fields) != count:
        raise ValueError("a field is missing or too many")
    return fields


def read_cost(text: str, *, most: int) -> int:
    """Return a decimal from 1 to `most`."""
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and 1 <= int(text) <= most):
        raise ValueError("the cost is malformed or too high")
    return int(text)


def read_base64(text: str) -> bytes:
    """Return the octets of standard base64, padded or not."""
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def check_digest(digest: bytes, *, length: int) -> bytes:
    """Return the digest if it has all its octets: one cut short would match too easily, an empty one always."""
    if len(digest) != length:
        raise ValueError("the digest is cut short or too long")
    return digest
