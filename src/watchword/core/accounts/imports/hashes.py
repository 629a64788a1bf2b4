"""Writes the parts of a hash that other software keeps apart as one text that `passwords.py` recognises.

Some software derives more octets than the hash function gives at once. PBKDF2 (RFC 8018 section 5.2) and scrypt (RFC
7914 section 6) make their output in blocks, none of which depends on how many are asked for; so the first block alone
says as much, and it is what is kept.
"""

import base64
import binascii
from collections.abc import Mapping

from watchword.core.accounts.imports.account import BadRow

_SIZES: Mapping[str, int] = {"pbkdf2": 20, "pbkdf2-sha256": 32, "pbkdf2-sha512": 64}
_SCRYPT_SIZE = 32
UNREADABLE = "has a password hash that cannot be read"


def octets_of(text: str) -> bytes:
    """Return the octets of base64, standard or for URLs, padded or not."""
    plain = text.translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise BadRow(UNREADABLE) from None


def pbkdf2(name: str, iterations: int, salt: bytes, digest: bytes) -> str:
    """Return passlib's form. `name` is `pbkdf2` (by SHA-1), `pbkdf2-sha256` or `pbkdf2-sha512`."""
    size = _SIZES.get(name)
    if size is None or len(digest) < size:
        raise BadRow(UNREADABLE)
    return f"${name}${iterations}${_written(salt).replace('+', '.')}${_written(digest[:size]).replace('+', '.')}"


def scrypt(cost: tuple[int, int, int], salt: bytes, digest: bytes) -> str:
    """Return passlib's form. The cost is N, r and p."""
    n, r, p = cost
    if len(digest) < _SCRYPT_SIZE or n < 2 or n & (n - 1):  # noqa: PLR2004  the least power of two
        raise BadRow(UNREADABLE)
    return f"$scrypt$ln={n.bit_length() - 1},r={r},p={p}${_written(salt)}${_written(digest[:_SCRYPT_SIZE])}"


def argon2(kind: str, version: int, cost: tuple[int, int, int], salt: bytes, digest: bytes) -> str:
    """Return the PHC string. The kind is `id`, `i` or `d`; the cost is memory in KiB, passes and lanes."""
    memory, passes, lanes = cost
    return f"$argon2{kind}$v={version}$m={memory},t={passes},p={lanes}${_written(salt)}${_written(digest)}"


def number(value: object) -> int:
    """Return a number, which may be written as text."""
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) <= 9:  # noqa: PLR2004
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise BadRow(UNREADABLE)


def padded(octets: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(octets).decode()


def _written(octets: bytes) -> str:
    return base64.b64encode(octets).decode().rstrip("=")
