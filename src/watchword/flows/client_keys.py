"""The public keys that clients registered, or publish at their `jwks_uri` (RFC 7591 section 2), kept for a while."""

import asyncio
import json
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.tokens.jwk import InvalidKeySet, VerificationKey, load_remote_jwks
from watchword.ports.outside import Clock, FetchFailed, Outside

Keys = tuple[VerificationKey, ...]
FRESH_FOR = timedelta(minutes=10)
ASKED_EVERY = timedelta(seconds=1)
"""How often one address may be asked anew because of an unknown key, or after a failure: anyone can cause that."""
MOST = 1000
_OK = 200


class NoKeys(Exception):
    """The keys of a client cannot be had now. The message says why, for the log."""


@dataclass(slots=True)
class _Entry:
    keys: Keys = ()
    asked_at: datetime | None = None
    good: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class ClientKeys:
    """Key sets by address, at most `MOST` of them. Keys that were registered by value need no asking.

    Args:
        outside: the way to other servers, or None where there is none.
        clock: the time.
    """

    def __init__(self, outside: Outside | None, clock: Clock) -> None:
        self._outside = outside
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    async def find(self, metadata: ClientMetadata, *, unknown: bool = False) -> Keys:
        """Return the keys of a client.

        Args:
            metadata: the client's.
            unknown: those that are known have not the key that is needed, so ask anew, if it is time for that.

        Raises:
            NoKeys: it has none, or they cannot be fetched, or they are not good.
        """
        if metadata.jwks is not None:
            return _load(metadata.jwks)
        if metadata.jwks_uri is None or self._outside is None:
            raise NoKeys("the client has registered no keys, or nothing can be fetched here")
        entry = self._entry(metadata.jwks_uri)
        async with entry.lock:
            if self._must_ask(entry, unknown=unknown):
                await self._ask(self._outside, metadata.jwks_uri, entry)
        if not entry.good:
            raise NoKeys("the keys of the client could not be fetched")
        return entry.keys

    def _must_ask(self, entry: _Entry, *, unknown: bool) -> bool:
        if entry.asked_at is None:
            return True
        age = abs(self._clock.now() - entry.asked_at)
        return age >= (ASKED_EVERY if unknown or not entry.good else FRESH_FOR)

    async def _ask(self, outside: Outside, uri: str, entry: _Entry) -> None:
        """Fetch the keys. What was good stays so if they cannot be fetched now."""
        entry.asked_at = self._clock.now()
        with suppress(FetchFailed, ValueError, NoKeys):
            answer = await outside.fetcher.get(uri)
            if answer.status == _OK:
                entry.keys, entry.good = _load(json.loads(answer.body)), True

    def _entry(self, uri: str) -> _Entry:
        entry = self._entries.setdefault(uri, _Entry())
        self._entries.move_to_end(uri)
        while len(self._entries) > MOST:
            self._entries.popitem(last=False)
        return entry


def _load(document: Any) -> Keys:  # noqa: ANN401  whatever JSON was published
    try:
        return load_remote_jwks(document)
    except (InvalidKeySet, TypeError) as error:
        raise NoKeys(f"the keys of the client are not good: {error}") from None
