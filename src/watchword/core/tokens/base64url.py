"""Canonical base64url without padding (RFC 7515 section 2, RFC 4648 section 5): one text for each value."""

import binascii

_TO_STANDARD = bytes.maketrans(b"-_", b"+/")
_TO_URLSAFE = bytes.maketrans(b"+/", b"-_")
_PADDING = (b"", b"", b"==", b"=")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_ENDINGS = (frozenset(_ALPHABET), frozenset[int](), frozenset(b"AQgw"), frozenset(b"AEIMQUYcgkosw048"))
"""What a text may end with, by the rest of its length after division by four: the bits that mean nothing are zero."""


def encode(data: bytes) -> str:
    """Return the base64url text of `data`, without padding."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_TO_URLSAFE).decode("ascii")


def decode(text: bytes | str) -> bytes:
    """Return the bytes of a canonical base64url text.

    Raises:
        ValueError: a character outside the alphabet, padding, an impossible length, or unused bits that are not zero.
    """
    segment = text.encode("ascii") if isinstance(text, str) else text
    rest = len(segment) % 4
    # The decoder skips what it does not know, so all that is checked here.
    if segment.translate(None, _ALPHABET) or (segment and segment[-1] not in _ENDINGS[rest]):
        raise ValueError("not canonical base64url")
    return binascii.a2b_base64(segment.translate(_TO_STANDARD) + _PADDING[rest])
