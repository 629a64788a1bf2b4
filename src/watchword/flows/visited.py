"""Tells the clients that a session was at that it has ended (OpenID Connect Back-Channel and Front-Channel Logout)."""

from collections.abc import Sequence
from contextlib import suppress

from watchword.core.errors import StoreUnavailable
from watchword.core.ids import new_id
from watchword.core.models.client_metadata import NO_METADATA
from watchword.core.models.grants import Client
from watchword.core.models.sessions import Session
from watchword.core.oauth.logout_rules import front_channel_url
from watchword.core.tokens.logout_token import sign_logout_token
from watchword.flows.context import Context
from watchword.flows.key_rotation import signing_material
from watchword.flows.subjects import subject_for


async def tell_client(ctx: Context, session: Session) -> None:
    """Queue a logout token for the client of an ended session, if it wants one. Never waits for an answer.

    The session has ended, whatever happens here: a client that cannot be looked up now is not told.
    """
    with suppress(StoreUnavailable):
        client = await _find(ctx, session)
        if client is not None and client.metadata.backchannel_logout_uri is not None:
            ctx.notifier.notify(client.metadata.backchannel_logout_uri, await _token(ctx, client, session))


async def frames_of(ctx: Context, sessions: Sequence[Session]) -> tuple[str, ...]:
    """Return what the logged-out page loads in iframes, so that clients in this browser end their sessions."""
    urls: dict[str, None] = {}
    for session in sessions:
        client = await _find(ctx, session)
        metadata = client.metadata if client is not None else NO_METADATA
        url = front_channel_url(metadata, issuer=ctx.config.issuer, session_id=session.id)
        urls.update({url: None} if url is not None else {})
    return tuple(urls)


async def _find(ctx: Context, session: Session) -> Client | None:
    if session.client_id == ctx.client.id:
        return None
    client = await ctx.clients.find(session.client_id)
    return client if client is not None and not client.disabled else None


async def _token(ctx: Context, client: Client, session: Session) -> str:
    now = ctx.clock.now()
    return sign_logout_token(
        issuer=ctx.config.issuer,
        client_id=client.id,
        subject=subject_for(ctx, client, session.user_id),
        session_id=session.id,
        token_id=new_id(now),
        now=now,
        key=await signing_material(ctx, client.metadata.id_token_signed_response_alg),
    )
