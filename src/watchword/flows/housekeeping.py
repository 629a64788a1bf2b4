"""Deletes what has expired, in small batches. Correctness never depends on it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from watchword.flows.context import Context

BATCH = 500
MOST_BATCHES = 20
"""Per table and run, so that one run never holds the database for long."""
CODES_KEPT = timedelta(days=1)
"""How long after its end the second use of a code still ends what came of the first."""


async def purge_expired(ctx: Context) -> None:
    """Delete expired families, sessions and revocations, and the keys that nothing can need any more."""
    now, stores = ctx.clock.now(), ctx.stores
    before = now - ctx.config.tokens.clock_skew
    await _in_batches(lambda: stores.families.purge(before=before, limit=BATCH))
    await _in_batches(lambda: stores.sessions.purge(before=before, limit=BATCH))
    await _in_batches(lambda: stores.revocations.purge(now=before, limit=BATCH))
    await _purge_authorizations(ctx, before)
    droppable = ctx.keys.ring.droppable(before)
    if droppable:
        await stores.keys.purge(droppable)


async def _purge_authorizations(ctx: Context, before: datetime) -> None:
    """Delete logins at the hosted pages, codes and device grants. Codes are kept for a while, to know them again."""
    stores = ctx.stores
    await _in_batches(lambda: stores.browsers.purge(before=before, limit=BATCH))
    await _in_batches(lambda: stores.codes.purge(before=before - CODES_KEPT, limit=BATCH))
    await _in_batches(lambda: stores.devices.purge(before=before - CODES_KEPT, limit=BATCH))
    await _in_batches(lambda: stores.once.purge(now=before, limit=BATCH))


async def _in_batches(purge: Callable[[], Awaitable[int]]) -> None:
    for _ in range(MOST_BATCHES):
        if await purge() < BATCH:
            return
