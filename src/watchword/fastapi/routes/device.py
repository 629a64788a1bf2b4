"""Devices without a keyboard: their request, and the page where a person enters the code (RFC 8628)."""

from typing import Any, Final
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from watchword.core.errors import InvalidRequest
from watchword.fastapi.answers import ProtocolAnswer
from watchword.fastapi.forms import parse_pairs
from watchword.fastapi.pages.page_route import Form, PageRoute, answer, page_form, visit_of
from watchword.fastapi.pages.showing import DEVICE, Visit
from watchword.fastapi.pages.views import plain
from watchword.fastapi.problem_route import OAuthRoute
from watchword.fastapi.public import public
from watchword.fastapi.routes.oauth import token_request
from watchword.fastapi.routes.provider_documents import DEVICE_FORM, DEVICE_RESPONSES
from watchword.fastapi.scope import auth_of
from watchword.flows.device import open_device, start_device
from watchword.flows.outcomes import Answer, ShowDevice

LONGEST_CODE: Final = 32
_OPTIONS: Final[dict[str, Any]] = {"responses": DEVICE_RESPONSES, "openapi_extra": DEVICE_FORM}


def device_api_router() -> APIRouter:
    """Return the endpoint that devices ask, without the prefix."""
    router = APIRouter(route_class=OAuthRoute, tags=["oauth"])
    router.add_api_route("/device_authorization", authorize_device, methods=["POST"], response_model=None, **_OPTIONS)
    return router


def device_page_router() -> APIRouter:
    """Return the page, without the prefix."""
    router = APIRouter(route_class=PageRoute, include_in_schema=False)
    router.add_api_route(f"/{DEVICE}", show_device, methods=["GET"], response_model=None)
    router.add_api_route(f"/{DEVICE}", enter_code, methods=["POST"], response_model=None)
    return router


@public
async def authorize_device(request: Request) -> Response:
    """Give a device a code to ask with, and one for its person to enter (RFC 8628 section 3.2)."""
    ctx = auth_of(request).context
    started = await start_device(ctx, await token_request(request))
    page = f"{ctx.config.issuer.rstrip('/')}{ctx.config.prefix}/{DEVICE}"
    members = {
        "device_code": started.device_code,
        "user_code": started.user_code,
        "verification_uri": page,
        "verification_uri_complete": f"{page}?user_code={quote(started.user_code)}",
        "expires_in": started.expires_in,
        "interval": started.interval,
    }
    return ProtocolAnswer(members)


@public
async def show_device(request: Request) -> Response:
    """Ask for the code. One in the address only fills the field in: to send it is for the person (section 5.4)."""
    pairs = parse_pairs(request.scope["query_string"])
    if len(dict(pairs)) != len(pairs):
        raise InvalidRequest(hint="a parameter is repeated")
    visit = visit_of(request)
    return answer(visit, Answer(ShowDevice(plain(dict(pairs).get("user_code", ""), longest=LONGEST_CODE))))


@page_form(DEVICE)
async def enter_code(visit: Visit, form: Form) -> Response:
    """Take the code, and go on to login and approval."""
    return answer(visit, await open_device(visit.ctx, form.get("user_code", ""), visit.browser))
