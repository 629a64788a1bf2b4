"""scrypt (RFC 7914) as passlib, Django, Werkzeug and Firebase write it."""

import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from watchword.core.accounts.hash_formats.reading import (
    Check,
    check_digest,
    read_base64,
    read_cost,
    split_fields,
)

MOST_BLOCKS = 2**21
"""The greatest N * r * p, each worth 128 octets of memory or of work: 256 MiB in all."""
_MEMORY_LIMIT = 2**29
_FIREBASE_KEY_LENGTH = 32
_PASSLIB_LENGTH = 32
_LENGTH = 64


@dataclass(frozen=True, slots=True)
class _Cost:
    n: int
    r: int
    p: int

    def __post_init__(self) -> None:
        if self.n * self.r * self.p > MOST_BLOCKS:
            raise ValueError("the cost is too high")

    def derive(self, password: bytes, salt: bytes, length: int) -> bytes:
        cost = {"n": self.n, "r": self.r, "p": self.p, "maxmem": _MEMORY_LIMIT}
        return hashlib.scrypt(password, salt=salt, dklen=length, **cost)


def read_passlib(stored: str) -> Check:
    """Read `$scrypt$ln=16,r=8,p=1$salt$digest`."""
    _, _, parameters, salt, digest = split_fields(stored, 5)
    named = dict(pair.split("=") for pair in parameters.split(","))
    n = 2 ** read_cost(named["ln"], most=MOST_BLOCKS.bit_length())
    expected = check_digest(read_base64(digest), length=_PASSLIB_LENGTH)
    return _check_of(_cost_of(str(n), named["r"], named["p"]), read_base64(salt), expected)


def read_django(stored: str) -> Check:
    """Read `scrypt$N$salt$r$p$digest`; the salt is plain text."""
    _, n, salt, r, p, digest = split_fields(stored, 6)
    return _check_of(_cost_of(n, r, p), salt.encode(), check_digest(read_base64(digest), length=_LENGTH))


def read_werkzeug(stored: str) -> Check:
    """Read `scrypt:N:r:p$salt$hexdigest`; the salt is plain text."""
    method, salt, digest = split_fields(stored, 3)
    _, n, r, p = method.split(":")
    return _check_of(_cost_of(n, r, p), salt.encode(), check_digest(bytes.fromhex(digest), length=_LENGTH))


def read_firebase(stored: str) -> Check:
    """Read `firebase-scrypt$mem_cost$rounds$salt_separator$signer_key$salt$digest`, all but the costs in base64.

    Firebase keeps the first four once per project; whoever imports its users writes them into each hash. They are gone
    with the first login, which replaces the hash.
    """
    _, memory, rounds, *encoded = split_fields(stored, 7)
    separator, signer_key, salt, digest = (read_base64(text) for text in encoded)
    n = 2 ** read_cost(memory, most=MOST_BLOCKS.bit_length())
    cost = _cost_of(str(n), rounds, "1")
    check_digest(signer_key, length=_LENGTH)
    check_digest(digest, length=_LENGTH)

    def check(password: bytes) -> bool:
        key = cost.derive(password, salt + separator, _FIREBASE_KEY_LENGTH)
        encryptor = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
        return hmac.compare_digest(encryptor.update(signer_key) + encryptor.finalize(), digest)

    return check


def _cost_of(n: str, r: str, p: str) -> _Cost:
    return _Cost(*(read_cost(text, most=MOST_BLOCKS) for text in (n, r, p)))


def _check_of(cost: _Cost, salt: bytes, digest: bytes) -> Check:
    return lambda password: hmac.compare_digest(cost.derive(password, salt, len(digest)), digest)
