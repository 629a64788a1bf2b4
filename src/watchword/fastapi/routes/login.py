"""The forms by which a person authenticates at the hosted pages: login and sign-up.

After a password comes a redirection, whether it was right or wrong, so that neither a reload nor the way back sends it
again. Two answers stand where they are: what asks for the very same request a little later (429 and 503, with
Retry-After), and a sign-up that made no account.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from starlette.responses import Response

from watchword.core.account_errors import (
    AccountError,
    EmailTaken,
    InvalidEmail,
    InvalidInvite,
    InvalidUsername,
    SignupClosed,
    UsernameTaken,
    WeakPassword,
)
from watchword.core.errors import InvalidGrant, TooManyRequests, Unavailable, WatchwordError
from watchword.fastapi.errors import log_refusal
from watchword.fastapi.pages.page_route import Form, answer, finish, page_form
from watchword.fastapi.pages.showing import LOGIN, SIGN_UP, Visit, show_login, show_sign_up
from watchword.fastapi.pages.views import FieldError
from watchword.flows import interaction
from watchword.flows.outcomes import Answer, GoOn, ShowLogin, View
from watchword.flows.signup import SignUp

LONGEST_ADDRESS: Final = 6000
"""Of an address that we send browsers to: proxies take up to 8 kB."""
FIELDS: Final[Mapping[type[AccountError], str]] = MappingProxyType(
    {
        UsernameTaken: "username",
        InvalidUsername: "username",
        EmailTaken: "email",
        InvalidEmail: "email",
        WeakPassword: "password",
        InvalidInvite: "invite",
        SignupClosed: "",
    }
)
"""The field of the sign-up page that an error is about."""
AGAIN: Final = (TooManyRequests, Unavailable)


@page_form(LOGIN)
async def log_in(visit: Visit, form: Form) -> Response:
    """Take username and password; a form with neither asks for the login page."""
    text, username, password = (form.get(name, "") for name in ("interaction", "username", "password"))
    if not username and not password:
        return login_page(visit, await interaction.resume(visit.ctx, text, visit.browser))
    try:
        answered = await interaction.login(visit.ctx, text, visit.browser, username=username, password=password)
    except InvalidGrant as error:
        log_refusal(error)
        answered = interaction.login_again(visit.ctx, text, visit.browser, username=username)
    except AGAIN as error:
        log_refusal(error)
        return await _try_later(visit, text, username, error)
    return await _send_on(visit, answered)


async def _send_on(visit: Visit, answered: Answer) -> Response:
    """Return the redirection to the next page, or that page itself where its address would be too long."""
    assert isinstance(answered.outcome, GoOn)  # noqa: S101  what every login answers
    if len(answered.outcome.interaction) <= LONGEST_ADDRESS:
        return answer(visit, answered)
    browser = replace(visit.browser, cookie=answered.cookie or visit.browser.cookie)
    shown = await interaction.resume(visit.ctx, answered.outcome.interaction, browser)
    return next_page(visit, replace(shown, cookie=answered.cookie))


def next_page(visit: Visit, answered: Answer) -> Response:
    """Return the page of an interaction that goes on; after a wrong login it is the login page."""
    view = view_of(answered)
    return login_page(visit, answered) if view is not None and view.refused else answer(visit, answered)


async def _try_later(visit: Visit, text: str, username: str, error: TooManyRequests | Unavailable) -> Response:
    answered = await interaction.resume(visit.ctx, text, visit.browser)
    sentence = visit.texts(view_of(answered))(f"problem.{error.code}")
    response = login_page(visit, answered, sentence, username=username, status=error.status)
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def login_page(
    visit: Visit, answered: Answer, sentence: str = "", *, username: str = "", status: int = 200
) -> Response:
    """Return the login page of an interaction, whatever its next page would be."""
    view, outcome = view_of(answered), answered.outcome
    if view is None:
        return answer(visit, answered)
    wanted = outcome if isinstance(outcome, ShowLogin) else ShowLogin(view)
    said = visit.texts(view)("login.wrong") if view.refused else sentence
    errors = [FieldError("", said)] if said else []
    page = show_login(visit, wanted, errors=errors, username=view.typed or username, status=status)
    return finish(visit, page, answered.cookie)


def view_of(answered: Answer) -> View | None:
    """Return what the pages of the interaction have in common; None if the next thing is no page of it."""
    return getattr(answered.outcome, "view", None)


@page_form(SIGN_UP)
async def sign_up(visit: Visit, form: Form) -> Response:
    """Make an account and log in with it; a form that was not filled in asks for the sign-up page."""
    text = form.get("interaction", "")
    if "step" not in form:
        answered = await interaction.resume(visit.ctx, text, visit.browser)
        view = view_of(answered)
        return answer(visit, answered) if view is None else show_sign_up(visit, view, typed={})
    wanted = SignUp(
        username=form.get("username", ""),
        password=form.get("password", ""),
        email=form.get("email"),
        invite=form.get("invite"),
        address=visit.browser.address,
    )
    try:
        return await _send_on(visit, await interaction.sign_up(visit.ctx, text, visit.browser, wanted))
    except (AccountError, *AGAIN) as error:
        log_refusal(error)
        return await _sign_up_again(visit, form, error)


async def _sign_up_again(visit: Visit, form: Form, error: WatchwordError) -> Response:
    answered = await interaction.resume(visit.ctx, form.get("interaction", ""), visit.browser)
    view = view_of(answered)
    if view is None:
        return answer(visit, answered)
    field = next((FIELDS[kind] for kind in type(error).__mro__ if kind in FIELDS), "")
    texts = visit.texts(view)
    sentence = texts(f"problem.{error.code}") if texts.find(f"problem.{error.code}") else error.description
    return show_sign_up(visit, view, errors=[FieldError(field, sentence)], typed=form, status=error.status)
