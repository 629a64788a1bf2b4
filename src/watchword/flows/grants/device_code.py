"""The token endpoint for devices (RFC 8628 sections 3.4 and 3.5)."""

from collections.abc import Mapping
from types import MappingProxyType

from watchword.core.authorize_errors import AccessDenied, AuthorizationPending, ExpiredToken, SlowDown
from watchword.core.errors import InvalidGrant, InvalidRequest, OAuthError
from watchword.core.models.authorizations import DeviceGrant
from watchword.core.models.grants import Client
from watchword.core.oauth.device_codes import KIND
from watchword.core.tokens.opaque import check_secret, hash_secret
from watchword.flows.access_tokens import answer
from watchword.flows.audience import choose_audience
from watchword.flows.authorized_session import begin_authorized
from watchword.flows.context import Context
from watchword.flows.exchange import TokenAnswer, TokenRequest
from watchword.flows.id_tokens import OPENID, with_id_token
from watchword.ports.authorizations import Poll
from watchword.ports.identity import Redemption

_REFUSALS: Mapping[Poll, type[OAuthError]] = MappingProxyType(
    {
        Poll.PENDING: AuthorizationPending,
        Poll.SLOW_DOWN: SlowDown,
        Poll.DENIED: AccessDenied,
        Poll.EXPIRED: ExpiredToken,
        Poll.SPENT: InvalidGrant,
        Poll.ABSENT: InvalidGrant,
    }
)


async def exchange(ctx: Context, client: Client, request: TokenRequest) -> TokenAnswer:
    """Answer a device that asks whether the person has approved. Exactly one request gets the tokens.

    Raises:
        AuthorizationPending, SlowDown: ask again, later.
        AccessDenied, ExpiredToken: it is over.
        InvalidGrant: no such device code, another client's, or spent; or the person has logged out or is disabled.
        InvalidTarget: a resource is asked for that was not approved.
    """
    grant = await _find(ctx, client, request.form)
    polled = await ctx.stores.devices.poll(grant.device_hash, now=ctx.clock.now())
    if polled is not Poll.APPROVED:
        raise _REFUSALS[polled](hint=f"device grant: {polled.name}")
    audience = choose_audience(ctx, grant.resource, request.form)
    if await ctx.stores.devices.redeem(grant.device_hash, now=ctx.clock.now()) is not Redemption.REDEEMED:
        raise InvalidGrant(hint="the device code was redeemed meanwhile, or has expired")
    approved = await _find(ctx, client, request.form)
    begun = await begin_authorized(ctx, client, approved, user_agent=request.user_agent)
    result = await answer(ctx, begun.grantee, begun.scopes, begun.refresh, audience)
    return await with_id_token(ctx, begun.grantee, result) if OPENID in begun.scopes else result


async def _find(ctx: Context, client: Client, form: Mapping[str, str]) -> DeviceGrant:
    if not form.get("device_code"):
        raise InvalidRequest(hint="device_code is missing")
    try:
        device_hash = hash_secret(check_secret(form["device_code"], KIND))
    except ValueError:
        raise InvalidGrant(hint="a malformed device code") from None
    grant = await ctx.stores.devices.find(device_hash)
    if grant is None or grant.client_id != client.id:
        raise InvalidGrant(hint="no such device code, or another client's")
    return grant
