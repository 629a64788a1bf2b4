"""The public keys that clients registered, or publish at their `jwks_uri` (RFC 7591 section 2), kept for a while.

One fetch at a time for an address, whoever asks; it belongs to no request, so one that is given up does not end it.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.tokens import strict_json
from watchword.core.tokens.jwk import InvalidKeySet, VerificationKey, load_remote_jwks
from watchword.ports.outside import Clock, FetchFailed, Outside

Keys = tuple[VerificationKey, ...]
FRESH_FOR = timedelta(minutes=10)
KEPT_FOR = timedelta(days=1)
"""How long keys serve after the last good fetch, when the client cannot be reached."""
ASKED_EVERY = timedelta(seconds=5)
"""How often an unknown key, or a failure, may make us ask one address anew: anyone can cause that."""
MOST = 1000
LARGEST = 64 * 1024
_OK = 200
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class NoKeys(Exception):
    """The keys of a client cannot be had now. The message says why, for the log."""


@dataclass(slots=True)
class _Entry:
    keys: Keys = ()
    fetched_at: datetime = _LONG_AGO
    failed_at: datetime = _LONG_AGO
    unknown_at: datetime = _LONG_AGO
    reason: str = "not fetched yet"
    fetch: asyncio.Task[None] | None = None


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
        if self._must_ask(entry, unknown=unknown):
            await asyncio.wait({self._start(self._outside, metadata.jwks_uri, entry)})
        if not entry.keys or self._clock.now() - entry.fetched_at >= KEPT_FOR:
            raise NoKeys(f"the keys of the client: {entry.reason}")
        return entry.keys

    def _must_ask(self, entry: _Entry, *, unknown: bool) -> bool:
        now = self._clock.now()
        if unknown and now - entry.unknown_at >= ASKED_EVERY:
            entry.unknown_at = now
            return True
        if _is_running(entry):
            return unknown or not entry.keys
        return now - entry.fetched_at >= FRESH_FOR and now - entry.failed_at >= ASKED_EVERY

    def _start(self, outside: Outside, uri: str, entry: _Entry) -> asyncio.Task[None]:
        """Return the fetch under way in this event loop, or a new one; one of a loop that has ended is over."""
        if entry.fetch is None or not _is_running(entry):
            entry.fetch = asyncio.create_task(self._ask(outside, uri, entry))
        return entry.fetch

    async def _ask(self, outside: Outside, uri: str, entry: _Entry) -> None:
        """Fetch the keys. What was good stays so if they cannot be fetched now."""
        try:
            entry.keys = await _fetch(outside, uri)
            entry.fetched_at, entry.failed_at = self._clock.now(), _LONG_AGO
        except (FetchFailed, ValueError, NoKeys) as failure:
            entry.failed_at, entry.reason = self._clock.now(), str(failure)

    def _entry(self, uri: str) -> _Entry:
        entry = self._entries.setdefault(uri, _Entry())
        self._entries.move_to_end(uri)
        while len(self._entries) > MOST:
            self._entries.popitem(last=False)
        return entry


async def _fetch(outside: Outside, uri: str) -> Keys:
    answer = await outside.fetcher.get(uri, accept="application/jwk-set+json, application/json")
    if answer.status != _OK:
        raise FetchFailed(f"answered with status {answer.status}")
    return _load(strict_json.parse_object(answer.body, max_bytes=LARGEST))


def _is_running(entry: _Entry) -> bool:
    task = entry.fetch
    return task is not None and not task.done() and task.get_loop() is asyncio.get_running_loop()


def _load(document: Any) -> Keys:  # noqa: ANN401  whatever JSON was published
    try:
        return load_remote_jwks(document)
    except (InvalidKeySet, TypeError) as error:
        raise NoKeys(f"not good: {error}") from None
