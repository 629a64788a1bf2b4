"""Pure rules of a login by password: every refusal is the same bytes (RFC 6749 section 5.2, CWE-204)."""

from watchword.core.errors import InvalidGrant
from watchword.core.models.identity import User
from watchword.core.models.verdict import Verdict


def check_login(user: User | None, verdict: Verdict) -> User:
    """Return the account if it exists, is enabled, and its password was right.

    Raises:
        InvalidGrant: otherwise. Only `hint`, for the log, tells the reasons apart.
    """
    if user is None:
        raise InvalidGrant(hint="no such account")
    if user.password_hash is None:
        raise InvalidGrant(hint="the account has no password")
    if not verdict.matches:
        raise InvalidGrant(hint=verdict.hint or "wrong password")
    if user.disabled:
        raise InvalidGrant(hint="the account is disabled")
    return user
