"""The token endpoint: finds the client, then lets the grant decide (RFC 6749 section 3.2)."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from watchword.core.errors import InvalidRequest, UnauthorizedClient, UnsupportedGrantType
from watchword.core.models.grants import Client
from watchword.core.oauth.device_codes import GRANT as DEVICE_GRANT
from watchword.flows.client_auth import identify_client
from watchword.flows.context import Context
from watchword.flows.exchange import TokenAnswer, TokenRequest
from watchword.flows.grants import authorization_code, client_credentials, device_code, password, refresh_token

__all__ = ["GRANTS", "TokenAnswer", "TokenRequest", "issue_token"]

Grant = Callable[[Context, Client, TokenRequest], Awaitable[TokenAnswer]]

PROVIDER_GRANTS: Mapping[str, Grant] = MappingProxyType(
    {"authorization_code": authorization_code.exchange, DEVICE_GRANT: device_code.exchange}
)
"""Those that only an authorization server with hosted pages has."""
GRANTS: Mapping[str, Grant] = MappingProxyType(
    {
        "client_credentials": client_credentials.exchange,
        "password": password.exchange,
        "refresh_token": refresh_token.exchange,
    }
)


async def issue_token(ctx: Context, request: TokenRequest) -> TokenAnswer:
    """Answer a token request.

    Raises:
        InvalidClient: client authentication failed.
        UnsupportedGrantType, UnauthorizedClient: the grant type is unknown here, or not for this client.
        InvalidRequest, InvalidGrant, InvalidScope: as the grant says.
        TooManyRequests, Unavailable: not now.
    """
    client = await identify_client(ctx, request)
    name = _grant_type(request.form)
    grant = GRANTS.get(name) or (PROVIDER_GRANTS.get(name) if ctx.config.provider.enabled else None)
    if grant is None:
        raise UnsupportedGrantType(hint="unknown grant_type")
    if name not in client.grants:
        raise UnauthorizedClient(hint=f"client {client.id} may not use {name}")
    return await grant(ctx, client, request)


def _grant_type(form: Mapping[str, str]) -> str:
    """Return the grant type. FastAPI's own password form may leave it out, so username and password imply it."""
    name = form.get("grant_type", "")
    if not name and "username" in form and "password" in form:
        return "password"
    if not name:
        raise InvalidRequest(hint="grant_type is missing")
    return name
