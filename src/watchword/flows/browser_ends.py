"""Ends every login of a person at the hosted pages."""

from watchword.flows.context import Context


async def end_all_browsers(ctx: Context, user_id: str, *, except_session: str | None = None) -> int:
    """End a person's logins at the hosted pages, but for the one that a session came of. Returns how many were live.

    Their sessions are the caller's to end, after this: what begins later finds its login ended.
    """
    kept = await ctx.stores.sessions.find(user_id, except_session) if except_session is not None else None
    except_id = kept.browser_id if kept is not None else None
    return await ctx.stores.browsers.end_all(user_id, except_id=except_id, now=ctx.clock.now())
