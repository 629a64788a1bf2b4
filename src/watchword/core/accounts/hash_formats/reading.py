"""How a stored hash is taken apart: what is malformed, or would cost too much to check, is a `ValueError`."""

import base64
from collections.abc import Callable

Check = Callable[[bytes], bool]
"""Whether a password (UTF-8) is the one that was hashed. May raise `ValueError`, or `ImportError` for an extra."""
Reader = Callable[[str], Check]

SHORTEST_DIGEST = 16
"""Octets below which a stored digest is taken for damage: an empty one would match anything."""
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


def check_digest(digest: bytes) -> bytes:
    """Return the digest if it is long enough to be one."""
    if len(digest) < SHORTEST_DIGEST:
        raise ValueError("the digest is too short")
    return digest
