"""Fetches an issuer's published keys (RFC 7517 section 5) and says how long they are fresh (RFC 9111 section 5.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from watchword.core.tokens.jwk import InvalidKeySet, VerificationKey, load_remote_jwks
from watchword.ports.outside import FetchFailed, HttpFetcher
from watchword.remote.discovery import find_json_object, get_jwks_uri

Keys = tuple[VerificationKey, ...]

LEAST_FRESH = timedelta(minutes=1)
MOST_FRESH = timedelta(hours=24)
USUAL_FRESH = timedelta(minutes=5)
_ACCEPT = "application/jwk-set+json, application/json"
_OK = 200
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?([0-9]{1,9})")
_NO_CACHE = re.compile(r"(?:^|[\s,])no-(?:cache|store)\b")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Keys as the issuer published them, and how long they are fresh."""

    keys: Keys
    fresh_ttl: timedelta


class KeySource:
    """Where the keys of one issuer come from.

    Args:
        issuer: whose keys.
        fetcher: how they are fetched.
        jwks_uri: where they are, if that is not to be discovered.
    """

    def __init__(self, issuer: str, fetcher: HttpFetcher, jwks_uri: str | None = None) -> None:
        self._issuer = issuer
        self._fetcher = fetcher
        self._configured_uri = jwks_uri
        self._discovered_uri: str | None = None

    async def load(self) -> Loaded:
        """Fetch the keys. The discovered address is kept until it fails once.

        Raises:
            FetchFailed: no good key set was to be had.
        """
        uri = self._configured_uri or self._discovered_uri or await get_jwks_uri(self._issuer, self._fetcher)
        self._discovered_uri = None
        loaded = await self._load_from(uri)
        self._discovered_uri = uri
        return loaded

    async def _load_from(self, uri: str) -> Loaded:
        answer = await self._fetcher.get(uri, accept=_ACCEPT)
        if answer.status != _OK:
            raise FetchFailed(f"the key set of {self._issuer} was answered with status {answer.status}")
        document = find_json_object(answer.body)
        if document is None:
            raise FetchFailed(f"the key set of {self._issuer} is not a JSON object")
        try:
            return Loaded(load_remote_jwks(document), fresh_ttl(answer.headers))
        except InvalidKeySet as error:
            raise FetchFailed(f"the key set of {self._issuer} is refused: {error}") from error


def fresh_ttl(headers: Mapping[str, str]) -> timedelta:
    """Return for how long an answer is fresh: its `max-age`, between a minute and a day; five minutes without one."""
    directives = headers.get("cache-control", "").lower()
    if _NO_CACHE.search(directives):
        return LEAST_FRESH
    found = _MAX_AGE.search(directives)
    wanted = timedelta(seconds=int(found[1])) if found else USUAL_FRESH
    return min(max(wanted, LEAST_FRESH), MOST_FRESH)
