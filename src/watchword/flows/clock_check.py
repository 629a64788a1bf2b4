"""Finds a clock that is wrong by what others have written, or this process before it was started (decision 0022)."""

import logging
from datetime import timedelta

from watchword.flows.context import Context

EVERY = timedelta(minutes=1)
BEHIND = (
    "the database holds a %s of %s, %.0f s in the future: the clock of this machine is behind, or that of "
    "another one is ahead. What had expired may be taken for good here until then"
)

_log = logging.getLogger("watchword.clock")


async def check_clock(ctx: Context) -> timedelta:
    """Return how far this clock is behind the newest revocation or signing key, and log it if that is too far.

    Nothing is refused: of one machine whose clock was ahead once, every other would refuse to start.
    """
    now, marks = ctx.clock.now(), {"revocation": ctx.follower.newest_at, "signing key": ctx.keys.ring.made_at}
    known = [(at, what) for what, at in marks.items() if at is not None]
    if not known:
        return timedelta(0)
    at, what = max(known)
    behind = max(timedelta(0), at - now)
    if behind > ctx.config.tokens.clock_skew:
        _log.error(BEHIND, what, at.isoformat(timespec="seconds"), behind.total_seconds())
    return behind
