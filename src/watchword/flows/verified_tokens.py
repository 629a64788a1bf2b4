"""Remembers access tokens whose signature was checked, for that costs more than all the rest.

What can change is never remembered: revocation, freshness and permissions are asked for on every request. Tokens are
known by their SHA-256, for they are long and a hash takes less memory than what it stands for.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from watchword.core.models.identity import Principal
from watchword.flows.compact_principals import Shared

MOST_TOKENS = 100_000
"""Some 65 MB. Only good tokens of our own are kept, so nobody can fill it with rubbish."""


class VerifiedTokens:
    """The principals of the tokens last used.

    Everything is forgotten when the key ring is another, so no token outlives its key. Between changes of the ring a
    retired key is dropped only after its last token has expired.

    Tokens are fresh or fading. A fading one that is used becomes fresh again; room is made by dropping fading ones, and
    when none is left all become fading. So what is used now and then stays, as in a list in the order of use, but most
    requests move nothing and each token takes a tenth less memory.

    Args:
        most: how many tokens are kept before one not used lately is dropped.
    """

    def __init__(self, *, most: int = MOST_TOKENS) -> None:
        self._most = most
        self._forget(None)

    def _forget(self, ring: object) -> None:
        self._ring = ring
        self._shared = Shared()
        self._fresh: dict[bytes, Principal] = {}
        self._fading: dict[bytes, Principal] = {}

    def find(self, token: str, *, ring: object, leeway: timedelta, now: datetime) -> Principal | None:
        """Return the principal of a token that was verified under this ring, or None.

        None too where `now` is not in its time: from `leeway` before `iat`, up to `exp`.
        """
        if ring is not self._ring or not token.isascii():
            return None
        key = sha256(token.encode()).digest()
        principal = self._fresh.get(key)
        if principal is None:
            principal = self._fading.pop(key, None)
            if principal is None:
                return None
            self._fresh[key] = principal
        since, until = principal.issued_at, principal.expires_at
        if since is None or until is None or now >= until or (now < since and now < since - leeway):
            del self._fresh[key]
            return None
        return principal

    def keep(self, token: str, principal: Principal, *, permissions: frozenset[str], ring: object) -> Principal:
        """Remember a token that has just been verified under this ring, and return its principal with permissions."""
        if ring is not self._ring:
            self._forget(ring)
        key = sha256(token.encode()).digest()
        if not self._fading and len(self._fresh) > self._most // 2:
            self._fading, self._fresh = self._fresh, {}
        self._fading.pop(key, None)
        kept = self._fresh[key] = self._shared.compact(principal, permissions)
        if len(self) > self._most:
            self._fading.popitem()
        return kept

    def __len__(self) -> int:
        return len(self._fresh) + len(self._fading)
