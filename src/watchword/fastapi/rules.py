"""What a route asks of a principal: pure rules, one record per call of `requires`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchword.core.account_errors import AccessRefused
from watchword.core.errors import InsufficientScope, InsufficientUserAuthentication, WatchwordError
from watchword.core.models.identity import Principal
from watchword.core.oauth.acr import MFA_ACR

Check = Callable[[Principal], bool | Awaitable[bool]]

MFA_METHOD = "mfa"
"""The authentication method that proves several factors (RFC 8176 section 2)."""
CLOCK_SKEW = timedelta(minutes=1)
"""How far another issuer's clock may be ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Everything in here must hold. Names are sorted, so that equal rules are equal."""

    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    fresh: timedelta | None = None
    mfa: bool = False
    check: Check | None = None

    @property
    def has_more_than_scopes(self) -> bool:
        """Whether anything but scopes is asked for."""
        return bool(self.roles or self.permissions or self.mfa or self.fresh is not None or self.check is not None)

    def find_breach(self, principal: Principal, *, now: Callable[[], datetime]) -> WatchwordError | None:
        """Return the error to answer with, or None if everything but `check` holds."""
        missing = tuple(scope for scope in self.scopes if scope not in principal.scopes)
        if missing:
            return InsufficientScope(scopes=self.scopes, missing=missing)
        if not principal.roles.issuperset(self.roles):
            return AccessRefused(hint=f"needs roles {self.roles}")
        if not principal.permissions.issuperset(self.permissions):
            return AccessRefused(hint=f"needs permissions {self.permissions}")
        return self._find_weakness(principal, now)

    def _find_weakness(self, principal: Principal, now: Callable[[], datetime]) -> WatchwordError | None:
        """Check how and when the person authenticated (RFC 9470)."""
        if self.fresh is not None and not _is_fresh(principal, self.fresh, now()):
            return InsufficientUserAuthentication(max_age=int(self.fresh.total_seconds()))
        if self.mfa and MFA_METHOD not in principal.amr:
            return InsufficientUserAuthentication(acr_values=(MFA_ACR,))
        return None


def _is_fresh(principal: Principal, limit: timedelta, now: datetime) -> bool:
    """Whether the login is recent. One in the future is not: somebody's clock is wrong, or somebody lies."""
    return principal.auth_time is not None and -CLOCK_SKEW <= now - principal.auth_time <= limit
