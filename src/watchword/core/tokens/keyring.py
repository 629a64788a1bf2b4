"""The key ring: which key signs, which verify, which are published, at a given moment.

Nothing but rows and the time decide. A key signs from `signs_from` until a later generation that is not revoked does;
it verifies until every token it signed has expired (that moment + access_ttl + clock_skew); then it is dropped.
Where a server signs with several algorithms, each has its own succession.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol, Self

from watchword.core.models.grants import SigningKey
from watchword.core.tokens.jwk import VerificationKey, load_jwk
from watchword.core.tokens.secrets import SealBroken, Secrets
from watchword.core.tokens.signing_keys import SigningMaterial, new_signing_key, unseal_signing_key

__all__ = ["KeyRing", "KeyTiming", "SigningMaterial", "VerificationKey", "new_signing_key"]

_Unseal = Callable[[SigningKey], SigningMaterial | None]


class KeyTiming(Protocol):
    """The part of `TokenConfig` that a key ring needs."""

    @property
    def access_ttl(self) -> timedelta:
        """The longest life of an access token."""

    @property
    def clock_skew(self) -> timedelta:
        """How far the clocks of two machines may differ."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A key of the ring, parsed. `dropped_at` is when nothing needs it any more; `succeeded` by its own algorithm."""

    row: SigningKey
    dropped_at: datetime | None
    succeeded: bool
    verification: VerificationKey | None
    signing: SigningMaterial | None

    def verifies(self, now: datetime) -> bool:
        return self.row.revoked_at is None and (self.dropped_at is None or now < self.dropped_at)


class KeyRing:
    """The keys of this server, parsed once. Made anew when the rows change; immutable."""

    def __init__(self, held: Sequence[_Held], algorithms: Sequence[str] = ()) -> None:
        self._held = tuple(sorted(held, key=lambda key: key.row.generation))
        self._algorithms = tuple(algorithms)
        self._by_kid: Mapping[str, _Held] = MappingProxyType({key.row.kid: key for key in self._held})

    @classmethod
    def from_rows(
        cls,
        rows: Sequence[SigningKey],
        secrets: Secrets,
        config: KeyTiming,
        *,
        algorithms: Sequence[str] = (),
        now: datetime | None = None,
        lenient: bool = False,
    ) -> Self:
        """Make the ring of these rows.

        Args:
            rows: all stored keys, in any order.
            secrets: what opens the private keys.
            config: `access_ttl` and `clock_skew`.
            algorithms: those that this server signs with, that of access tokens first. A key of another one ends when
                a later one of the first begins. If empty, all keys are one succession.
            now: if given, the private keys of generations that ended longer than `clock_skew` ago stay sealed
                (parsing an RSA one costs 30 ms).
            lenient: keep a key that no secret opens; it verifies if it has a public part, but never signs.

        Raises:
            SealBroken: a private key was sealed by a secret that is not among `secrets`; never if `lenient`.
        """
        alive_after = now - config.clock_skew if now is not None else None
        unseal = partial(_unseal_leniently if lenient else unseal_signing_key, secrets=secrets)
        return cls([_hold(row, rows, unseal, config, algorithms, alive_after) for row in rows], algorithms)

    @property
    def sealed(self) -> tuple[str, ...]:
        """The `kid` of each key that may be good, but whose private part was not opened here."""
        return tuple(held.row.kid for held in self._held if held.signing is None and held.row.revoked_at is None)

    @property
    def newest(self) -> SigningKey | None:
        """The key of the highest generation, revoked or not, or None if there is no key."""
        return self._held[-1].row if self._held else None

    @property
    def made_at(self) -> datetime | None:
        """The latest time at which a key was made, by whatever clock, or None if there is no key."""
        return max((held.row.created_at for held in self._held), default=None)

    def newest_of(self, algorithm: str) -> SigningKey | None:
        """Return the key of the highest generation of an algorithm, revoked or not, or None."""
        return next((held.row for held in reversed(self._held) if held.row.algorithm == algorithm), None)

    def current(self, now: datetime, algorithm: str | None = None) -> SigningKey | None:
        """Return the key of an algorithm that signs at `now`, or None; by default the one for access tokens."""
        held = self._find_current(now, algorithm)
        return held.row if held else None

    def signing(self, now: datetime, algorithm: str | None = None) -> SigningMaterial:
        """Return what signs at `now` by an algorithm, by default access tokens.

        Raises:
            LookupError: no key signs at `now`.
        """
        held = self._find_current(now, algorithm)
        if held is None or held.signing is None:
            raise LookupError("no key signs now")
        return held.signing

    def verification(self, kid: str, now: datetime) -> VerificationKey | None:
        """Return the key named `kid` if it verifies at `now`: next, current, or retired but not yet dropped."""
        held = self._by_kid.get(kid)
        return held.verification if held is not None and held.verifies(now) else None

    def jwks(self, now: datetime) -> dict[str, Any]:
        """Return the public key set (RFC 7517 section 5) of next, current and retired keys; no symmetric ones."""
        return {"keys": [dict(held.row.public_jwk) for held in self._verifying(now) if held.row.public_jwk]}

    def droppable(self, now: datetime) -> tuple[str, ...]:
        """Return the `kid` of every row that nothing needs any more; never that of the newest generation.

        A key whose algorithm has no later one stays: another process may be configured to sign with it.
        """
        gone = (held for held in self._held[:-1] if held.dropped_at is not None and held.dropped_at <= now)
        return tuple(held.row.kid for held in gone if held.succeeded or held.row.revoked_at is not None)

    def _find_current(self, now: datetime, algorithm: str | None) -> _Held | None:
        """Access tokens are signed by a key of another algorithm only until the first of theirs begins."""
        wanted = algorithm or next(iter(self._algorithms), None)
        started = [held for held in reversed(self._held) if held.row.signs_from <= now]
        own = [held for held in started if wanted in (None, held.row.algorithm)]
        candidates = own if own or algorithm else started
        return next((held for held in candidates if held.row.revoked_at is None), None)

    def _verifying(self, now: datetime) -> Iterator[_Held]:
        return (held for held in self._held if held.verifies(now))


