"""Claims about the person that an access token is of (OpenID Connect Core section 5.3)."""

from typing import Any, Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from watchword.core.errors import InvalidRequest, MissingToken
from watchword.fastapi.answers import ProtocolAnswer
from watchword.fastapi.cors import RegisteredOrigins
from watchword.fastapi.errors import NO_STORE, SAFE_HEADERS
from watchword.fastapi.forms import MEDIA_TYPE, read_form
from watchword.fastapi.public import public
from watchword.fastapi.routes.provider_documents import USERINFO_RESPONSES
from watchword.fastapi.scope import auth_of
from watchword.flows.userinfo import userinfo

_OPTIONS: Final[dict[str, Any]] = {"responses": USERINFO_RESPONSES, "response_model": None}


def userinfo_router() -> APIRouter:
    """Return the route, without the prefix. It takes the tokens of every client, whatever they are for."""
    router = APIRouter(route_class=RegisteredOrigins, tags=["oauth"])
    router.add_api_route("/userinfo", show_userinfo, methods=["GET"], **_OPTIONS)
    router.add_api_route("/userinfo", post_userinfo, methods=["POST"], **_OPTIONS)
    return router


@public
async def show_userinfo(request: Request) -> Response:
    """Return the claims that the scopes of the access token stand for."""
    return await _answer(request, {})


@public
async def post_userinfo(request: Request) -> Response:
    """The same; the access token may also come in the form (RFC 6750 section 2.2)."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != MEDIA_TYPE:
        return await _answer(request, {})
    return await _answer(request, await read_form(request, limit=auth_of(request).context.config.body_limit))


async def _answer(request: Request, form: dict[str, str]) -> Response:
    found = await userinfo(auth_of(request).context, _find_token(request, form))
    if found.jwt is None:
        return ProtocolAnswer(found.claims)
    return Response(found.jwt, headers={**NO_STORE, **SAFE_HEADERS, "Content-Type": "application/jwt"})


def _find_token(request: Request, form: dict[str, str]) -> str:
    """Return the token, which must come in one way alone (RFC 6750 section 2).

    Raises:
        MissingToken: there is none.
        InvalidRequest: there are several, or it is in the query string.
    """
    headers = request.headers.getlist("authorization")
    if len(headers) > 1 or "access_token" in request.query_params:
        raise InvalidRequest(hint="several Authorization headers, or a token in the query")
    scheme, _, token = (headers[0] if headers else "").strip().partition(" ")
    given = [
        each for each in (token.strip() if scheme.lower() == "bearer" else "", form.get("access_token", "")) if each
    ]
    if len(given) > 1:
        raise InvalidRequest(hint="an access token in header and form")
    if not given:
        raise MissingToken()
    return given[0]
