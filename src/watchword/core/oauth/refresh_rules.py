"""Pure rules for the refresh_token grant (RFC 6749 section 6, RFC 9700 section 4.14)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from watchword.core.errors import InvalidGrant, InvalidScope, ReplayedToken
from watchword.core.models.grants import FamilyStatus, RefreshFamily
from watchword.core.tokens.refresh_token import RefreshToken


class RefreshAction(Enum):
    """What the caller has to do."""

    ROTATE = auto()
    """Rotate the family from the generation shown, then answer with the next."""
    REPEAT = auto()
    """Write nothing; answer with the successor that was handed out before, which is derived and so identical."""


@dataclass(frozen=True, slots=True)
class RefreshDecision:
    """A refresh that may go on: `generation` is that of the token to answer with, `scopes` the most it may carry."""

    action: RefreshAction
    generation: int
    scopes: frozenset[str]


def check_refresh(
    family: RefreshFamily | None,
    token: RefreshToken,
    *,
    client_id: str,
    requested: frozenset[str] | None,
    grace: timedelta,
    now: datetime,
    resource: tuple[str, ...] = (),
    cnf: str | None = None,
) -> RefreshDecision:
    """Decide what a refresh token with a good mac is worth.

    A `requested` of None asks for all that was granted. Replay is judged before expiry: it is punished years later too.

    Raises:
        InvalidGrant: the family is unknown, revoked, expired or another client's, or the token is from the future.
        InvalidScope: more is asked for than was granted; nothing is consumed (RFC 6749 section 6).
        ReplayedToken: the token was spent before; the caller must revoke the family before it answers.
    """
    known = _check_family(family, token, client_id)
    scopes = known.scopes if requested is None else requested
    if token.generation < known.generation:
        if not _repeats(known, token, scopes, resource=resource, cnf=cnf, grace=grace, now=now):
            raise _replay(known, token)
        _check_alive(known, now)
        return RefreshDecision(RefreshAction.REPEAT, known.generation, scopes)
    _check_alive(known, now)
    _check_bounds(known, scopes, resource=resource, cnf=cnf)
    return RefreshDecision(RefreshAction.ROTATE, known.generation + 1, scopes)


def _check_family(family: RefreshFamily | None, token: RefreshToken, client_id: str) -> RefreshFamily:
    """Return the family if it is active and the client's own. Another client's token is refused, not punished."""
    if family is None:
        raise InvalidGrant(hint=f"no refresh family {token.family_id}")
    if family.status is not FamilyStatus.ACTIVE:
        raise InvalidGrant(hint=f"family {family.id} is revoked")
    if family.client_id != client_id:
        raise InvalidGrant(hint=f"family {family.id} belongs to another client")
    if token.generation > family.generation:
        raise InvalidGrant(
            hint=f"family {family.id} never had a generation {token.generation}: was the store rolled back?"
        )
    return family


def _check_alive(family: RefreshFamily, now: datetime) -> None:
    if now >= min(family.idle_expires_at, family.expires_at):
        raise InvalidGrant(hint=f"family {family.id} has expired")


def _check_bounds(family: RefreshFamily, scopes: frozenset[str], *, resource: tuple[str, ...], cnf: str | None) -> None:
    if family.resource != resource or family.cnf != cnf:
        raise InvalidGrant(hint=f"family {family.id} is bound to another resource or key")
    if not scopes <= family.scopes:
        raise InvalidScope(hint=f"family {family.id} was not granted all that is asked for")


def _repeats(
    family: RefreshFamily,
    token: RefreshToken,
    scopes: frozenset[str],
    *,
    resource: tuple[str, ...],
    cnf: str | None,
    grace: timedelta,
    now: datetime,
) -> bool:
    """Whether this is the last request again: a lost answer, or a second tab.

    The distance from `rotated_at` is taken without its sign: another machine's clock may be a little behind, but a
    clock set back by an hour must not hold the grace open for that hour. A grace of zero lets nothing through.
    """
    if token.generation != family.generation - 1 or family.rotated_at is None:
        return False
    if abs(now - family.rotated_at) >= grace:
        return False
    return (scopes, resource, cnf) == (family.rotated_scopes, family.resource, family.cnf)


def _replay(family: RefreshFamily, token: RefreshToken) -> ReplayedToken:
    return ReplayedToken(
        user_id=family.user_id,
        family_id=family.id,
        session_id=family.session_id,
        hint=f"family {family.id}: generation {token.generation} came back at generation {family.generation}",
    )
