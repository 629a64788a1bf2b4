"""Opaque secrets with a visible kind: `wwiv_` + 43 base64url characters (256 bits) + a checksum of 6.

The kind lets leak scanners find them; the checksum tells a typing error or a cut from a secret without a look-up.
"""

import re
import secrets
import zlib
from hashlib import sha256

from watchword.core.tokens import base64url

_BYTES = 32
_BODY = 43
_CHECKSUM = 6
_KIND = re.compile(r"[a-z]{2,12}")


def new_secret(kind: str) -> str:
    """Return a new random secret of a kind, which is 2 to 12 small letters.

    Raises:
        ValueError: `kind` is not such a word.
    """
    return secret_of(kind, secrets.token_bytes(_BYTES))


def secret_of(kind: str, random: bytes) -> str:
    """Return these 32 random or derived bytes in the form of a secret of a kind.

    Raises:
        ValueError: `kind` is not such a word, or it is another number of bytes.
    """
    if not _KIND.fullmatch(kind) or len(random) != _BYTES:
        raise ValueError("a kind is 2 to 12 small letters, a secret 32 bytes")
    body = f"{kind}_{base64url.encode(random)}"
    return body + _checksum(body)


def check_secret(text: str, kind: str) -> str:
    """Return `text` if it has the form of a secret of this kind. Whether it is a live one, only the store knows.

    Raises:
        ValueError: another kind, length or alphabet, or a wrong checksum. The message does not hold the text.
    """
    body, checksum = text[:-_CHECKSUM], text[-_CHECKSUM:]
    prefix = f"{kind}_"
    if not body.startswith(prefix) or len(body) != len(prefix) + _BODY or not body.isascii():
        raise ValueError(f"not a secret of the kind {kind}")
    if _checksum(body) != checksum or len(base64url.decode(body[len(prefix) :])) != _BYTES:
        raise ValueError(f"a mistyped secret of the kind {kind}")
    return text


def hash_secret(secret: str) -> bytes:
    """Return the SHA-256 of a secret, under which it is stored. 256 random bits need no slow hash."""
    return sha256(secret.encode()).digest()


def _checksum(body: str) -> str:
    return base64url.encode(zlib.crc32(body.encode("ascii")).to_bytes(4))
