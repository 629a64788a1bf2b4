"""Sessions: one login of one person, and how it ends."""

from collections.abc import Sequence
from datetime import datetime

from watchword.core.models.events import SessionEnded
from watchword.core.models.sessions import RevocationKind, Session
from watchword.flows.context import Context
from watchword.flows.revocations import append_revocations, revocation_of
from watchword.flows.visited import tell_client


async def list_sessions(ctx: Context, user_id: str) -> Sequence[Session]:
    """Return a person's live sessions, newest first."""
    return await ctx.stores.sessions.list_live(user_id, now=ctx.clock.now())


async def end_session(ctx: Context, user_id: str, session_id: str, *, reason: str) -> bool:
    """End one session with all its tokens. Returns whether it was live until now.

    First the feed, then the families, then the session: whoever finds one of them dead can rely on what comes before
    it, and after a failure in between the same call does all of it again.

    Raises:
        StoreUnavailable: some of it was not done; call again.
    """
    session = await ctx.stores.sessions.find(user_id, session_id)
    if session is None or session.ended_at is not None:
        return False
    now = ctx.clock.now()
    await append_revocations(ctx, revocation_of(ctx, RevocationKind.SESSION, session_id, at=now))
    await ctx.stores.families.revoke_session(user_id, session_id)
    return await _mark_ended(ctx, session, now=now, reason=reason)


async def end_all_sessions(ctx: Context, user_id: str, *, except_session: str | None = None, reason: str) -> int:
    """End every live session of a person, but for one if asked. Returns how many were live until now.

    Raises:
        StoreUnavailable: some may be live still; call again.
    """
    live = await list_sessions(ctx, user_id)
    ended = await end_sessions(ctx, [session for session in live if session.id != except_session], reason=reason)
    if except_session is None:
        await ctx.stores.families.revoke_user(user_id)
    return ended


async def end_sessions(ctx: Context, ending: Sequence[Session], *, reason: str) -> int:
    """End these live sessions, in the order of `end_session`. Returns how many were live until now.

    Raises:
        StoreUnavailable: some may be live still; call again.
    """
    now = ctx.clock.now()
    entries = [revocation_of(ctx, RevocationKind.SESSION, session.id, at=now) for session in ending]
    await append_revocations(ctx, *entries)
    for session in ending:
        await ctx.stores.families.revoke_session(session.user_id, session.id)
    return sum([await _mark_ended(ctx, session, now=now, reason=reason) for session in ending])


async def _mark_ended(ctx: Context, session: Session, *, now: datetime, reason: str) -> bool:
    ended = await ctx.stores.sessions.end(session.user_id, session.id, now=now)
    if ended:
        ctx.events.publish(SessionEnded(at=now, user_id=session.user_id, session_id=session.id, reason=reason))
        await tell_client(ctx, session)
    return ended
