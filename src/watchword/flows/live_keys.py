"""The key ring of this process, read anew when keys change."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from watchword.core.models.grants import SigningKey
from watchword.core.tokens.keyring import KeyRing, KeyTiming, VerificationKey
from watchword.core.tokens.secrets import Secrets
from watchword.ports.grants import SigningKeys
from watchword.ports.outside import Clock

_log = logging.getLogger("watchword.keys")
UNKNOWN_KEY_INTERVAL = timedelta(seconds=1)
"""How often tokens of unknown keys may make this process read its keys: anyone can send such tokens."""


class LiveKeys:
    """Holds the current `KeyRing`. Asking it costs no I/O.

    The first keys must all be opened by our secrets. Of those that come later, made by a process which has a newer
    secret already, the sealed ones verify and do not sign. `algorithms` are those that we sign with, that of access
    tokens first.
    """

    def __init__(
        self, store: SigningKeys, secrets: Secrets, config: KeyTiming, clock: Clock, algorithms: Sequence[str] = ()
    ) -> None:
        self._store = store
        self._secrets = secrets
        self._config = config
        self._algorithms = tuple(algorithms)
        self._clock = clock
        self._lock, self._unknown = asyncio.Lock(), asyncio.Lock()
        self._reads = 0
        self._rows: tuple[SigningKey, ...] = ()
        self._asked_at: datetime | None = None
        self.ring = KeyRing.from_rows((), secrets, config)

    async def reload(self) -> None:
        """Read the keys anew. Callers that wait together share one read, which began after each of them asked.

        Raises:
            StoreUnavailable: the ring stays as it was.
            SealBroken: these are the first keys, and no secret opens one of them.
        """
        wanted = self._reads + 1
        async with self._lock:
            if self._reads < wanted:
                await self._read()

    async def _read(self) -> None:
        ticket = self._reads + 1
        self._adopt(await self._store.list())
        self._reads = ticket

    def _adopt(self, rows: Sequence[SigningKey]) -> None:
        if tuple(rows) == self._rows:  # unsealing keys costs, and they seldom change
            return
        before = self.ring
        lenient = bool(self._rows)
        self.ring = KeyRing.from_rows(rows, self._secrets, self._config, algorithms=self._algorithms, lenient=lenient)
        self._rows = tuple(rows)
        if set(self.ring.sealed) - set(before.sealed):
            _log.error("these keys only verify, for WATCHWORD_SECRET_KEY does not open them: %s", self.ring.sealed)

    async def reload_for_unknown(self) -> bool:
        """Read the keys because a token names one that is unknown. Returns whether to look for it again.

        Who comes while they are read waits for that: of many tokens of a new key at once, none is refused.
        """
        before = self.ring
        async with self._unknown:
            if self.ring is not before:
                return True
            now = self._clock.now()
            if self._asked_at is not None and abs(now - self._asked_at) < UNKNOWN_KEY_INTERVAL:
                return False
            self._asked_at = now
            await self.reload()
            return True

    def find(self, kid: str | None, algorithm: str) -> VerificationKey | None:
        """Return the key of this id if it verifies now and is of this algorithm, or None."""
        key = self.ring.verification(kid, self._clock.now()) if kid is not None else None
        return key if key is not None and key.algorithm == algorithm else None
