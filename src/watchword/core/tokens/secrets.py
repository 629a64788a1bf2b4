"""Keys derived from the server's secrets (RFC 5869): AES-256-GCM at rest and HMAC-SHA-256 tags."""

import hmac
import os
from collections.abc import Sequence
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MIN_SECRET = 32
_VERSION = b"\x01"
_NONCE = 12


class SealBroken(Exception):
    """A sealed value was not made by any of our secrets for this purpose, or was changed."""


class Secrets:
    """The server's secrets. The first writes, all read, so that a secret can be replaced without a break.

    For each secret and purpose HKDF-SHA256 derives keys of their own, so no key serves two purposes.

    Args:
        secrets: at least 32 bytes each.

    Raises:
        ValueError: there is none, or one is too short.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets or any(len(secret) < MIN_SECRET for secret in secrets):
            raise ValueError(f"at least one secret, each of at least {MIN_SECRET} bytes")
        self._secrets = tuple(secrets)
        self._derived: dict[str, tuple[bytes, ...]] = {}

    def __repr__(self) -> str:
        return f"Secrets({len(self._secrets)})"

    def seal(self, plaintext: bytes, *, purpose: str) -> bytes:
        """Return `plaintext` encrypted and authenticated under the first secret, for `purpose` alone."""
        nonce = os.urandom(_NONCE)
        key = self._keys("seal", purpose)[0]
        return _VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, purpose.encode())

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Return the plaintext of what `seal` made for `purpose` under any of the secrets.

        Raises:
            SealBroken: none of the secrets opens it.
        """
        start = len(_VERSION) + _NONCE
        if sealed[: len(_VERSION)] == _VERSION and len(sealed) > start:
            for key in self._keys("seal", purpose):
                try:
                    return AESGCM(key).decrypt(sealed[len(_VERSION) : start], sealed[start:], purpose.encode())
                except InvalidTag:
                    continue
        raise SealBroken(f"no secret opens this {purpose}")

    def mac(self, message: bytes, *, purpose: str) -> bytes:
        """Return the 32-byte HMAC-SHA-256 of `message` under the first secret, for `purpose` alone."""
        return hmac.digest(self._keys("mac", purpose)[0], message, sha256)

    def check_mac(self, message: bytes, mac: bytes, *, purpose: str) -> bool:
        """Whether `mac` is that of `message` under any of the secrets, compared in constant time."""
        keys = self._keys("mac", purpose)
        return any(hmac.compare_digest(hmac.digest(key, message, sha256), mac) for key in keys)

    def _keys(self, use: str, purpose: str) -> tuple[bytes, ...]:
        info = f"watchword/{use}/{purpose}"
        if info not in self._derived:
            self._derived[info] = tuple(
                HKDF(algorithm=SHA256(), length=32, salt=None, info=info.encode()).derive(secret)
                for secret in self._secrets
            )
        return self._derived[info]
