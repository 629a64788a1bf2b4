"""The protocol: tokens (RFC 6749), revocation (RFC 7009), the key set (RFC 7517 section 5)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from watchword.core.errors import InvalidRequest
from watchword.fastapi.answers import ProtocolAnswer
from watchword.fastapi.cors import CLIENT_KEY, ClientOrigins
from watchword.fastapi.errors import NO_STORE
from watchword.fastapi.forms import basic_credentials, read_form
from watchword.fastapi.public import public
from watchword.fastapi.routes.cached import cached_json
from watchword.fastapi.routes.documented import (
    REVOKE_FORM,
    REVOKE_RESPONSES,
    TOKEN_FORM,
    TOKEN_RESPONSES,
    json_response,
)
from watchword.fastapi.scope import auth_of
from watchword.flows.revoke import revoke_token
from watchword.flows.token import TokenAnswer, TokenRequest, issue_token

MAX_USER_AGENT = 256
_HEADERS = {**NO_STORE, "Pragma": "no-cache"}


def oauth_router() -> APIRouter:
    """Return the protocol's routes, without the prefix."""
    router = APIRouter(route_class=ClientOrigins, tags=["oauth"])
    post, key_set = ["POST"], json_response("The public keys (RFC 7517 section 5)", {"type": "object"})
    router.add_api_route(
        "/token", token, methods=post, responses=TOKEN_RESPONSES, openapi_extra=TOKEN_FORM, response_model=None
    )
    router.add_api_route(
        "/revoke",
        revoke,
        methods=post,
        responses=REVOKE_RESPONSES,
        openapi_extra=REVOKE_FORM,
        response_model=None,
        response_class=Response,
    )
    router.add_api_route("/jwks", jwks, methods=["GET"], responses={200: key_set}, response_model=None)
    return router


@public
async def token(request: Request) -> Response:
    """Exchange a username and password, a refresh token, or the secret of a client for an access token."""
    answer = await issue_token(auth_of(request).context, await token_request(request))
    return ProtocolAnswer(token_members(answer))


@public
async def revoke(request: Request) -> Response:
    """End a refresh token with its session, or one access token (RFC 7009)."""
    await revoke_token(auth_of(request).context, await token_request(request))
    return Response(headers=_HEADERS)


@public
async def jwks(request: Request) -> Response:
    """Publish the keys that verify access tokens: the next, the current and the retired ones."""
    ctx = auth_of(request).context
    return cached_json(request, ctx.keys.ring.jwks(ctx.clock.now()), max_age=ctx.config.tokens.jwks_max_age)


async def token_request(request: Request) -> TokenRequest:
    """Read a protocol request.

    Raises:
        InvalidRequest: if the form is not acceptable, or there are several Authorization headers.
        InvalidClient: if the Authorization header is malformed.
    """
    form = await read_form(request, limit=auth_of(request).context.config.body_limit)
    credentials = request.headers.getlist("authorization")
    if len(credentials) > 1:
        raise InvalidRequest(hint="several Authorization headers")
    basic = basic_credentials(credentials[0] if credentials else None)
    request.scope[CLIENT_KEY] = form.get("client_id") or (basic[0] if basic else "")
    return TokenRequest(
        form=form,
        basic=basic,
        address=address_of(request),
        user_agent=request.headers.get("user-agent", "")[:MAX_USER_AGENT],
    )


def token_members(answer: TokenAnswer) -> dict[str, object]:
    """Return the members of RFC 6749 section 5.1."""
    members: dict[str, object] = {
        "access_token": answer.access_token,
        "token_type": "bearer",
        "expires_in": answer.expires_in,
        "scope": answer.scope,
    }
    more = {"refresh_token": answer.refresh_token, "id_token": answer.id_token}
    return members | {name: token for name, token in more.items() if token}


def address_of(request: Request) -> str:
    """Return the address that the request came from, as the server knows it; empty where it does not."""
    return request.client.host if request.client else ""
