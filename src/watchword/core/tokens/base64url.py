"""Canonical base64url without padding (RFC 7515 section 2, RFC 4648 section 5): one text for each value."""

import binascii

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_TO_URLSAFE = bytes.maketrans(b"+/", b"-_")
_PADDING = (b"", b"", b"==", b"=")


def encode(data: bytes) -> str:
    """Return the base64url text of `data`, without padding."""
    return _encode(data).decode("ascii")


def decode(text: bytes | str) -> bytes:
    """Return the bytes of a canonical base64url text.

    Raises:
        ValueError: a character outside the alphabet, padding, an impossible length, or unused bits that are not zero.
    """
    segment = text.encode("ascii") if isinstance(text, str) else text
    data = binascii.a2b_base64(segment.translate(_TO_STANDARD) + _PADDING[len(segment) % 4])
    # The decoder skips what it does not know; only a text that is exactly what we would write is canonical.
    if _encode(data) != segment:
        raise ValueError("not canonical base64url")
    return data


def _encode(data: bytes) -> bytes:
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URLSAFE)
