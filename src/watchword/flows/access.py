"""Who a bearer token speaks for (RFC 6750, RFC 9068 section 4). The good path does no I/O."""

from datetime import datetime

from watchword.core.account_errors import AccountDisabled
from watchword.core.errors import InvalidToken, StoreUnavailable
from watchword.core.models.identity import Principal
from watchword.core.models.sessions import RevocationKind
from watchword.core.tokens.access_token import UnknownKey, verify_access_token
from watchword.flows.context import Context


def authenticate_now(ctx: Context, token: str) -> Principal | None:
    """Return what `authenticate` would, where that takes no waiting; None means: await `authenticate`.

    That is so for a token that was verified before, is in its time, not revoked, and has the permissions of now.
    """
    verified, keys = ctx.verified, ctx.keys
    now = ctx.clock.now()
    principal = verified.find(token, ring=keys.ring, leeway=ctx.rules.leeway, now=now)
    if principal is None or ctx.view.refuses(principal) is not None:
        return None
    if ctx.config.strict_revocation and not _is_fresh(ctx, now):
        return None
    return principal if ctx.roles.permissions(principal.roles) is principal.permissions else None


async def authenticate(ctx: Context, token: str) -> Principal:
    """Return the principal of an access token, with the permissions that its roles give now.

    Raises:
        InvalidToken: the token is malformed, expired, revoked, or not for this application.
        AccountDisabled: it was good until its account was disabled.
        StoreUnavailable: revocations are too old to be trusted, and `strict_revocation` is set.
    """
    known = authenticate_now(ctx, token)
    if known is not None:
        return known
    principal = await verify(ctx, token)
    refused = ctx.view.refuses(principal)
    if refused is not None:
        await _refuse(ctx, principal, refused)
    check_freshness(ctx)
    return principal


def check_freshness(ctx: Context) -> None:
    """Raise `StoreUnavailable` where revocations are too old to be trusted, and `strict_revocation` is set."""
    if ctx.config.strict_revocation and not _is_fresh(ctx, ctx.clock.now()):
        raise StoreUnavailable(hint="strict_revocation: the revocation feed was not read for too long")


async def verify(ctx: Context, token: str) -> Principal:
    """Check everything about a token but revocation. An unknown key makes this process read its keys, now and then.

    Raises:
        InvalidToken: the token does not verify.
    """
    now = ctx.clock.now()
    known = ctx.verified.find(token, ring=ctx.keys.ring, leeway=ctx.rules.leeway, now=now)
    principal = known or await _check(ctx, token, now)
    permissions = ctx.roles.permissions(principal.roles)
    if known is not None and permissions is known.permissions:
        return known
    return ctx.verified.keep(token, principal, permissions=permissions, ring=ctx.keys.ring)


async def _check(ctx: Context, token: str, now: datetime) -> Principal:
    try:
        return verify_access_token(token, rules=ctx.rules, find_key=ctx.keys.find, now=now)
    except UnknownKey:
        if not await ctx.keys.reload_for_unknown():
            raise
        return verify_access_token(token, rules=ctx.rules, find_key=ctx.keys.find, now=now)


async def _refuse(ctx: Context, principal: Principal, kind: RevocationKind) -> None:
    if kind is RevocationKind.USER:
        user = await ctx.stores.users.find(principal.subject)
        if user is not None and user.disabled:
            raise AccountDisabled(hint=f"user {user.id} is disabled")
    raise InvalidToken(hint=f"revoked: {kind}")


def _is_fresh(ctx: Context, now: datetime) -> bool:
    return ctx.view.staleness(now) <= ctx.config.revocation_stale_after
