"""Token revocation (RFC 7009). A token that is unknown, malformed or expired needs none, and gets the same answer."""

from dataclasses import replace
from datetime import timedelta

from watchword.core.errors import InvalidGrant, InvalidRequest, InvalidToken
from watchword.core.models.events import AccessTokenRevoked
from watchword.core.models.grants import Client
from watchword.core.models.sessions import RevocationKind
from watchword.core.tokens.refresh_token import parse_refresh_token
from watchword.flows.client_auth import identify_client
from watchword.flows.context import Context
from watchword.flows.exchange import TokenRequest
from watchword.flows.issued_tokens import verify_issued
from watchword.flows.revocations import append_revocations, revocation_of
from watchword.flows.sessions import end_session

REFRESH_KIND = "wwrt_"


async def revoke_token(ctx: Context, request: TokenRequest) -> None:
    """Revoke the token in the form: a refresh token with its whole session, an access token alone.

    `token_type_hint` is not needed, for the kinds differ in form. Another client's token is left alone, silently.

    Raises:
        InvalidRequest: `token` is missing.
        InvalidClient: client authentication failed.
        StoreUnavailable: the token may still work; ask again (RFC 7009 section 2.2.1).
    """
    client = await identify_client(ctx, request, endpoint="/revoke")
    token = request.form.get("token", "")
    if not token:
        raise InvalidRequest(hint="token is missing")
    revoke = _revoke_refresh if token.startswith(REFRESH_KIND) else _revoke_access
    try:
        await revoke(ctx, client, token)
    except (InvalidGrant, InvalidToken):
        return  # RFC 7009 section 2.2: an invalid token is no error


async def _revoke_refresh(ctx: Context, client: Client, text: str) -> None:
    """Revoke the family, whichever generation was shown, and end its session (RFC 7009 section 2.1)."""
    token = parse_refresh_token(text, ctx.secrets)
    family = await ctx.stores.families.find(token.user_id, token.family_id)
    if family is not None and family.client_id == client.id:
        await ctx.stores.families.revoke(family.user_id, family.id)
        await end_session(ctx, family.user_id, family.session_id, reason="revoked")


async def _revoke_access(ctx: Context, client: Client, text: str) -> None:
    principal = await verify_issued(ctx, text)
    if principal.token_id is None or principal.expires_at is None or principal.client_id != client.id:
        return
    entry = revocation_of(ctx, RevocationKind.TOKEN, principal.token_id, at=ctx.clock.now())
    until = principal.expires_at + ctx.config.tokens.clock_skew + timedelta(seconds=1)
    await append_revocations(ctx, replace(entry, expires_at=until))
    ctx.events.publish(
        AccessTokenRevoked(at=entry.at, subject=principal.subject, client_id=client.id, token_id=principal.token_id)
    )
