"""Deletes what has expired, in small batches. Correctness never depends on it."""

from collections.abc import Awaitable, Callable

from watchword.flows.context import Context

BATCH = 500
MOST_BATCHES = 20
"""Per table and run, so that one run never holds the database for long."""


async def purge_expired(ctx: Context) -> None:
    """Delete expired families, sessions and revocations, and the keys that nothing can need any more."""
    now, stores = ctx.clock.now(), ctx.stores
    before = now - ctx.config.tokens.clock_skew
    await _in_batches(lambda: stores.families.purge(before=before, limit=BATCH))
    await _in_batches(lambda: stores.sessions.purge(before=before, limit=BATCH))
    await _in_batches(lambda: stores.revocations.purge(now=before, limit=BATCH))
    droppable = ctx.keys.ring.droppable(before)
    if droppable:
        await stores.keys.purge(droppable)


async def _in_batches(purge: Callable[[], Awaitable[int]]) -> None:
    for _ in range(MOST_BATCHES):
        if await purge() < BATCH:
            return
