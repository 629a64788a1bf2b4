"""The authorization endpoint and the pages that a login goes through (RFC 6749 section 3.1, OpenID Connect Core 3)."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
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
from watchword.core.errors import InvalidGrant, InvalidRequest, TooManyRequests, Unavailable, WatchwordError
from watchword.fastapi.bodies import read_body
from watchword.fastapi.errors import log_refusal
from watchword.fastapi.forms import check_form_type, parse_pairs
from watchword.fastapi.pages.page_route import Form, PageRoute, answer, finish, page_form, visit_of
from watchword.fastapi.pages.showing import (
    CHOOSE,
    CONSENT,
    LOGIN,
    REDIRECT_HEADERS,
    SIGN_UP,
    Visit,
    show_login,
    show_sign_up,
)
from watchword.fastapi.pages.views import FieldError
from watchword.fastapi.public import public
from watchword.fastapi.scope import auth_of
from watchword.flows import interaction
from watchword.flows.authorize import begin
from watchword.flows.outcomes import Answer, ShowLogin, View
from watchword.flows.signup import SignUp

LONGEST_REDIRECTED: Final = 6000
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


def authorize_router() -> APIRouter:
    """Return the routes, without the prefix."""
    router = APIRouter(route_class=PageRoute, include_in_schema=False)
    routes: list[tuple[str, list[str], Callable[[Request], Awaitable[Response]]]] = [
        ("/authorize", ["GET", "POST"], authorize),
        (f"/{LOGIN}", ["POST"], log_in),
        (f"/{SIGN_UP}", ["POST"], sign_up),
        (f"/{CHOOSE}", ["POST"], choose),
        (f"/{CONSENT}", ["POST"], decide),
    ]
    for path, methods, endpoint in routes:
        router.add_api_route(path, endpoint, methods=methods, response_model=None)
    return router


@public
async def authorize(request: Request) -> Response:
    """Begin an authorization. A request that another site posts comes back as a GET, which brings the login along.

    Browsers send our cookies (SameSite=Lax) with such a GET only.
    """
    query = request.scope["query_string"]
    if request.method == "POST":
        if query:
            raise InvalidRequest(hint="parameters in the query of a POST")
        check_form_type(request.headers.getlist("content-type"))
        query = await read_body(request, limit=auth_of(request).context.config.body_limit)
    pairs = parse_pairs(query)
    visit = visit_of(request)
    if request.method == "POST" and _is_from_elsewhere(request) and len(query) <= LONGEST_REDIRECTED:
        place = visit.pages.path(request, "authorize").encode("ascii") + b"?" + query
        return Response(status_code=303, headers={**REDIRECT_HEADERS, "Location": _visible(place)})
    return answer(visit, await begin(visit.ctx, pairs, visit.browser))


def _is_from_elsewhere(request: Request) -> bool:
    return request.headers.get("sec-fetch-site") in ("cross-site", "same-site")


def _visible(place: bytes) -> str:
    """Return an address in which every byte that is not visible ASCII is percent-encoded."""
    return "".join(chr(byte) if 0x21 <= byte <= 0x7E else f"%{byte:02X}" for byte in place)  # noqa: PLR2004


@page_form(LOGIN)
async def log_in(visit: Visit, form: Form) -> Response:
    """Take username and password; a form with neither asks for the login page."""
    text, username, password = (form.get(name, "") for name in ("interaction", "username", "password"))
    if not username and not password:
        return await _show_login(visit, await interaction.resume(visit.ctx, text, visit.browser))
    try:
        answered = await interaction.login(visit.ctx, text, visit.browser, username=username, password=password)
    except InvalidGrant as error:
        log_refusal(error)
        return await _login_again(visit, text, username, "login.wrong", error)
    except AGAIN as error:
        log_refusal(error)
        return await _login_again(visit, text, username, f"problem.{error.code}", error)
    return answer(visit, answered)


async def _login_again(visit: Visit, text: str, username: str, key: str, error: WatchwordError) -> Response:
    answered = await interaction.resume(visit.ctx, text, visit.browser)
    view = view_of(answered)
    sentence = visit.texts(view)(key)
    response = await _show_login(visit, answered, sentence, username=username, status=error.status)
    if isinstance(error, AGAIN):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


async def _show_login(
    visit: Visit, answered: Answer, sentence: str = "", *, username: str = "", status: int = 200
) -> Response:
    """Return the login page of an interaction, whatever its next page would be."""
    view, outcome = view_of(answered), answered.outcome
    if view is None:
        return answer(visit, answered)
    wanted = outcome if isinstance(outcome, ShowLogin) else ShowLogin(view)
    errors = [FieldError("", sentence)] if sentence else []
    page = show_login(visit, wanted, errors=errors, username=username, status=status)
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
        return answer(visit, await interaction.sign_up(visit.ctx, text, visit.browser, wanted))
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


@page_form(CHOOSE)
async def choose(visit: Visit, form: Form) -> Response:
    """Go on with the account that is logged in, or ask for another."""
    text = form.get("interaction", "")
    if form.get("account") == "same":
        return answer(visit, await interaction.choose(visit.ctx, text, visit.browser))
    return await _show_login(visit, await interaction.resume(visit.ctx, text, visit.browser))


@page_form(CONSENT)
async def decide(visit: Visit, form: Form) -> Response:
    """Take the answer to the consent page, or the word that nobody wants to log in."""
    text, decision = form.get("interaction", ""), form.get("decision", "")
    if decision == "cancel":
        return answer(visit, await interaction.cancel(visit.ctx, text, visit.browser))
    if decision not in ("allow", "deny"):
        raise InvalidRequest(hint="neither allowed nor denied")
    allow = decision == "allow"
    return answer(visit, await interaction.decide(visit.ctx, text, visit.browser, allow=allow))
