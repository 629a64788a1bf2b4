"""The authorization_code grant (RFC 6749 section 4.1.3, RFC 7636 section 4.5, RFC 8707 section 2.2)."""

from collections.abc import Mapping

from watchword.core.errors import InvalidGrant, InvalidRequest
from watchword.core.models.authorizations import AuthorizationCode
from watchword.core.models.client_metadata import ConsentPolicy
from watchword.core.models.grants import Client
from watchword.core.models.provider_events import CodeReplayed
from watchword.core.oauth.code_rules import KIND, check_code
from watchword.core.tokens.opaque import check_secret, hash_secret
from watchword.flows.access_tokens import answer
from watchword.flows.audience import choose_audience
from watchword.flows.authorized_session import Authorized, begin_authorized
from watchword.flows.consent import consent_policy
from watchword.flows.context import Context
from watchword.flows.exchange import TokenAnswer, TokenRequest
from watchword.flows.id_tokens import OPENID, with_id_token
from watchword.flows.sessions import end_session
from watchword.ports.identity import Redemption


async def exchange(ctx: Context, client: Client, request: TokenRequest) -> TokenAnswer:
    """Redeem a code. Everything is checked first; then exactly one request redeems it.

    Raises:
        InvalidRequest: `code` is missing.
        InvalidGrant: the code is not good, or not with what came beside it. One that was redeemed before has ended the
            session that came of it before this is raised.
        InvalidTarget: a resource is asked for that the code is not bound to.
    """
    form = request.form
    code = await _check(ctx, client, form)
    audience = choose_audience(ctx, code.resource, form)
    await _redeem(ctx, code)
    begun = await begin_authorized(ctx, client, code, user_agent=request.user_agent)
    await _check_unused(ctx, code)
    await _check_consent(ctx, client, code)
    result = await answer(ctx, begun.grantee, begun.scopes, begun.refresh, audience)
    return await _with_id_token(ctx, code, begun, result)


async def _check(ctx: Context, client: Client, form: Mapping[str, str]) -> AuthorizationCode:
    if not form.get("code"):
        raise InvalidRequest(hint="code is missing")
    try:
        code_hash = hash_secret(check_secret(form["code"], KIND))
    except ValueError:
        raise InvalidGrant(hint="a malformed code") from None
    code = await ctx.stores.codes.find(code_hash)
    if code is not None and code.client_id != client.id:
        await _burn(ctx, code)
    return check_code(
        code,
        client_id=client.id,
        redirect_uri=form.get("redirect_uri"),
        verifier=form.get("code_verifier"),
        now=ctx.clock.now(),
    )


async def _burn(ctx: Context, code: AuthorizationCode) -> None:
    """Spend a code that came from another client than it was made for: it has leaked."""
    if await ctx.stores.codes.redeem(code.code_hash, now=ctx.clock.now()) is Redemption.SPENT:
        await _punish(ctx, code)


async def _redeem(ctx: Context, code: AuthorizationCode) -> None:
    redemption = await ctx.stores.codes.redeem(code.code_hash, now=ctx.clock.now())
    if redemption is Redemption.SPENT:
        await _punish(ctx, code)
    if redemption is not Redemption.REDEEMED:
        raise InvalidGrant(hint=f"the code is {redemption.name}")


async def _punish(ctx: Context, code: AuthorizationCode) -> None:
    """End what came of a code that is used again, durably (RFC 6749 section 4.1.2).

    Where the session has not begun yet, nothing is found to end; but then who begins it sees the code used again.
    """
    if await end_session(ctx, code.user_id, code.session_id, reason="replayed"):
        at, session_id = ctx.clock.now(), code.session_id
        ctx.events.publish(CodeReplayed(at=at, user_id=code.user_id, client_id=code.client_id, session_id=session_id))


async def _check_unused(ctx: Context, code: AuthorizationCode) -> None:
    """Refuse if somebody has used the code again meanwhile: they may have come before there was a session to end."""
    known = await ctx.stores.codes.find(code.code_hash)
    if known is None or known.reused_at is not None:
        await _punish(ctx, code)
        raise InvalidGrant(hint="the code was used again meanwhile")


async def _check_consent(ctx: Context, client: Client, code: AuthorizationCode) -> None:
    """Refuse if the person has taken back their consent meanwhile.

    It is read after the session is stored: whoever takes it back either did so before, or finds the session.
    """
    if consent_policy(ctx, client) is ConsentPolicy.NEVER:
        return
    consent = await ctx.stores.consents.find(code.user_id, client.id)
    if consent is None or not code.scopes <= consent.scopes:
        await end_session(ctx, code.user_id, code.session_id, reason="revoked")
        raise InvalidGrant(hint="the consent was taken back before the code was redeemed")


async def _with_id_token(ctx: Context, code: AuthorizationCode, begun: Authorized, result: TokenAnswer) -> TokenAnswer:
    if OPENID not in begun.scopes:
        return result
    return await with_id_token(ctx, begun.grantee, result, nonce=code.nonce, claims=code.claims)
