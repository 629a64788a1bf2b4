"""Hashing and checking passwords: argon2id (RFC 9106), and what other software left behind.

Every refusal spends at least one argon2id check of the present cost, so that an unknown user, a wrong password and a
damaged hash take the same time. A wrong password against an outdated hash spends the outdated check as well: that is
little for md5_crypt or 5,000 rounds of sha_crypt, and can be told apart for bcrypt or pbkdf2 of a high cost until the
person's next login, which replaces the hash.
"""

import secrets
from base64 import b64encode
from contextlib import suppress
from typing import Protocol

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION

from watchword.core.accounts.hash_formats.reading import Check
from watchword.core.accounts.legacy_hashes import LONGEST_HASH, read_legacy_hash
from watchword.core.accounts.password_policy import LONGEST_PASSWORD
from watchword.core.models.verdict import Verdict

MOST_MEMORY_KIB = 2**20
MOST_WORK_KIB = 2**22
"""Memory in KiB times passes."""
MOST_LANES = 16
_ARGON2 = ("$argon2id$", "$argon2i$", "$argon2d$")
_DJANGO_ARGON2 = "argon2$argon2"
_MISSING_EXTRA = "this stored hash needs an extra: pip install 'watchword[legacy-hashes]'"


class HashCost(Protocol):
    """What hashing asks of the configuration: `config.PasswordConfig` has it."""

    @property
    def memory_kib(self) -> int:
        """Memory of one hash in KiB."""

    @property
    def time_cost(self) -> int:
        """Passes over the memory."""

    @property
    def parallelism(self) -> int:
        """Lanes."""


class Passwords:
    """Hashes and checks normalised passwords. Each call takes its time on purpose: run it off the event loop.

    Args:
        config: the argon2id cost of new hashes.
    """

    def __init__(self, config: HashCost) -> None:
        self._argon2 = PasswordHasher(
            time_cost=config.time_cost,
            memory_cost=config.memory_kib,
            parallelism=config.parallelism,
            type=Type.ID,
        )
        self._nobodys_hash = _new_hash_of_nothing(config)

    def hash(self, normalised: str) -> str:
        """Return the argon2id PHC string of a password, with a new salt of 16 octets."""
        return self._argon2.hash(_octets(normalised))

    def verify(self, normalised: str, stored: str | None) -> Verdict:
        """Check a password against a stored hash; never raises. None means that there is no such account.

        A match with an outdated hash carries a new one in `upgraded_hash`.
        """
        password = _octets(normalised)
        if stored is None or len(normalised) > LONGEST_PASSWORD:
            return self._refuse(password)
        try:
            matches = self._read(stored)(password)
        except ImportError:
            return self._refuse(password, hint=_MISSING_EXTRA)
        except ValueError:
            return self._refuse(password, hint="the stored hash cannot be read, or would cost too much to check")
        if self._is_current(stored):
            return Verdict(matches)
        return Verdict(True, self.hash(normalised)) if matches else self._refuse(password)

    def recognises(self, stored: str) -> bool:
        """Whether `verify` can read this hash and its cost is acceptable, as an import asks beforehand."""
        try:
            self._read(stored)
        except ValueError:
            return False
        return True

    def _refuse(self, password: bytes, *, hint: str = "") -> Verdict:
        """Spend the time of a check at the present cost, and refuse."""
        with suppress(VerificationError):
            self._argon2.verify(self._nobodys_hash, password)
        return Verdict(False, hint=hint)

    def _is_current(self, stored: str) -> bool:
        return stored.startswith(_ARGON2[0]) and not self._argon2.check_needs_rehash(stored)

    def _read(self, stored: str) -> Check:
        if stored.startswith(_DJANGO_ARGON2):
            stored = stored.removeprefix("argon2")
        if stored.startswith(_ARGON2):
            checked = _check_cost(stored)
            return lambda password: self._matches(password, checked)
        return read_legacy_hash(stored)

    def _matches(self, password: bytes, stored: str) -> bool:
        try:
            return self._argon2.verify(stored, password)
        except VerifyMismatchError:
            return False
        except VerificationError as error:
            raise ValueError("a malformed hash") from error


def _check_cost(stored: str) -> str:
    """Return an argon2 hash that is well formed and cheap enough that it cannot hold up a worker."""
    if len(stored) > LONGEST_HASH or not stored.isascii():
        raise ValueError("a malformed hash")
    try:
        cost = extract_parameters(stored)
    except InvalidHashError as error:
        raise ValueError("a malformed hash") from error
    work = cost.memory_cost * cost.time_cost
    if cost.memory_cost > MOST_MEMORY_KIB or work > MOST_WORK_KIB or cost.parallelism > MOST_LANES:
        raise ValueError("the cost is too high")
    return stored


def _new_hash_of_nothing(config: HashCost) -> str:
    """Return a hash that no password has, and that takes as long to check as any.

    It is drawn, not computed: the first computation in a process leaves its memory resident, used again or not.
    """
    salt, tag = (b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32))
    cost = f"m={config.memory_kib},t={config.time_cost},p={config.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${tag}"


def _octets(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
