"""Logout: at an application's request, and by one's own (OpenID Connect RP-Initiated and Front-Channel Logout 1.0)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from watchword.core.errors import InvalidRequest
from watchword.core.oauth.redirect_uris import origin_of
from watchword.fastapi.bodies import read_body
from watchword.fastapi.forms import check_form_type, parse_pairs
from watchword.fastapi.pages.errors import show_error
from watchword.fastapi.pages.page_route import Form, PageRoute, finish, page_form, visit_of
from watchword.fastapi.pages.policy import page_headers
from watchword.fastapi.pages.showing import REDIRECT_HEADERS, SIGN_OUT, Visit
from watchword.fastapi.pages.views import client_view, form_origins, plain
from watchword.fastapi.public import public
from watchword.fastapi.scope import auth_of
from watchword.flows.logout import LoggedOut, LogoutAnswer, ShowLogout, begin_logout, confirm_logout


def end_session_router() -> APIRouter:
    """Return the routes, without the prefix."""
    router = APIRouter(route_class=PageRoute, include_in_schema=False)
    router.add_api_route("/end_session", end_session, methods=["GET", "POST"], response_model=None)
    router.add_api_route("/logout", show_logout, methods=["GET"], response_model=None)
    router.add_api_route(f"/{SIGN_OUT}", log_out, methods=["POST"], response_model=None)
    return router


@public
async def end_session(request: Request) -> Response:
    """End the login of this browser at an application's request, at once or after a question."""
    query = request.scope["query_string"]
    if request.method == "POST":
        if query:
            raise InvalidRequest(hint="parameters in the query of a POST")
        check_form_type(request.headers.getlist("content-type"))
        query = await read_body(request, limit=auth_of(request).context.config.body_limit)
    visit = visit_of(request)
    return await _answer(visit, await begin_logout(visit.ctx, parse_pairs(query), visit.browser))


@public
async def show_logout(request: Request) -> Response:
    """Ask whether to log out: where a person goes by themselves."""
    visit = visit_of(request)
    return await _answer(visit, await begin_logout(visit.ctx, [], visit.browser))


@page_form(SIGN_OUT)
async def log_out(visit: Visit, form: Form) -> Response:
    """Take the answer to that question."""
    confirmed = form.get("decision") == "yes"
    text = form.get("interaction", "")
    return await _answer(visit, await confirm_logout(visit.ctx, text, visit.browser, confirmed=confirmed))


async def _answer(visit: Visit, answered: LogoutAnswer) -> Response:
    outcome = answered.outcome
    if isinstance(outcome, ShowLogout):
        response = _question(visit, outcome)
    elif isinstance(outcome, LoggedOut):
        response = _logged_out(visit, outcome, ended=outcome.ended or answered.cookie == "")
    else:
        response = show_error(visit.request, visit.pages, outcome.error)
    return finish(visit, response, answered.cookie)


def _question(visit: Visit, outcome: ShowLogout) -> Response:
    values = {
        "client": client_view(outcome.client) if outcome.client else None,
        "username": plain(outcome.username),
        "form": visit.form(SIGN_OUT, outcome.interaction),
    }
    headers = page_headers(forms=form_origins(outcome.client) if outcome.client else ())
    return visit.pages.show(visit.request, "logout.html", visit.texts(), values, headers=headers)


def _logged_out(visit: Visit, outcome: LoggedOut, *, ended: bool) -> Response:
    """Return to the application, or stay; while its other applications are being told in frames, stay for a moment."""
    if outcome.redirect is not None and not outcome.frames:
        return Response(status_code=303, headers={**REDIRECT_HEADERS, "Location": outcome.redirect})
    values = {
        "client": client_view(outcome.client) if outcome.client else None,
        "ended": ended,
        "redirect": outcome.redirect,
        "frames": outcome.frames,
    }
    frames = [origin_of(frame) for frame in outcome.frames]
    headers = page_headers(frames=frames, script=bool(outcome.frames and outcome.redirect))
    return visit.pages.show(visit.request, "logged_out.html", visit.texts(), values, headers=headers)
