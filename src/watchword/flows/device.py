"""The device authorization grant, but for the token endpoint (RFC 8628 sections 3.1 to 3.3)."""

from dataclasses import dataclass, field, replace

from watchword.core.errors import StoreUnavailable, TooManyRequests, UnauthorizedClient
from watchword.core.models.authorizations import DeviceGrant, DeviceStatus
from watchword.core.models.events import LimitReached
from watchword.core.models.grants import Client
from watchword.core.network import network_of
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.oauth.device_codes import (
    GRANT,
    KIND,
    find_user_code,
    hash_user_code,
    new_user_code,
    show_user_code,
)
from watchword.core.oauth.resources import check_resources
from watchword.core.oauth.scopes import parse_scope
from watchword.core.tokens.opaque import hash_secret, new_secret
from watchword.flows.authorize import get_authorizing_client
from watchword.flows.browser import Browser
from watchword.flows.browser_session import find_login
from watchword.flows.client_auth import identify_client
from watchword.flows.context import Context
from watchword.flows.exchange import TokenRequest
from watchword.flows.next_page import go_on
from watchword.flows.outcomes import Answer, ShowDevice
from watchword.flows.pending import new_pending

GUESSES, REQUESTS = "device-guesses", "device-requests"
MOST_TRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAnswer:
    """What a device is told (section 3.2), but for the addresses. Times are in seconds."""

    device_code: str = field(repr=False)
    user_code: str
    expires_in: int
    interval: int


async def start_device(ctx: Context, request: TokenRequest) -> DeviceAnswer:
    """Begin a device authorization.

    Raises:
        InvalidClient, InvalidRequest: as `identify_client`.
        UnauthorizedClient: the client may not use this grant.
        InvalidScope, InvalidTarget: what it asks for is malformed or unknown.
        TooManyRequests: too many devices at this address: each is stored, and makes user codes easier to guess.
    """
    client = await identify_client(ctx, request, endpoint="/device_authorization")
    if GRANT not in client.grants:
        raise UnauthorizedClient(hint=f"client {client.id} may not use the device grant")
    await _count_request(ctx, request.address)
    device_code, blank = new_secret(KIND), await _grant(ctx, client, request)
    for _ in range(MOST_TRIES):
        user_code = new_user_code()
        grant = replace(blank, device_hash=hash_secret(device_code), user_code_hash=_hash(ctx, user_code))
        if await ctx.stores.devices.add(grant):
            return DeviceAnswer(
                device_code=device_code,
                user_code=show_user_code(user_code),
                expires_in=int(ctx.config.provider.device_ttl.total_seconds()),
                interval=int(grant.interval.total_seconds()),
            )
    raise StoreUnavailable(hint="no user code is free")


async def open_device(ctx: Context, user_code: str, browser: Browser) -> Answer:
    """Return the next page for a person who has typed the code of a device, or nothing yet.

    A person who is not logged in is asked to do that first, then whether the device may go on. The code must be typed
    by somebody: wrong ones are counted.

    Raises:
        TooManyRequests: too many wrong codes from this address.
    """
    if not user_code.strip():
        return Answer(ShowDevice())
    await _check_guesses(ctx, browser)
    code = find_user_code(user_code)
    grant = await ctx.stores.devices.find_by_user_code(_hash(ctx, code)) if code is not None else None
    now = ctx.clock.now()
    if code is None or grant is None or grant.status is not DeviceStatus.PENDING or grant.expires_at <= now:
        await ctx.limiter.hit(GUESSES, network_of(browser.address), ctx.config.provider.device_guesses)
        return Answer(ShowDevice(user_code[:64], wrong=True))
    await _check_guesses(ctx, browser)  # again: of a thousand guesses at once no more count than one after the other
    client = await get_authorizing_client(ctx, grant.client_id)
    asked = AuthorizeRequest(client_id=client.id, redirect_uri="", scopes=grant.scopes, resource=grant.resource)
    pending = replace(new_pending(ctx, asked, browser), device_hash=grant.device_hash, user_code=code)
    return await go_on(ctx, client, pending, await find_login(ctx, browser.cookie))


async def _count_request(ctx: Context, address: str) -> None:
    wait = await ctx.limiter.hit(REQUESTS, network_of(address), ctx.config.provider.device_requests)
    if wait:
        ctx.events.publish(LimitReached(at=ctx.clock.now(), limit="device", address=address))
        raise TooManyRequests(retry_after=wait, hint="too many device authorizations")


async def _check_guesses(ctx: Context, browser: Browser) -> None:
    wait = await ctx.limiter.wait(GUESSES, network_of(browser.address), ctx.config.provider.device_guesses)
    if wait:
        ctx.events.publish(LimitReached(at=ctx.clock.now(), limit="device", address=browser.address))
        raise TooManyRequests(retry_after=wait, hint="too many wrong user codes")


async def _grant(ctx: Context, client: Client, request: TokenRequest) -> DeviceGrant:
    form, now, provider = request.form, ctx.clock.now(), ctx.config.provider
    asked = (form["resource"],) if form.get("resource") else ()
    await ctx.resources.know(asked)
    known, allowed = ctx.resources.by_uri, client.metadata.resources
    return DeviceGrant(
        device_hash=b"",
        user_code_hash=b"",
        client_id=client.id,
        scopes=parse_scope(form.get("scope", "")) or frozenset(ctx.config.default_scopes),
        created_at=now,
        expires_at=now + provider.device_ttl,
        interval=provider.device_interval,
        resource=check_resources(asked, known=known, allowed=allowed),
    )


def _hash(ctx: Context, user_code: str) -> bytes:
    return hash_user_code(user_code, ctx.secrets)
