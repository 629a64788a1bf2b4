"""PBKDF2 (RFC 8018 section 5.2) as passlib, Django and Werkzeug write it."""

import hashlib
import hmac
from functools import partial

from watchword.core.accounts.hash_formats.reading import (
    Check,
    check_digest,
    read_base64,
    read_cost,
    split_fields,
)

MOST_ITERATIONS = 5_000_000
_PASSLIB = {"pbkdf2": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}
_DJANGO = {"pbkdf2_sha1": "sha1", "pbkdf2_sha256": "sha256"}
_WERKZEUG = frozenset({"sha1", "sha224", "sha256", "sha384", "sha512"})


def read_passlib(stored: str) -> Check:
    """Read `$pbkdf2-sha256$rounds$salt$digest`; base64 is written with `.` for `+`."""
    _, name, rounds, salt, digest = split_fields(stored, 5)
    octets = [read_base64(text.replace(".", "+")) for text in (salt, digest)]
    return _check_of(_PASSLIB[name], read_cost(rounds, most=MOST_ITERATIONS), *octets)


def read_django(stored: str) -> Check:
    """Read `pbkdf2_sha256$iterations$salt$digest`; the salt is plain text."""
    name, iterations, salt, digest = split_fields(stored, 4)
    return _check_of(_DJANGO[name], read_cost(iterations, most=MOST_ITERATIONS), salt.encode(), read_base64(digest))


def read_werkzeug(stored: str) -> Check:
    """Read `pbkdf2:sha256:iterations$salt$hexdigest`; the salt is plain text."""
    method, salt, digest = split_fields(stored, 3)
    _, name, iterations = method.split(":")
    if name not in _WERKZEUG:
        raise ValueError("an unknown hash function")
    return _check_of(name, read_cost(iterations, most=MOST_ITERATIONS), salt.encode(), bytes.fromhex(digest))


def _check_of(name: str, iterations: int, salt: bytes, digest: bytes) -> Check:
    expected = check_digest(digest, length=hashlib.new(name).digest_size)
    return partial(_matches, name=name, iterations=iterations, salt=salt, digest=expected)


def _matches(password: bytes, *, name: str, iterations: int, salt: bytes, digest: bytes) -> bool:
    return hmac.compare_digest(hashlib.pbkdf2_hmac(name, password, salt, iterations, len(digest)), digest)
