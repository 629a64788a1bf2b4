"""What clients publish at their `request_uri` (OpenID Connect Core section 6.2), kept for a moment.

A reload of the login page, and requests that come at once, ask nobody again. What has its hash in the URI cannot change
and is kept for longer; anything else may be a new request a moment later. Anyone can make us ask, with any fragment, so
one address is asked once a second at most, whatever it answers.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchword.core.authorize_errors import InvalidRequestUri
from watchword.core.oauth.request_parameters import check_fetched, is_hashed
from watchword.ports.outside import Clock, FetchFailed, Outside

KEPT_FOR = timedelta(seconds=5)
HASHED_KEPT_FOR = timedelta(minutes=10)
ASKED_EVERY = timedelta(seconds=1)
"""How soon an address is asked again that could not be reached, or has not what the hash in the URI says."""
MOST = 100
LARGEST = 64 * 1024
_OK = 200
_ACCEPTED = "application/oauth-authz-req+jwt, application/jwt"


@dataclass(frozen=True, slots=True)
class _Entry:
    fetch: "asyncio.Task[bytes]"
    begun_at: datetime


class RequestUris:
    """Request objects by address, at most `MOST` of them.

    Args:
        outside: the way to other servers, or None where there is none.
        clock: the time.
    """

    def __init__(self, outside: Outside | None, clock: Clock) -> None:
        self._outside = outside
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()

    async def get(self, uri: str, address: str) -> str:
        """Return the JWT of a `request_uri`, of which `address` is what to fetch.

        Raises:
            InvalidRequestUri: it cannot be fetched, or is not what the hash in the URI says.
        """
        if self._outside is None:
            raise InvalidRequestUri(hint="nothing can be fetched here")
        entry = self._find(uri, address) or self._begin(self._outside, address)
        await asyncio.wait({entry.fetch})
        if entry.fetch.cancelled():
            raise InvalidRequestUri(hint="the fetch was given up")
        failure = entry.fetch.exception()
        if failure is None:
            return check_fetched(uri, entry.fetch.result())
        if isinstance(failure, FetchFailed):
            raise InvalidRequestUri(hint=str(failure))
        raise failure

    def _find(self, uri: str, address: str) -> _Entry | None:
        entry = self._entries.get(address)
        if entry is None or entry.fetch.get_loop() is not asyncio.get_running_loop():
            return None
        is_fresh = not entry.fetch.done() or self._clock.now() - entry.begun_at < _kept_for(entry, uri)
        return entry if is_fresh else None

    def _begin(self, outside: Outside, address: str) -> _Entry:
        entry = self._entries[address] = _Entry(asyncio.create_task(_fetch(outside, address)), self._clock.now())
        self._entries.move_to_end(address)
        while len(self._entries) > MOST:
            self._entries.popitem(last=False)
        return entry


def _kept_for(entry: _Entry, uri: str) -> timedelta:
    """Return how long what was fetched serves a request by this URI."""
    if entry.fetch.cancelled() or entry.fetch.exception() is not None:
        return ASKED_EVERY
    try:
        check_fetched(uri, entry.fetch.result())
    except InvalidRequestUri:
        return ASKED_EVERY
    return HASHED_KEPT_FOR if is_hashed(uri) else KEPT_FOR


async def _fetch(outside: Outside, address: str) -> bytes:
    answer = await outside.fetcher.get(address, accept=_ACCEPTED)
    if answer.status != _OK or len(answer.body) > LARGEST:
        raise FetchFailed(f"the request_uri was answered with {answer.status} and {len(answer.body)} bytes")
    return answer.body
