"""Token introspection over HTTP (RFC 7662, RFC 9701)."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from watchword.core.tokens.signed_answers import INTROSPECTION_MEDIA_TYPE
from watchword.fastapi.answers import ProtocolAnswer
from watchword.fastapi.errors import NO_STORE, SAFE_HEADERS
from watchword.fastapi.problem_route import OAuthRoute
from watchword.fastapi.public import public
from watchword.fastapi.routes.documented import INTROSPECT_FORM, INTROSPECT_RESPONSES
from watchword.fastapi.routes.oauth import token_request
from watchword.fastapi.scope import auth_of
from watchword.flows.introspect import introspect as introspect_now

_OPTIONS: Final[dict[str, Any]] = {"responses": INTROSPECT_RESPONSES, "openapi_extra": INTROSPECT_FORM}


def introspection_router() -> APIRouter:
    """Return the route, without the prefix."""
    router = APIRouter(route_class=OAuthRoute, tags=["oauth"])
    router.add_api_route("/introspect", introspect, methods=["POST"], response_model=None, **_OPTIONS)
    return router


@public
async def introspect(request: Request) -> Response:
    """Say what a token is worth now, to a client that proves who it is (RFC 7662); signed, if it asks (RFC 9701)."""
    ctx, asked = auth_of(request).context, await token_request(request)
    found = await introspect_now(ctx, asked, signed=_wants_jwt(request.headers.getlist("accept")))
    if found.jwt is None:
        return ProtocolAnswer(dict(found.members))
    return Response(found.jwt, headers={**NO_STORE, **SAFE_HEADERS, "Content-Type": INTROSPECTION_MEDIA_TYPE})


def _wants_jwt(accepts: Sequence[str]) -> bool:
    """Whether the signed form is named; what accepts anything gets JSON (RFC 9701 section 4)."""
    ranges = [each.split(";")[0].strip().lower() for accept in accepts for each in accept.split(",")]
    return INTROSPECTION_MEDIA_TYPE in ranges
