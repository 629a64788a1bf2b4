"""Which format a stored hash is in, by its prefix, and how such a hash is checked."""

from collections.abc import Mapping

from watchword.core.accounts.hash_formats import crypt, pbkdf2, scrypt
from watchword.core.accounts.hash_formats.reading import Check, Reader

LONGEST_HASH = 1024
"""Characters of the longest stored hash that is looked at."""

FORMATS: Mapping[str, Reader] = {
    "$1$": crypt.read_crypt,
    "$2a$": crypt.read_bcrypt,
    "$2b$": crypt.read_bcrypt,
    "$2y$": crypt.read_bcrypt,
    "$5$": crypt.read_crypt,
    "$6$": crypt.read_crypt,
    "$pbkdf2$": pbkdf2.read_passlib,
    "$pbkdf2-sha256$": pbkdf2.read_passlib,
    "$pbkdf2-sha512$": pbkdf2.read_passlib,
    "$scrypt$": scrypt.read_passlib,
    "bcrypt$": crypt.read_django_bcrypt,
    "bcrypt_sha256$": crypt.read_django_bcrypt_sha256,
    "firebase-scrypt$": scrypt.read_firebase,
    "pbkdf2_sha1$": pbkdf2.read_django,
    "pbkdf2_sha256$": pbkdf2.read_django,
    "pbkdf2:": pbkdf2.read_werkzeug,
    "scrypt$": scrypt.read_django,
    "scrypt:": scrypt.read_werkzeug,
}
"""Prefix to reader; no prefix is the start of another."""


def read_legacy_hash(stored: str) -> Check:
    """Return the check of a stored hash.

    Raises:
        ValueError: if the format is unknown, the hash malformed, or its cost so high that it would hold up a worker.
    """
    if len(stored) <= LONGEST_HASH:
        for prefix, reader in FORMATS.items():
            if stored.startswith(prefix):
                return _read(reader, stored)
    raise ValueError("an unknown format")


def _read(reader: Reader, stored: str) -> Check:
    try:
        return reader(stored)
    except (LookupError, TypeError) as error:
        raise ValueError("a malformed hash") from error
