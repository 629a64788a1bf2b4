"""Makes authorization codes (RFC 6749 section 4.1.2)."""

from watchword.core.ids import new_id
from watchword.core.models.authorizations import AuthorizationCode
from watchword.core.models.grants import Client
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.oauth.code_rules import KIND
from watchword.core.tokens.opaque import hash_secret, new_secret
from watchword.flows.authorize_answers import respond
from watchword.flows.browser_session import Presence
from watchword.flows.browser_state import find_session_state
from watchword.flows.context import Context
from watchword.flows.front_channel import front_channel_fields
from watchword.flows.outcomes import Answer


async def answer_with_code(
    ctx: Context, client: Client, request: AuthorizeRequest, presence: Presence, scopes: frozenset[str]
) -> Answer:
    """Store a new code with all that it is bound to, and send it to the client, with what else was asked for.

    Raises:
        InvalidGrant: tokens were asked for in the response itself, and the login has just ended.
    """
    secret = new_secret(KIND)
    code = secret if request.wants_code else None
    grant = _record(ctx, client, request, presence, scopes, hash_secret(secret))
    if code is not None:
        await ctx.stores.codes.add(grant)
    issued = await front_channel_fields(ctx, client, request, grant, code)
    state = find_session_state(ctx, request, presence.session)
    return respond(ctx, request, {"code": code, **issued, "session_state": state})


def _record(
    ctx: Context,
    client: Client,
    request: AuthorizeRequest,
    presence: Presence,
    scopes: frozenset[str],
    code_hash: bytes,
) -> AuthorizationCode:
    now, login = ctx.clock.now(), presence.session
    return AuthorizationCode(
        code_hash=code_hash,
        client_id=client.id,
        user_id=presence.user.id,
        session_id=new_id(now),
        redirect_uri=request.redirect_uri,
        redirect_uri_given=request.redirect_uri_given,
        scopes=scopes,
        auth_time=login.auth_time,
        created_at=now,
        expires_at=now + ctx.config.provider.code_ttl,
        browser_id=login.id,
        resource=request.resource,
        code_challenge=request.code_challenge,
        nonce=request.nonce,
        acr=login.acr,
        amr=login.amr,
        claims=request.claims,
        cnf=request.dpop_jkt,
    )
