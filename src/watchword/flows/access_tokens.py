"""Issues access and refresh tokens for a session (RFC 9068 section 2, RFC 6749 section 5.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from watchword.core.ids import new_id
from watchword.core.models.grants import Client
from watchword.core.models.identity import User
from watchword.core.models.sessions import Session
from watchword.core.oauth.scopes import format_scope, grantable
from watchword.core.tokens.access_token import AccessClaims, sign_access_token
from watchword.core.tokens.refresh_token import RefreshToken, mint_refresh_token
from watchword.flows.context import Context
from watchword.flows.exchange import TokenAnswer
from watchword.flows.key_rotation import signing_material
from watchword.flows.lifetimes import access_ttl
from watchword.flows.subjects import token_subject


@dataclass(frozen=True, slots=True)
class Grantee:
    """Whom a token is for. `issued_at` was taken before `user` was read, so that no later change is missed.

    It is the moment in the `jti`, which cut-offs compare, and may lie a little ahead of the clock.
    """

    user: User
    session: Session
    client: Client
    issued_at: datetime


def allowed_scopes(ctx: Context, requested: frozenset[str], *, user: User, client: Client) -> frozenset[str]:
    """Return those of the requested scopes that this person and this client may have now."""
    permissions = ctx.roles.permissions(user.roles)
    return grantable(requested, declared=ctx.scopes, permissions=permissions, client=client)


async def answer(
    ctx: Context,
    grantee: Grantee,
    scopes: frozenset[str],
    refresh: RefreshToken | None,
    audience: str | None = None,
) -> TokenAnswer:
    """Return a new access token with these scopes, beside this refresh token, for one resource: by default our own."""
    resource = audience or ctx.config.resource
    known = ctx.resources.find(resource)
    kept = scopes if known is None or known.scopes is None else scopes & known.scopes
    ttl = access_ttl(ctx, grantee.client, known)
    return TokenAnswer(
        access_token=await _sign(ctx, grantee, kept, resource, ttl),
        expires_in=int(ttl.total_seconds()),
        scope=format_scope(kept),
        refresh_token=mint_refresh_token(refresh, ctx.secrets) if refresh is not None else None,
    )


async def _sign(ctx: Context, grantee: Grantee, scopes: frozenset[str], audience: str, ttl: timedelta) -> str:
    now, user, session = ctx.clock.now(), grantee.user, grantee.session
    claims = AccessClaims(
        subject=token_subject(ctx, grantee.client, user.id, audience),
        client_id=grantee.client.id,
        audience=audience,
        scopes=scopes,
        issued_at=now,
        expires_at=now + ttl,
        token_id=new_id(grantee.issued_at),
        session_id=session.id,
        roles=_shown_roles(user, grantee.client),
        auth_time=session.auth_time,
        amr=session.amr,
        acr=session.acr,
    )
    return sign_access_token(claims, issuer=ctx.config.issuer, key=await signing_material(ctx))


def _shown_roles(user: User, client: Client) -> tuple[str, ...]:
    """Return the roles that a token carries: none for a client that nobody vouches for, since no one consents to roles.

    With them, a stranger's application would pass every guard that asks for a role, and know who is an administrator.
    """
    return () if client.dynamic else user.roles
