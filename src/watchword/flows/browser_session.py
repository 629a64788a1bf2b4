"""Logins at the hosted pages: what the cookie of a browser stands for.

The cookie names the account and the login, and holds a secret that each authentication replaces.
"""

import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hmac import compare_digest

from watchword.core.errors import InvalidGrant
from watchword.core.ids import new_id
from watchword.core.models.identity import User
from watchword.core.models.sessions import BrowserSession
from watchword.core.oauth.acr import PASSWORD_ACR
from watchword.core.tokens import base64url
from watchword.core.tokens.opaque import check_secret, hash_secret, new_secret
from watchword.flows.browser import Browser
from watchword.flows.context import Context
from watchword.flows.login import is_unchanged, shown_user_agent
from watchword.flows.sessions import end_sessions
from watchword.ports.identity import Change

KIND = "wwbs"
TOUCH_EVERY = timedelta(minutes=1)
AMR_PASSWORD = ("pwd",)
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class LoginCookie:
    """What a login cookie says. Nothing of it is proved."""

    user_id: str
    browser_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is logged in in a browser, read from the store a moment ago. `cookie` is a new one to set, or None."""

    session: BrowserSession
    user: User
    cookie: str | None = field(default=None, repr=False)


async def find_login(ctx: Context, cookie: str | None) -> Presence | None:
    """Return who a login cookie stands for: a live login of an account that is there and enabled, or None."""
    parsed = parse_cookie(cookie)
    if parsed is None:
        return None
    session = await ctx.stores.browsers.find(parsed.user_id, parsed.browser_id)
    if session is None or not compare_digest(session.secret_hash, hash_secret(parsed.secret)):
        return None
    now = ctx.clock.now()
    if not is_live(ctx, session):
        return None
    user = await ctx.stores.users.find(session.user_id)
    if user is None or user.disabled:
        return None
    if now - session.last_seen_at >= TOUCH_EVERY:
        await ctx.stores.browsers.touch(session.user_id, session.id, now=now)
    return Presence(session, user)


def is_live(ctx: Context, session: BrowserSession) -> bool:
    """Whether a login has neither ended nor reached one of its timeouts."""
    now = ctx.clock.now()
    idle = session.last_seen_at + ctx.config.provider.browser_idle_ttl
    return session.ended_at is None and now < min(session.expires_at, idle)


async def begin_login(ctx: Context, user: User, browser: Browser) -> Presence:
    """Begin a login for a person who has just authenticated, or renew the one that this browser has of them.

    Either way the cookie is new. A login of someone else in this browser ends; what they did at clients goes on. As at
    the token endpoint the account is read again, so that a change of password in between is seen.

    Raises:
        InvalidGrant: the account was changed, disabled or deleted meanwhile.
    """
    before, secret = await find_login(ctx, browser.cookie), new_secret(KIND)
    session = _session_for(ctx, user, browser, hash_secret(secret))
    if before is not None and before.user.id == user.id:
        session = await _renew(ctx, before.session, session)
    else:
        await ctx.stores.browsers.add(session)
        if before is not None:
            await ctx.stores.browsers.end(before.user.id, before.session.id, now=ctx.clock.now())
    fresh = await ctx.stores.users.find(user.id)
    if not is_unchanged(fresh, user):
        await ctx.stores.browsers.end(user.id, session.id, now=ctx.clock.now())
        raise InvalidGrant(hint=f"user {user.id} changed during the login")
    return Presence(session, fresh, _cookie(session, secret))


async def list_browsers(ctx: Context, user_id: str) -> Sequence[BrowserSession]:
    """Return a person's live logins at the hosted pages, newest first."""
    return await ctx.stores.browsers.list_live(user_id, now=ctx.clock.now())


async def end_browser(ctx: Context, user_id: str, browser_id: str, *, reason: str) -> bool:
    """End a login at the hosted pages with every session that came of it. Returns whether it was live until now.

    First the sessions, then the login, then the sessions that began in between: a code that is redeemed meanwhile
    finds either the login ended, or itself.
    """
    await _end_sessions_of(ctx, user_id, browser_id, reason)
    ended = await ctx.stores.browsers.end(user_id, browser_id, now=ctx.clock.now())
    await _end_sessions_of(ctx, user_id, browser_id, reason)
    return ended


async def _end_sessions_of(ctx: Context, user_id: str, browser_id: str, reason: str) -> None:
    found = await ctx.stores.sessions.list_of_browser(user_id, browser_id)
    await end_sessions(ctx, [session for session in found if session.ended_at is None], reason=reason)


async def _renew(ctx: Context, before: BrowserSession, session: BrowserSession) -> BrowserSession:
    renewed = replace(session, id=before.id)
    if await ctx.stores.browsers.renew(renewed, expected=before.secret_hash) is Change.CHANGED:
        return renewed
    await ctx.stores.browsers.add(session)  # another tab was quicker, or it has just ended
    return session


def _session_for(ctx: Context, user: User, browser: Browser, secret_hash: bytes) -> BrowserSession:
    now = ctx.clock.now()
    return BrowserSession(
        user_id=user.id,
        id=new_id(now),
        secret_hash=secret_hash,
        created_at=now,
        last_seen_at=now,
        expires_at=now + ctx.config.provider.browser_max_ttl,
        auth_time=now,
        amr=AMR_PASSWORD,
        acr=PASSWORD_ACR,
        user_agent=shown_user_agent(browser.user_agent),
    )


def _cookie(session: BrowserSession, secret: str) -> str:
    ids = (base64url.encode(uuid.UUID(part).bytes) for part in (session.user_id, session.id))
    return ".".join((*ids, secret))


def parse_cookie(cookie: str | None) -> LoginCookie | None:
    """Return the parts of a login cookie, or None if it has not the form of one."""
    if not cookie or len(cookie) > _LONGEST:
        return None
    with suppress(ValueError):
        user_id, browser_id, secret = cookie.split(".")
        return LoginCookie(_id(user_id), _id(browser_id), check_secret(secret, KIND))
    return None


def _id(part: str) -> str:
    return str(uuid.UUID(bytes=base64url.decode(part)))
