"""Deletes what has expired, in small batches. Correctness never depends on it."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from watchword.core.errors import ConfigError
from watchword.flows.context import Context

BATCH = 50
REST = 200
"""How many times as long as a batch took nothing is deleted after it, so that requests do not meet it."""
AFTER = ("families", "sessions", "browsers", "devices", "invites")
"""What is purged by `before`; the others by `now`."""
LATER = ("codes",)
KNOWN_FOR = timedelta(days=1)
"""A code that comes a second time, long after it expired, still ends what came of the first (decision 0021)."""
AT_ONCE = ("revocations", "once")

Purge = Callable[[], Awaitable[int]]
Rest = Callable[[float], Awaitable[object]]


async def _go_on(_took: float) -> None:
    """Take no rest."""


async def rest_long(took: float) -> None:
    """Leave the database to others for many times as long as the last batch took it."""
    await asyncio.sleep(took * REST)


async def purge_expired(ctx: Context, *, rest: Rest = _go_on) -> None:
    """Delete all that has expired, and the keys that nothing can need any more.

    Several processes may do so at once: each takes what the others do not hold.

    Args:
        ctx: whose stores are cleaned.
        rest: awaited after each batch that was full, with the seconds that it took.
    """
    before = ctx.clock.now() - ctx.config.tokens.clock_skew
    long_before = before - KNOWN_FOR
    due = [
        *_purges(ctx, AFTER, before=before),
        *_purges(ctx, LATER, before=long_before),
        *_purges(ctx, AT_ONCE, now=before),
    ]
    while due:
        due = [purge for purge in due if await _is_unfinished(purge, rest)]
    droppable = ctx.keys.ring.droppable(before)
    if droppable:
        await ctx.stores.keys.purge(droppable)


def _purges(ctx: Context, nouns: tuple[str, ...], **until: datetime) -> list[Purge]:
    found: list[Purge] = []
    for noun in nouns:
        with suppress(ConfigError):  # a database that keeps none
            found.append(partial(getattr(ctx.stores, noun).purge, limit=BATCH, **until))
    return found


async def _is_unfinished(purge: Purge, rest: Rest) -> bool:
    """Delete one batch, and rest if there may be more."""
    began = time.monotonic()
    unfinished = await purge() >= BATCH
    if unfinished:
        await rest(time.monotonic() - began)
    return unfinished
