"""Who a bearer token speaks for (RFC 6750, RFC 9068 section 4). The good path does no I/O."""

from dataclasses import replace

from watchword.core.account_errors import AccountDisabled
from watchword.core.errors import InvalidToken, StoreUnavailable
from watchword.core.models.identity import Principal
from watchword.core.models.sessions import RevocationKind
from watchword.core.tokens.access_token import UnknownKey, verify_access_token
from watchword.flows.context import Context


async def authenticate(ctx: Context, token: str) -> Principal:
    """Return the principal of an access token, with the permissions that its roles give now.

    Raises:
        InvalidToken: the token is malformed, expired, revoked, or not for this application.
        AccountDisabled: it was good until its account was disabled.
        StoreUnavailable: revocations are too old to be trusted, and `strict_revocation` is set.
    """
    principal = await verify(ctx, token)
    refused = ctx.view.refuses(principal)
    if refused is not None:
        await _refuse(ctx, principal, refused)
    if ctx.config.strict_revocation:
        _check_freshness(ctx)
    permissions = ctx.roles.permissions(principal.roles)
    if permissions != principal.permissions:
        principal = replace(principal, permissions=permissions)
        ctx.verified.keep(token, principal, ring=ctx.keys.ring)
    return principal


async def verify(ctx: Context, token: str) -> Principal:
    """Check everything about a token but revocation. An unknown key makes this process read its keys, now and then.

    Raises:
        InvalidToken: the token does not verify.
    """
    now = ctx.clock.now()
    known = ctx.verified.find(token, ring=ctx.keys.ring, leeway=ctx.rules.leeway, now=now)
    if known is not None:
        return known
    try:
        principal = verify_access_token(token, rules=ctx.rules, find_key=ctx.keys.find, now=now)
    except UnknownKey:
        if not await ctx.keys.reload_for_unknown():
            raise
        principal = verify_access_token(token, rules=ctx.rules, find_key=ctx.keys.find, now=now)
    ctx.verified.keep(token, principal, ring=ctx.keys.ring)
    return principal


async def _refuse(ctx: Context, principal: Principal, kind: RevocationKind) -> None:
    if kind is RevocationKind.USER:
        user = await ctx.stores.users.find(principal.subject)
        if user is not None and user.disabled:
            raise AccountDisabled(hint=f"user {user.id} is disabled")
    raise InvalidToken(hint=f"revoked: {kind}")


def _check_freshness(ctx: Context) -> None:
    if ctx.view.staleness(ctx.clock.now()) > ctx.config.revocation_stale_after:
        raise StoreUnavailable(hint="strict_revocation: the revocation feed was not read for too long")
