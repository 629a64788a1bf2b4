"""Clients that register themselves, and manage that (RFC 7591, RFC 7592, OpenID Connect Registration 1.0)."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from watchword.core.account_errors import InvalidInput
from watchword.core.authorize_errors import InvalidClientMetadata
from watchword.core.errors import MissingToken
from watchword.fastapi.bodies import parse_json, read_body
from watchword.fastapi.errors import NO_STORE, SAFE_HEADERS
from watchword.fastapi.problem_route import OAuthRoute
from watchword.fastapi.public import public
from watchword.fastapi.routes.oauth import address_of
from watchword.fastapi.routes.provider_documents import REGISTER_BODY, REGISTER_RESPONSES, REGISTRATION_RESPONSES
from watchword.fastapi.scope import auth_of
from watchword.flows.registration import (
    change_registration,
    delete_registration,
    read_registration,
    register_client,
)

_HEADERS = {**NO_STORE, **SAFE_HEADERS, "Pragma": "no-cache"}
_CLIENT = "/register/{client_id}"


def registration_router() -> APIRouter:
    """Return the routes, without the prefix."""
    router = APIRouter(route_class=OAuthRoute, tags=["oauth"])
    add = router.add_api_route
    one: dict[str, Any] = {"responses": REGISTRATION_RESPONSES, "response_model": None}
    add(
        "/register",
        register,
        methods=["POST"],
        status_code=201,
        responses=REGISTER_RESPONSES,
        openapi_extra=REGISTER_BODY,
        response_model=None,
    )
    add(_CLIENT, show_registration, methods=["GET"], **one)
    add(_CLIENT, replace_registration, methods=["PUT"], openapi_extra=REGISTER_BODY, **one)
    add(_CLIENT, remove_registration, methods=["DELETE"], status_code=204, response_class=Response)
    return router


@public
async def register(request: Request) -> Response:
    """Register a client, where this server allows it: everyone, or who has an initial access token."""
    ctx, document = auth_of(request).context, await _read_document(request)
    token = _find_token(request)
    registered = await register_client(ctx, document, token=token, address=address_of(request))
    return JSONResponse(registered, status_code=201, headers=_HEADERS)


@public
async def show_registration(request: Request) -> Response:
    """Show a registration to who holds its token."""
    found = await read_registration(auth_of(request).context, _client_id(request), _get_token(request))
    return JSONResponse(found, headers=_HEADERS)


@public
async def replace_registration(request: Request) -> Response:
    """Replace a registration: what is left out goes."""
    token, document = _get_token(request), await _read_document(request)
    ctx, address = auth_of(request).context, address_of(request)
    changed = await change_registration(ctx, _client_id(request), token, document, address=address)
    return JSONResponse(changed, headers=_HEADERS)


@public
async def remove_registration(request: Request) -> Response:
    """Remove a client; its tokens are refused from now on."""
    await delete_registration(auth_of(request).context, _client_id(request), _get_token(request))
    return Response(status_code=204, headers=_HEADERS)


def _client_id(request: Request) -> str:
    return str(request.path_params["client_id"])


def _find_token(request: Request) -> str | None:
    headers = request.headers.getlist("authorization")
    scheme, _, token = (headers[0] if len(headers) == 1 else "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _get_token(request: Request) -> str:
    token = _find_token(request)
    if token is None:
        raise MissingToken()
    return token


async def _read_document(request: Request) -> Mapping[str, Any]:
    limit = auth_of(request).context.config.body_limit
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise InvalidClientMetadata(hint="no JSON")
    try:
        document = parse_json(await read_body(request, limit=limit))
    except InvalidInput as error:
        raise InvalidClientMetadata(hint=error.hint or error.detail) from None
    if not isinstance(document, dict):
        raise InvalidClientMetadata(hint="no JSON object")
    return document
