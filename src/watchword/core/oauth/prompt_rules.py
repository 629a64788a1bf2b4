"""What a person has to do next for an authorization request (OpenID Connect Core sections 3.1.2.3 and 3.1.2.4)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from watchword.core.authorize_errors import (
    AccountSelectionRequired,
    ConsentRequired,
    LoginRequired,
    UnmetAuthenticationRequirements,
)
from watchword.core.errors import OAuthError
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.oauth.claims_rules import required_acrs, required_subject


class Step(Enum):
    """The next thing to do."""

    LOGIN = auto()
    """Nobody is logged in, or not whom the client asks for."""
    REAUTHENTICATE = auto()
    """The person must authenticate again: they are asked to, or it was too long ago, or not strongly enough."""
    SELECT_ACCOUNT = auto()
    CONSENT = auto()
    ISSUE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Who is logged in in this browser. `subject` is the `sub` that this very client knows them by."""

    subject: str
    auth_time: datetime
    acr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the person has done already in this very interaction, so that they are not asked for it twice."""

    authenticated: bool = False
    selected: bool = False
    consented: bool = False


NO_PROGRESS = Progress()
_SILENT: dict[Step, type[OAuthError]] = {
    Step.LOGIN: LoginRequired,
    Step.REAUTHENTICATE: LoginRequired,
    Step.SELECT_ACCOUNT: AccountSelectionRequired,
    Step.CONSENT: ConsentRequired,
}
"""What `prompt=none` answers instead of each step."""


def next_step(
    request: AuthorizeRequest,
    login: Login | None,
    *,
    needs_consent: bool,
    now: datetime,
    hinted_subject: str | None = None,
    progress: Progress = NO_PROGRESS,
) -> Step:
    """Return the next step; ISSUE is the last. `hinted_subject` is that of a verified `id_token_hint`.

    Raises:
        LoginRequired, ConsentRequired, AccountSelectionRequired: `prompt=none`, and there is something to do; or
            someone else has logged in than the client asked for.
        UnmetAuthenticationRequirements: the person has just authenticated, and an essential `acr` is still not met.
    """
    step = _find_step(request, login, needs_consent, now, hinted_subject, progress)
    if step is not Step.ISSUE and "none" in request.prompt:
        raise _SILENT[step](hint=f"prompt=none, but the next step is {step.name}")
    return step


def _find_step(
    request: AuthorizeRequest,
    login: Login | None,
    needs_consent: bool,
    now: datetime,
    hinted_subject: str | None,
    progress: Progress,
) -> Step:
    if login is None:
        return Step.LOGIN
    if not progress.selected and not progress.authenticated and "select_account" in request.prompt:
        return Step.SELECT_ACCOUNT
    if not {required_subject(request.claims), hinted_subject} <= {None, login.subject}:
        if progress.authenticated:
            raise LoginRequired(hint="someone else logged in than the client asked for")
        return Step.LOGIN
    if _must_authenticate(request, login, now, progress):
        return Step.REAUTHENTICATE
    return Step.CONSENT if needs_consent and not progress.consented else Step.ISSUE


def _must_authenticate(request: AuthorizeRequest, login: Login, now: datetime, progress: Progress) -> bool:
    acrs = required_acrs(request.claims)
    unmet = bool(acrs) and login.acr not in acrs
    if progress.authenticated:
        if unmet:
            raise UnmetAuthenticationRequirements(hint="an essential acr is not met")
        return False
    return unmet or "login" in request.prompt or _is_too_old(login, request.max_age, now)


def _is_too_old(login: Login, max_age: int | None, now: datetime) -> bool:
    """`max_age=0` always asks, as `prompt=login` does (Core section 3.1.2.1)."""
    return max_age is not None and (max_age == 0 or now - login.auth_time > timedelta(seconds=max_age))
