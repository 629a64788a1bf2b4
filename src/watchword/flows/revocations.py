"""Appends to the revocation feed, and tells this process's own view at once."""

from datetime import datetime

from watchword.core.models.sessions import Revocation, RevocationKind
from watchword.flows.context import Context


async def append_revocations(ctx: Context, *revocations: Revocation) -> None:
    """Make revocations durable, then effective here; elsewhere the followers find them.

    Raises:
        StoreUnavailable: nothing was appended.
    """
    if revocations:
        await ctx.stores.revocations.append(revocations)
        for revocation in revocations:
            ctx.view.add(revocation)


def revocation_of(ctx: Context, kind: RevocationKind, subject: str, *, at: datetime) -> Revocation:
    """Return an entry that outlives every access token issued by `at`, also on a machine whose clock differs."""
    tokens = ctx.config.tokens
    expires_at = at + tokens.access_ttl + 2 * tokens.clock_skew
    return Revocation(kind=kind, subject=subject, at=at, expires_at=expires_at)


async def revoke_access_of(ctx: Context, user_id: str) -> None:
    """Refuse every access token that a person has now. Their sessions and refresh families stay.

    After an earlier cut-off in this second, tokens were issued for the next one; so the cut-off moves on with them.
    """
    now = ctx.clock.now()
    at = max(now, ctx.view.earliest_issue(user_id, ctx.client.id, now=now))
    await append_revocations(ctx, revocation_of(ctx, RevocationKind.USER, user_id, at=at))


async def revoke_access_of_everyone(ctx: Context) -> None:
    """Refuse every access token there is now. Sessions and refresh families stay."""
    now = ctx.clock.now()
    at = max(now, ctx.view.latest_issue(now=now))
    await append_revocations(ctx, revocation_of(ctx, RevocationKind.EVERYTHING, "", at=at))
