"""Token introspection (RFC 7662): what a token is worth now, for a confidential client that may know."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from watchword.core.account_errors import AccountDisabled
from watchword.core.errors import InvalidGrant, InvalidRequest, InvalidToken
from watchword.core.models.grants import Client, FamilyStatus
from watchword.core.oauth.scopes import format_scope
from watchword.core.tokens.refresh_token import parse_refresh_token
from watchword.flows.access import authenticate
from watchword.flows.client_auth import identify_confidential_client
from watchword.flows.context import Context
from watchword.flows.exchange import TokenRequest
from watchword.flows.revoke import REFRESH_KIND

Members = Mapping[str, Any]
INACTIVE: Members = MappingProxyType({"active": False})
"""All that is said of a token that is unknown, malformed, expired, revoked, or none of the caller's business."""


async def introspect_token(ctx: Context, request: TokenRequest) -> Members:
    """Return the members of the answer (RFC 7662 section 2.2).

    A client learns about its own tokens; one that `may_introspect`, about every token for this application. An access
    token costs no I/O. `token_type_hint` is not needed, for the kinds differ in form.

    Raises:
        InvalidClient: authentication failed, or the client is public.
        InvalidRequest: `token` is missing.
        StoreUnavailable: it cannot be told at present.
    """
    client = await identify_confidential_client(ctx, request, endpoint="/introspect")
    token = request.form.get("token", "")
    if not token:
        raise InvalidRequest(hint="token is missing")
    describe = _describe_refresh if token.startswith(REFRESH_KIND) else _describe_access
    try:
        return await describe(ctx, client, token)
    except (InvalidToken, InvalidGrant, AccountDisabled):
        return INACTIVE


async def _describe_access(ctx: Context, client: Client, text: str) -> Members:
    principal = await authenticate(ctx, text)
    if not _may_know(client, principal.client_id):
        return INACTIVE
    return {"active": True, "token_type": "Bearer", **principal.claims}


async def _describe_refresh(ctx: Context, client: Client, text: str) -> Members:
    """Describe the newest refresh token of a family that is alive. A spent one is not active."""
    token, now = parse_refresh_token(text, ctx.secrets), ctx.clock.now()
    family = await ctx.stores.families.find(token.user_id, token.family_id)
    if family is None or family.status is not FamilyStatus.ACTIVE or token.generation != family.generation:
        return INACTIVE
    expires_at = min(family.idle_expires_at, family.expires_at)
    if now >= expires_at or not _may_know(client, family.client_id):
        return INACTIVE
    return {
        "active": True,
        "iss": ctx.config.issuer,
        "sub": family.user_id,
        "client_id": family.client_id,
        "scope": format_scope(family.scopes),
        "sid": family.session_id,
        "exp": int(expires_at.timestamp()),
    }


def _may_know(client: Client, issued_to: str) -> bool:
    return client.may_introspect or client.id == issued_to
