"""Remembers access tokens whose signature was checked, for that costs more than all the rest (DESIGN section 11).

What can change is never remembered: revocation, freshness and permissions are asked for on every request.
"""

from collections import OrderedDict
from datetime import datetime, timedelta

from watchword.core.models.identity import Principal

MOST_TOKENS = 4096
"""Some 12 MB. Only good tokens of our own are kept, so nobody can fill it with rubbish."""


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
        self._principals: OrderedDict[str, Principal] = OrderedDict()

    def find(self, token: str, *, ring: object, leeway: timedelta, now: datetime) -> Principal | None:
        """Return the principal of a token that was verified under this ring, or None.

        None too where `now` is not in its time: from `leeway` before `iat`, up to `exp`.
        """
        principal = self._principals.get(token) if ring is self._ring else None
        if principal is None or principal.expires_at is None or principal.issued_at is None:
            return None
        if not principal.issued_at - leeway <= now < principal.expires_at:
            del self._principals[token]
            return None
        self._principals.move_to_end(token)
        return principal

    def keep(self, token: str, principal: Principal, *, ring: object) -> None:
        """Remember a token that has just been verified under this ring."""
        if ring is not self._ring:
            self._principals.clear()
            self._ring = ring
        self._principals[token] = principal
        self._principals.move_to_end(token)
        if len(self._principals) > self._most:
            self._principals.popitem(last=False)

    def __len__(self) -> int:
        return len(self._principals)
