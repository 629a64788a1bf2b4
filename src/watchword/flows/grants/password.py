"""The password grant, as FastAPI's OAuth2PasswordRequestForm sends it (RFC 6749 section 4.3)."""

from watchword.core.errors import InvalidRequest
from watchword.core.models.events import UserLoggedIn
from watchword.core.models.grants import Client
from watchword.core.oauth.scopes import parse_scope
from watchword.core.tokens.refresh_token import RefreshToken
from watchword.flows.access_tokens import answer
from watchword.flows.audience import choose_audience
from watchword.flows.context import Context
from watchword.flows.exchange import TokenAnswer, TokenRequest
from watchword.flows.login import authenticate_password, start_session


async def exchange(ctx: Context, client: Client, request: TokenRequest) -> TokenAnswer:
    """Log a person in, and return an access token and the first refresh token of a new family.

    Raises:
        InvalidRequest: `username` or `password` is missing.
        InvalidScope: `scope` is malformed. Scopes that may not be had are left out of the answer instead.
        InvalidTarget: a `resource` is asked for that is not this application.
        InvalidGrant: wrong credentials.
        TooManyRequests: too many attempts.
    """
    form = request.form
    if "username" not in form or "password" not in form:
        raise InvalidRequest(hint="username or password is missing")
    requested = parse_scope(form.get("scope", "")) or frozenset(ctx.config.default_scopes)
    audience = choose_audience(ctx, (), form)
    user = await authenticate_password(ctx, form["username"], form["password"], request.address)
    grantee, family = await start_session(ctx, user, requested, client=client, user_agent=request.user_agent)
    result = await answer(ctx, grantee, family.scopes, RefreshToken(user.id, family.id, family.generation), audience)
    session_id, at = grantee.session.id, ctx.clock.now()
    event = UserLoggedIn(at=at, user_id=user.id, session_id=session_id, client_id=client.id, address=request.address)
    ctx.events.publish(event)
    return result
