"""Logout that a client asks for (OpenID Connect RP-Initiated Logout 1.0).

Without an `id_token_hint` that names who is logged in here, the person is asked first: anyone can send a browser here.
"""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest

from watchword.core.authorize_errors import InteractionExpired
from watchword.core.errors import InvalidRequest, OAuthError
from watchword.core.models.grants import Client
from watchword.core.models.sessions import Session
from watchword.core.oauth.logout_rules import check_logout_client, find_logout_redirect
from watchword.core.oauth.parameters import Parameters, parse_parameters
from watchword.core.tokens import base64url
from watchword.core.tokens.id_token import IdTokenHint, verify_id_token_hint
from watchword.core.tokens.secrets import SealBroken
from watchword.flows.browser import Browser
from watchword.flows.browser_session import Presence, end_browser, find_login
from watchword.flows.context import Context
from watchword.flows.outcomes import ShowError
from watchword.flows.subjects import subject_for
from watchword.flows.visited import frames_of

_PURPOSE = "logout"


@dataclass(frozen=True, slots=True)
class ShowLogout:
    """Ask whether to log out. `client` is who asks for it, if that is known."""

    interaction: str = field(repr=False)
    username: str
    client: Client | None = None


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """Say that the person is logged out, or go to `redirect`, after `frames` were loaded.

    `ended` says whether anybody was logged in.
    """

    redirect: str | None = None
    frames: tuple[str, ...] = ()
    ended: bool = False
    client: Client | None = None


@dataclass(frozen=True, slots=True)
class LogoutAnswer:
    """An outcome, and what becomes of the login cookie: None leaves it, an empty text deletes it."""

    outcome: ShowLogout | LoggedOut | ShowError
    cookie: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A logout request that was understood: who asks, and where to go then.

    `astray` says that it names an address to which nobody is sent.
    """

    hint: IdTokenHint | None
    client: Client | None
    redirect: str | None
    astray: bool


async def begin_logout(ctx: Context, pairs: Iterable[tuple[str, str]], browser: Browser) -> LogoutAnswer:
    """Answer a logout request: end the login at once, ask first, or show what is wrong.

    A hint or a redirect URI that is not good is not followed, and then the person is asked.
    """
    try:
        asked = await _read(ctx, parse_parameters(pairs))
    except OAuthError as error:
        return LogoutAnswer(ShowError(error))
    presence = await find_login(ctx, browser.cookie)
    if presence is None:
        return LogoutAnswer(LoggedOut(asked.redirect, client=asked.client), "")
    if not asked.astray and await _names(ctx, asked, presence):
        return await _end(ctx, presence, asked.redirect, asked.client)
    interaction = _seal(ctx, browser, asked, presence)
    return LogoutAnswer(ShowLogout(interaction, presence.user.username, asked.client))


async def confirm_logout(ctx: Context, interaction: str, browser: Browser, *, confirmed: bool) -> LogoutAnswer:
    """Take the person's decision.

    Raises:
        InteractionExpired: the page is another browser's, or another login's.
    """
    browser_id, client_id, redirect = _unseal(ctx, interaction, browser)
    presence = await find_login(ctx, browser.cookie)
    client = await _find_client(ctx, client_id)
    if not confirmed or presence is None:
        return LogoutAnswer(LoggedOut(redirect, client=client), None if presence else "")
    if presence.session.id != browser_id:
        raise InteractionExpired(hint="another login than the one that was asked about")
    return await _end(ctx, presence, redirect, client)


async def _read(ctx: Context, parameters: Parameters) -> _Asked:
    hint = _find_hint(ctx, parameters.get("id_token_hint"))
    client = await _find_client(ctx, check_logout_client(parameters.get("client_id"), hint))
    uri, state = parameters.get("post_logout_redirect_uri"), parameters.get("state")
    metadata = client.metadata if client is not None else None
    redirect = find_logout_redirect(uri, state=state, hint=hint, metadata=metadata)
    return _Asked(hint, client, redirect, astray=uri is not None and redirect is None)


def _find_hint(ctx: Context, text: str | None) -> IdTokenHint | None:
    """Return a hint that verifies, else None: one that does not is as good as none."""
    if text is None:
        return None
    with suppress(InvalidRequest):
        return verify_id_token_hint(text, issuer=ctx.config.issuer, find_key=ctx.keys.find)
    return None


async def _find_client(ctx: Context, client_id: str | None) -> Client | None:
    client = ctx.client if client_id == ctx.client.id else await ctx.clients.find(client_id or "")
    return client if client is not None and not client.disabled else None


async def _names(ctx: Context, asked: _Asked, presence: Presence) -> bool:
    """Whether the hint is of the very person who is logged in here, and of a session that came of this login."""
    hint, client = asked.hint, asked.client
    if hint is None or client is None or hint.subject != subject_for(ctx, client, presence.user.id):
        return False
    if hint.session_id is None:
        return True
    session = await ctx.stores.sessions.find(presence.user.id, hint.session_id)
    return session is not None and session.browser_id == presence.session.id


async def _end(ctx: Context, presence: Presence, redirect: str | None, client: Client | None) -> LogoutAnswer:
    user_id, browser_id = presence.user.id, presence.session.id
    live = await _live_sessions(ctx, user_id, browser_id)
    frames = await frames_of(ctx, live)
    ended = await end_browser(ctx, user_id, browser_id, reason="logout")
    return LogoutAnswer(LoggedOut(redirect, frames, ended, client), "")


async def _live_sessions(ctx: Context, user_id: str, browser_id: str) -> list[Session]:
    found = await ctx.stores.sessions.list_of_browser(user_id, browser_id)
    return [session for session in found if session.ended_at is None]


def _seal(ctx: Context, browser: Browser, asked: _Asked, presence: Presence) -> str:
    client_id = asked.client.id if asked.client is not None else None
    members = [_hash(browser), presence.session.id, client_id, asked.redirect]
    return base64url.encode(ctx.secrets.seal(json.dumps(members).encode(), purpose=_PURPOSE))


def _unseal(ctx: Context, interaction: str, browser: Browser) -> tuple[str, str | None, str | None]:
    with suppress(SealBroken, ValueError):
        opened = ctx.secrets.open(base64url.decode(interaction), purpose=_PURPOSE)
        nonce, browser_id, client_id, redirect = json.loads(opened)
        if compare_digest(nonce, _hash(browser)):
            return browser_id, client_id, redirect
    raise InteractionExpired(hint="a logout page that is unreadable, or another browser's")


def _hash(browser: Browser) -> str:
    return sha256(browser.nonce.encode(errors="replace")).hexdigest()
