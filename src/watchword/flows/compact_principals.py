"""Principals in less memory, for a process that keeps 100,000 of them: what tokens have in common is kept once."""

import marshal
from collections.abc import Iterator, Mapping
from operator import attrgetter
from typing import Any

from watchword.core.models.identity import Principal

MOST_SHARED = 4096
"""Patterns known at once; then all are forgotten here, and live on only in the principals that use them."""
_MARSHAL_VERSION = 2
"""The last without references, so that equal values give equal bytes."""
_SHARED = attrgetter(
    "issuer", "client_id", "scopes", "roles", "issued_at", "expires_at", "auth_time", "amr", "acr"
)  # fmt: skip


class CompactClaims(Mapping[str, Any]):
    """Claims as received, read-only. Each look makes the values anew, so that nobody can change what others share.

    Args:
        common: all claims, marshalled, with None in place of those in `own`.
        own: what differs from token to token: `sub`, `jti` and `sid`.
    """

    __slots__ = ("_common", "_jti", "_sid", "_sub")

    def __init__(self, common: bytes, sub: Any, jti: Any, sid: Any) -> None:  # noqa: ANN401  claims as received
        self._common = common
        self._sub, self._jti, self._sid = sub, jti, sid

    def _whole(self) -> dict[str, Any]:
        claims: dict[str, Any] = marshal.loads(self._common)  # noqa: S302  made here, from checked JSON
        for name, value in (("sub", self._sub), ("jti", self._jti), ("sid", self._sid)):
            if name in claims:
                claims[name] = value
        return claims

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  a claim is any JSON
        return self._whole()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._whole()!r})"


class Shared:
    """Knows the patterns of tokens: a pattern is all that a token says, but for whom and by which ids."""

    def __init__(self) -> None:
        self._patterns: dict[bytes, tuple[bytes, Principal]] = {}

    def compact(self, principal: Principal, permissions: frozenset[str]) -> Principal:
        """Return the principal with these permissions, sharing what it can with those compacted before."""
        common, first = self._pattern(principal)
        own = principal.claims.get
        return Principal(
            subject=principal.subject,
            issuer=first.issuer,
            client_id=first.client_id,
            scopes=first.scopes,
            roles=first.roles,
            permissions=permissions,
            session_id=principal.session_id,
            token_id=principal.token_id,
            issued_at=first.issued_at,
            expires_at=first.expires_at,
            auth_time=first.auth_time,
            amr=first.amr,
            acr=first.acr,
            claims=CompactClaims(common, own("sub"), own("jti"), own("sid")),
        )

    def _pattern(self, principal: Principal) -> tuple[bytes, Principal]:
        """Return the claims that are common, marshalled, and the first principal that had them."""
        claims = dict(principal.claims)
        for name in ("sub", "jti", "sid"):
            if name in claims:
                claims[name] = None
        common = marshal.dumps(claims, _MARSHAL_VERSION)
        if len(self._patterns) >= MOST_SHARED:
            self._patterns.clear()
        common, first = self._patterns.setdefault(common, (common, principal))
        # The claims say it all, but nobody is to get another's rights where they should once say less than the rest.
        return common, first if _SHARED(first) == _SHARED(principal) else principal
