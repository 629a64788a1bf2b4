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


def revocation_of(ctx: Context, kind: RevocationKind, subject: str, *, now: datetime) -> Revocation:
    """Return an entry that outlives every access token issued by `now`, also on a machine whose clock differs."""
    tokens = ctx.config.tokens
    expires_at = now + tokens.access_ttl + 2 * tokens.clock_skew
    return Revocation(kind=kind, subject=subject, at=now, expires_at=expires_at)


async def revoke_access_of(ctx: Context, user_id: str) -> None:
    """Refuse every access token that a person has now. Their sessions and refresh families stay."""
    now = ctx.clock.now()
    await append_revocations(ctx, revocation_of(ctx, RevocationKind.USER, user_id, now=now))
