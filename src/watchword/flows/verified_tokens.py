"""Remembers access tokens whose signature was checked, for that costs more than all the rest (DESIGN section 11).

What can change is never remembered: revocation, freshness and permissions are asked for on every request. Tokens are
known by their SHA-256, for they are long and a hash takes less memory than what it stands for.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import sha256

from watchword.core.models.identity import Principal
from watchword.flows.compact_principals import Shared

MOST_TOKENS = 100_000
"""Some 80 MB. Only good tokens of our own are kept, so nobody can fill it with rubbish."""


class VerifiedTokens:
    """The principals of the tokens last used.

    Everything is forgotten when the key ring is another, so no token outlives its key. Between changes of the ring a
    retired key is dropped only after its last token has expired.

    Args:
        most: how many tokens are kept before the one longest unused is dropped.
    """

    def __init__(self, *, most: int = MOST_TOKENS) -> None:
        self._most = most
        self._ring: object = None
        self._shared = Shared()
        self._principals: OrderedDict[bytes, Principal] = OrderedDict()

    def find(self, token: str, *, ring: object, leeway: timedelta, now: datetime) -> Principal | None:
        """Return the principal of a token that was verified under this ring, or None.

        None too where `now` is not in its time: from `leeway` before `iat`, up to `exp`.
        """
        if ring is not self._ring or not token.isascii():
            return None
        key = sha256(token.encode()).digest()
        principal = self._principals.get(key)
        if principal is None:
            return None
        since, until = principal.issued_at, principal.expires_at
        if since is None or until is None or now >= until or (now < since and now < since - leeway):
            del self._principals[key]
            return None
        self._principals.move_to_end(key)
        return principal

    def keep(self, token: str, principal: Principal, *, permissions: frozenset[str], ring: object) -> Principal:
        """Remember a token that has just been verified under this ring, and return its principal with permissions."""
        if ring is not self._ring:
            self._principals.clear()
            self._ring = ring
        key = sha256(token.encode()).digest()
        kept = self._principals[key] = self._shared.compact(principal, permissions)
        self._principals.move_to_end(key)
        if len(self._principals) > self._most:
            self._principals.popitem(last=False)
        return kept

    def __len__(self) -> int:
        return len(self._principals)
