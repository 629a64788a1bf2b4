"""The refresh_token grant (RFC 6749 section 6, RFC 9700 section 4.14.2)."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from watchword.core.errors import InvalidGrant, InvalidRequest, ReplayedToken, StoreUnavailable
from watchword.core.models.events import RefreshReplayed
from watchword.core.models.grants import Client, RefreshFamily
from watchword.core.models.identity import User
from watchword.core.models.sessions import Session
from watchword.core.oauth.refresh_rules import RefreshAction, RefreshDecision, check_refresh
from watchword.core.oauth.scopes import parse_scope
from watchword.core.tokens.refresh_token import RefreshToken, parse_refresh_token
from watchword.flows.access_tokens import Grantee, allowed_scopes, answer
from watchword.flows.audience import choose_audience
from watchword.flows.context import Context
from watchword.flows.exchange import TokenAnswer, TokenRequest
from watchword.flows.id_tokens import OPENID, with_id_token
from watchword.flows.issue_time import issue_time
from watchword.flows.lifetimes import refresh_idle_ttl
from watchword.flows.sessions import end_session
from watchword.ports.grants import Rotation

TOUCH_EVERY = timedelta(minutes=1)
"""How exactly a session knows when it was last seen. A refresh has to be durable once, not twice."""
MOST_TRIES = 4
"""A rotation that loses is judged again: then it is a repeat, a replay or revoked, and seldom stale once more."""


async def exchange(ctx: Context, client: Client, request: TokenRequest) -> TokenAnswer:
    """Rotate a refresh token, and return a new access token with the successor.

    Raises:
        InvalidRequest: `refresh_token` is missing.
        InvalidGrant: the token, its session or its account is not good any more. A replay has killed the family and
            ended the session before this is raised.
        InvalidClient: the client was disabled or deleted in this moment.
        InvalidScope, InvalidTarget: more is asked for than was granted.
        StoreUnavailable: nothing is certain; the same token may be sent again.
    """
    if not request.form.get("refresh_token"):
        raise InvalidRequest(hint="refresh_token is missing")
    token = parse_refresh_token(request.form["refresh_token"], ctx.secrets)
    requested = parse_scope(request.form.get("scope", "")) or None
    try:
        grantee, decision, audience = await _advance(ctx, client, token, requested, request.form)
    except ReplayedToken as replay:
        await _punish(ctx, replay)
        raise
    scopes = allowed_scopes(ctx, decision.scopes, user=grantee.user, client=client)
    successor = RefreshToken(token.user_id, token.family_id, decision.generation)
    result = await answer(ctx, grantee, scopes, successor, audience)
    if OPENID in scopes and grantee.session.browser_id is not None:
        return await with_id_token(ctx, grantee, result)
    return result


async def _advance(
    ctx: Context, client: Client, token: RefreshToken, requested: frozenset[str] | None, form: Mapping[str, str]
) -> tuple[Grantee, RefreshDecision, str]:
    """Judge the token, and rotate unless it is a repeat; the grantee is read before each try, so never too early."""
    for _ in range(MOST_TRIES):
        issued_at = await issue_time(ctx, client, token.user_id)
        holding = await ctx.stores.families.find_holding(token.user_id, token.family_id)
        now = ctx.clock.now()
        decision, audience = _judge(ctx, client, token, requested, form, holding.family, now)
        session = _check_live(holding.session, now)
        grantee = Grantee(await _check_enabled(ctx, holding.user, session), session, client, issued_at)
        if decision.action is RefreshAction.REPEAT:
            return grantee, decision, audience
        rotation = await ctx.stores.families.rotate(
            token.user_id,
            token.family_id,
            generation=token.generation,
            scopes=decision.scopes,
            idle_expires_at=now + refresh_idle_ttl(ctx, client),
            now=now,
        )
        if rotation is Rotation.ROTATED:
            if now - session.last_seen_at >= TOUCH_EVERY:
                await ctx.stores.sessions.touch(session.user_id, session.id, now=now)
            return grantee, decision, audience
        if rotation is not Rotation.STALE:
            raise InvalidGrant(hint=f"family {token.family_id}: {rotation.name} meanwhile")
    raise StoreUnavailable(hint=f"family {token.family_id} stays stale")


def _judge(
    ctx: Context,
    client: Client,
    token: RefreshToken,
    requested: frozenset[str] | None,
    form: Mapping[str, str],
    family: RefreshFamily | None,
    now: datetime,
) -> tuple[RefreshDecision, str]:
    """Return what the token is worth and which resource the answer is for; the family stays bound to all of its own."""
    bound, grace = family.resource if family is not None else (), ctx.config.tokens.refresh_grace
    decision = check_refresh(
        family, token, client_id=client.id, requested=requested, grace=grace, now=now, resource=bound
    )
    return decision, choose_audience(ctx, bound, form)


def _check_live(session: Session | None, now: datetime) -> Session:
    if session is None or session.ended_at is not None or session.expires_at <= now:
        raise InvalidGrant(hint="the session has ended")
    return session


async def _check_enabled(ctx: Context, user: User | None, session: Session) -> User:
    if user is None or user.disabled:
        reason = "deleted" if user is None else "disabled"
        await end_session(ctx, session.user_id, session.id, reason=reason)
        raise InvalidGrant(hint=f"user {session.user_id} is {reason}")
    return user


async def _punish(ctx: Context, replay: ReplayedToken) -> None:
    """Kill the family and end its session. Durable before the refusal leaves; a store that fails makes it a 503."""
    user_id, family_id, session_id = replay.user_id, replay.family_id, replay.session_id
    ended = await end_session(ctx, user_id, session_id, reason="replayed")
    revoked = await ctx.stores.families.revoke(user_id, family_id)
    if ended or revoked:  # of several at once, one tells
        at = ctx.clock.now()
        ctx.events.publish(RefreshReplayed(at=at, user_id=user_id, family_id=family_id, session_id=session_id))