def _unseal_leniently(row: SigningKey, secrets: Secrets) -> SigningMaterial | None:
    try:
        return unseal_signing_key(row, secrets)
    except SealBroken:
        return None


def _hold(
    row: SigningKey,
    rows: Sequence[SigningKey],
    unseal: _Unseal,
    config: KeyTiming,
    algorithms: Sequence[str],
    alive_after: datetime | None,
) -> _Held:
    own = {row.algorithm} if algorithms else {key.algorithm for key in rows}
    ends_at = _end_of(row, rows, own if row.algorithm in algorithms else own.union(algorithms[:1]))
    last_use, succeeded = row.revoked_at or ends_at, _end_of(row, rows, own) is not None
    dropped_at = last_use + config.access_ttl + config.clock_skew if last_use else None
    if row.revoked_at is not None:
        return _Held(row, dropped_at, succeeded, None, None)
    may_sign = ends_at is None or alive_after is None or ends_at > alive_after
    signing = unseal(row) if may_sign or not row.public_jwk else None
    public = load_jwk(row.public_jwk) if row.public_jwk else None
    if public is None and signing is not None:
        public = VerificationKey(row.kid, row.algorithm, signing.key)
    return _Held(row, dropped_at, succeeded, public, signing)


def _end_of(row: SigningKey, rows: Sequence[SigningKey], successors: Collection[str]) -> datetime | None:
    """Return when the first later generation of one of these algorithms begins, or None."""
    later = (key for key in rows if key.generation > row.generation and key.algorithm in successors)
    return min((key.signs_from for key in later if key.revoked_at is None), default=None)
