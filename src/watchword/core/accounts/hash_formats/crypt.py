"""bcrypt, sha256_crypt, sha512_crypt and md5_crypt, as crypt(3) and Django write them: the extra `legacy-hashes`."""

import hashlib
import re
from collections.abc import Mapping
from functools import partial

from watchword.core.accounts.hash_formats.reading import Check, read_cost

MOST_BCRYPT_COST = 16
MOST_SHA_ROUNDS = 1_000_000
LONGEST_PASSWORD = 256
"""Octets that sha_crypt and md5_crypt take, because each of their rounds hashes the whole password."""

_BCRYPT_OCTETS = 72
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_CRYPT: Mapping[str, re.Pattern[str]] = {
    "md5_crypt": re.compile(r"\$1\$[^$]{0,8}\$[./0-9A-Za-z]{22}"),
    "sha256_crypt": re.compile(r"\$5\$(?:rounds=([0-9]+)\$)?[^$]{0,16}\$[./0-9A-Za-z]{43}"),
    "sha512_crypt": re.compile(r"\$6\$(?:rounds=([0-9]+)\$)?[^$]{0,16}\$[./0-9A-Za-z]{86}"),
}


def read_bcrypt(stored: str) -> Check:
    """Read `$2b$cost$...`. Only the first 72 octets of a password count, as in the software that wrote it."""
    match = _BCRYPT.fullmatch(stored)
    if match is None:
        raise ValueError("not a bcrypt hash")
    read_cost(match[1], most=MOST_BCRYPT_COST)
    return partial(_matches_bcrypt, stored=stored.encode())


def read_django_bcrypt(stored: str) -> Check:
    """Read Django's `bcrypt$$2b$...`."""
    return read_bcrypt(stored.removeprefix("bcrypt$"))


def read_django_bcrypt_sha256(stored: str) -> Check:
    """Read Django's `bcrypt_sha256$$2b$...`: bcrypt over the hexadecimal SHA-256 of the password."""
    check = read_bcrypt(stored.removeprefix("bcrypt_sha256$"))
    return lambda password: check(hashlib.sha256(password).hexdigest().encode())


def _matches_bcrypt(password: bytes, *, stored: bytes) -> bool:
    import bcrypt

    return bcrypt.checkpw(password[:_BCRYPT_OCTETS], stored)


def read_crypt(stored: str) -> Check:
    """Read `$1$...`, `$5$...` and `$6$...`."""
    for name, pattern in _CRYPT.items():
        if match := pattern.fullmatch(stored):
            for rounds in filter(None, match.groups()):
                read_cost(rounds, most=MOST_SHA_ROUNDS)
            return partial(_matches_crypt, name=name, stored=stored)
    raise ValueError("not a hash of crypt")


def _matches_crypt(password: bytes, *, name: str, stored: str) -> bool:
    import passlib.hash

    return len(password) <= LONGEST_PASSWORD and bool(getattr(passlib.hash, name).verify(password, stored))
