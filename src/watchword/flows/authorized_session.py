"""Begins the session of what a person has authorized before: a code or a device that is redeemed now."""

from dataclasses import dataclass
from datetime import datetime

from watchword.core.errors import InvalidGrant
from watchword.core.ids import new_id
from watchword.core.models.authorizations import AuthorizationCode, DeviceGrant
from watchword.core.models.grants import Client, RefreshFamily
from watchword.core.models.identity import User
from watchword.core.models.sessions import Session
from watchword.core.tokens.refresh_token import RefreshToken
from watchword.flows.access_tokens import Grantee, allowed_scopes
from watchword.flows.browser_session import is_live
from watchword.flows.context import Context
from watchword.flows.issue_time import issue_time
from watchword.flows.lifetimes import refresh_idle_ttl, refresh_max_ttl
from watchword.flows.login import is_unchanged, shown_user_agent
from watchword.flows.sessions import end_session

REFRESH = "refresh_token"


@dataclass(frozen=True, slots=True)
class Authorized:
    """A session that has just begun. `refresh` is None for a client that may not refresh."""

    grantee: Grantee
    scopes: frozenset[str]
    refresh: RefreshToken | None


async def begin_authorized(
    ctx: Context, client: Client, grant: AuthorizationCode | DeviceGrant, *, user_agent: str
) -> Authorized:
    """Begin the session that a code or a device grant names, and its refresh family if the client may refresh.

    Account and login are read after the session is stored: whoever ends them either comes before that and is seen
    here, or comes later and finds the session.

    Raises:
        InvalidGrant: the account is gone, disabled or was changed, or the login has ended.
        InvalidClient: the client was disabled or deleted in this moment.
    """
    user_id, session_id = grant.user_id or "", grant.session_id or ""
    user = await _get_user(ctx, user_id)
    issued_at = await issue_time(ctx, client, user_id)
    session = _session(ctx, client, grant, user_agent)
    scopes = allowed_scopes(ctx, grant.scopes, user=user, client=client)
    family = _family(ctx, client, session, scopes, grant.resource) if REFRESH in client.grants else None
    if family is not None:
        await ctx.stores.sessions.begin(session, family)
    else:
        await ctx.stores.sessions.add(session)
    fresh = await ctx.stores.users.find(user_id)
    unchanged = is_unchanged(fresh, user) and scopes <= allowed_scopes(ctx, scopes, user=fresh, client=client)
    if not unchanged or fresh is None or not await _is_logged_in(ctx, grant):
        await end_session(ctx, user_id, session_id, reason="revoked")
        raise InvalidGrant(hint=f"user {user_id} changed, or logged out, before the grant was redeemed")
    token = RefreshToken(user_id, family.id, family.generation) if family is not None else None
    return Authorized(Grantee(fresh, session, client, issued_at), scopes, token)


async def _get_user(ctx: Context, user_id: str) -> User:
    user = await ctx.stores.users.find(user_id)
    if user is None or user.disabled:
        raise InvalidGrant(hint=f"user {user_id} is disabled or gone")
    return user


async def _is_logged_in(ctx: Context, grant: AuthorizationCode | DeviceGrant) -> bool:
    """Whether the login that the grant came of goes on: after a logout nothing new comes of it."""
    if grant.browser_id is None or grant.user_id is None:
        return False
    login = await ctx.stores.browsers.find(grant.user_id, grant.browser_id)
    return login is not None and is_live(ctx, login)


def _session(ctx: Context, client: Client, grant: AuthorizationCode | DeviceGrant, user_agent: str) -> Session:
    now: datetime = ctx.clock.now()
    return Session(
        user_id=grant.user_id or "",
        id=grant.session_id or "",
        client_id=client.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + refresh_max_ttl(ctx, client),
        auth_time=grant.auth_time or now,
        amr=grant.amr,
        acr=grant.acr,
        user_agent=shown_user_agent(user_agent),
        browser_id=grant.browser_id,
    )


def _family(
    ctx: Context, client: Client, session: Session, scopes: frozenset[str], resource: tuple[str, ...]
) -> RefreshFamily:
    now = session.created_at
    return RefreshFamily(
        user_id=session.user_id,
        id=new_id(now),
        session_id=session.id,
        client_id=client.id,
        scopes=scopes,
        created_at=now,
        idle_expires_at=min(now + refresh_idle_ttl(ctx, client), session.expires_at),
        expires_at=session.expires_at,
        resource=resource,
    )
