"""Token introspection over HTTP (RFC 7662)."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from watchword.fastapi.answers import ProtocolAnswer
from watchword.fastapi.problem_route import OAuthRoute
from watchword.fastapi.public import public
from watchword.fastapi.routes.documented import INTROSPECT_FORM, INTROSPECT_RESPONSES
from watchword.fastapi.routes.oauth import token_request
from watchword.fastapi.scope import auth_of
from watchword.flows.introspect import introspect_token

_OPTIONS: Final[dict[str, Any]] = {"responses": INTROSPECT_RESPONSES, "openapi_extra": INTROSPECT_FORM}


def introspection_router() -> APIRouter:
    """Return the route, without the prefix."""
    router = APIRouter(route_class=OAuthRoute, tags=["oauth"])
    router.add_api_route("/introspect", introspect, methods=["POST"], response_model=None, **_OPTIONS)
    return router


@public
async def introspect(request: Request) -> Response:
    """Say what a token is worth now, to a client that proves by its secret who it is (RFC 7662)."""
    members = await introspect_token(auth_of(request).context, await token_request(request))
    return ProtocolAnswer(dict(members))
