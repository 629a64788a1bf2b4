"""The authorization endpoint and the pages that a login goes through (RFC 6749 section 3.1, OpenID Connect Core 3)."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from watchword.core.errors import InvalidRequest
from watchword.fastapi.bodies import read_body
from watchword.fastapi.forms import check_form_type, parse_pairs
from watchword.fastapi.pages.page_route import Form, PageRoute, answer, page_form, visit_of
from watchword.fastapi.pages.showing import (
    CHOOSE,
    CONSENT,
    CONTINUE,
    LOGIN,
    REDIRECT_HEADERS,
    SIGN_UP,
    Visit,
)
from watchword.fastapi.public import public
from watchword.fastapi.routes.login import LONGEST_ADDRESS, log_in, login_page, next_page, sign_up
from watchword.fastapi.scope import auth_of
from watchword.flows import interaction
from watchword.flows.authorize import begin


def authorize_router() -> APIRouter:
    """Return the routes, without the prefix."""
    router = APIRouter(route_class=PageRoute, include_in_schema=False)
    routes: list[tuple[str, list[str], Callable[[Request], Awaitable[Response]]]] = [
        ("/authorize", ["GET", "POST"], authorize),
        (f"/{CONTINUE}", ["GET"], go_on),
        (f"/{LOGIN}", ["POST"], log_in),
        (f"/{SIGN_UP}", ["POST"], sign_up),
        (f"/{CHOOSE}", ["POST"], choose),
        (f"/{CONSENT}", ["POST"], decide),
        *((f"/{page}", ["GET"], start_over) for page in (LOGIN, SIGN_UP, CHOOSE, CONSENT)),
    ]
    for path, methods, endpoint in routes:
        router.add_api_route(path, endpoint, methods=methods, response_model=None)
    return router


@public
async def authorize(request: Request) -> Response:
    """Begin an authorization. A request that another site posts comes back as a GET, which brings the login along.

    Browsers send our cookies (SameSite=Lax) with such a GET only. Who does not say where a post is from may be such a
    browser.
    """
    query = request.scope["query_string"]
    if request.method == "POST":
        if query:
            raise InvalidRequest(hint="parameters in the query of a POST")
        check_form_type(request.headers.getlist("content-type"))
        query = await read_body(request, limit=auth_of(request).context.config.body_limit)
    pairs = parse_pairs(query)
    visit = visit_of(request)
    if request.method == "POST" and _is_from_elsewhere(request) and len(query) <= LONGEST_ADDRESS:
        place = visit.pages.path(request, "authorize").encode("ascii") + b"?" + query
        return Response(status_code=303, headers={**REDIRECT_HEADERS, "Location": _visible(place)})
    return answer(visit, await begin(visit.ctx, pairs, visit.browser))


def _is_from_elsewhere(request: Request) -> bool:
    return request.headers.get("sec-fetch-site") not in ("same-origin", "none")


def _visible(place: bytes) -> str:
    """Return an address in which every byte that is not visible ASCII is percent-encoded."""
    return "".join(chr(byte) if 0x21 <= byte <= 0x7E else f"%{byte:02X}" for byte in place)  # noqa: PLR2004


@public
async def go_on(request: Request) -> Response:
    """Show the next page of an interaction to the browser that it belongs to: after a login, right or wrong."""
    pairs = parse_pairs(request.scope["query_string"], longest=LONGEST_ADDRESS)
    if [name for name, _ in pairs] != ["interaction"]:
        raise InvalidRequest(hint="no interaction, or something beside it")
    visit = visit_of(request)
    return next_page(visit, await interaction.resume(visit.ctx, pairs[0][1], visit.browser))


@public
async def start_over(request: Request) -> Response:
    """Tell who opens the address of a form, from a bookmark or the history, that a login begins at an application."""
    visit = visit_of(request)
    return answer(visit, await interaction.resume(visit.ctx, "", visit.browser))


@page_form(CHOOSE)
async def choose(visit: Visit, form: Form) -> Response:
    """Go on with the account that is logged in, or ask for another."""
    text = form.get("interaction", "")
    if form.get("account") == "same":
        return answer(visit, await interaction.choose(visit.ctx, text, visit.browser))
    return login_page(visit, await interaction.resume(visit.ctx, text, visit.browser))


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
