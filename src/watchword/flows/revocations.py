"""Appends to the revocation feed, and tells this process's own view at once."""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from watchword.core.models.sessions import Revocation, RevocationKind
from watchword.flows.context import Context
from watchword.flows.kept_accounts import MOST_AGE

_log = logging.getLogger("watchword.follower")
ANNOUNCED_WITHIN = 0.5
"""Seconds. Whoever revokes does not wait longer for those who will find it anyway."""
CLOCKS_DIFFER = timedelta(milliseconds=100)
"""Cut-offs reach this far ahead, so that a token is refused which a process with a faster clock issued just before."""


async def append_revocations(ctx: Context, *revocations: Revocation) -> None:
    """Make revocations durable, then effective here, and wake the followers elsewhere; what wakes not, polls.

    Raises:
        StoreUnavailable: nothing was appended.
    """
    if revocations:
        await ctx.stores.revocations.append(revocations)
        for revocation in revocations:
            ctx.view.add(revocation)
        try:
            async with asyncio.timeout(ANNOUNCED_WITHIN):
                await ctx.signal.announce()
        except Exception as failure:  # noqa: BLE001  the revocation is durable, and is found by polling
            _log.warning("a revocation was not announced (%s); it is found by polling", type(failure).__name__)


def revocation_of(ctx: Context, kind: RevocationKind, subject: str, *, at: datetime) -> Revocation:
    """Return an entry that outlives every access token issued by `at`, also on a machine whose clock differs."""
    tokens = ctx.config.tokens
    expires_at = at + tokens.access_ttl + 2 * tokens.clock_skew
    return Revocation(kind=kind, subject=subject, at=at, expires_at=expires_at)


async def revoke_access_of(ctx: Context, user_id: str) -> None:
    """Refuse every access token that a person has now. Their sessions and refresh families stay.

    After an earlier cut-off a moment ago, tokens were issued behind that one; so this one moves on with them.
    """
    now = ctx.clock.now()
    at = max(now + CLOCKS_DIFFER, ctx.view.earliest_issue(user_id, ctx.client.id, now=now))
    await append_revocations(ctx, revocation_of(ctx, RevocationKind.USER, user_id, at=at))


async def revoke_access_of_everyone(ctx: Context) -> None:
    """Refuse every access token there is now. Sessions and refresh families stay.

    Whoever has a cut-off that lies further ahead gets another one of their own; it is not made everyone's.
    """
    now = ctx.clock.now()
    at = max(now + CLOCKS_DIFFER, ctx.view.earliest_issue("", "", now=now))
    further = [revocation_of(ctx, kind, who, at=first) for kind, who, first in ctx.view.cut_offs_beyond(at)]
    await append_revocations(ctx, revocation_of(ctx, RevocationKind.EVERYTHING, "", at=at), *further)


async def tell_of_change(ctx: Context, user_id: str) -> None:
    """Make every process read an account anew, or every account if the id is empty. Call it after the change.

    Raises:
        StoreUnavailable: only this process was told; others notice within `MOST_AGE`.
    """
    ctx.view.accounts.drop(user_id)
    entry = revocation_of(ctx, RevocationKind.CHANGED, user_id, at=ctx.clock.now())
    await append_revocations(ctx, replace(entry, expires_at=entry.expires_at + MOST_AGE))
