"""Devices: a short code, typed by whoever approves it, and tokens for exactly one poll (RFC 8628)."""

import asyncio

import pytest
from tests.flows.doubles import yielding
from tests.flows.provider.provider import FLOW
from tests.flows.world import PASSWORD

from watchword.config import LimitConfig, ProviderConfig
from watchword.core.authorize_errors import (
    AccessDenied,
    AuthorizationPending,
    ExpiredToken,
    InteractionExpired,
    InvalidTarget,
    SlowDown,
)
from watchword.core.errors import InvalidGrant, InvalidRequest, InvalidScope, TooManyRequests, UnauthorizedClient
from watchword.core.models.limits import Limit
from watchword.core.oauth.device_codes import GRANT
from watchword.core.tokens.opaque import hash_secret, new_secret
from watchword.flows.admin import disable_user
from watchword.flows.device import open_device, start_device
from watchword.flows.outcomes import ShowConsent, ShowDevice, ShowDeviceDone, ShowError, ShowLogin


@pytest.fixture
async def device(provider):
    return await provider.app(public=True, grants={GRANT, *FLOW})


async def start(device, **form):
    return await start_device(device.ctx, device.request(**{"scope": "openid read", **form}))


async def poll(device, begun, **form):
    return await device.token(grant_type=GRANT, device_code=begun.device_code, **form)


async def type_in(browser, code):
    return browser.take(await open_device(browser.ctx, code, browser.seen))


async def approve(browser, begun, username="ada"):
    if isinstance(await type_in(browser, begun.user_code), ShowLogin):
        await browser.login(username)
    return await browser.decide()


async def test_a_device_is_approved_in_a_browser_and_gets_its_tokens_once(provider, device, browser):
    begun = await start(device)
    assert (begun.expires_in, begun.interval) == (600, 5)
    with pytest.raises(AuthorizationPending):
        await poll(device, begun)
    assert isinstance(await type_in(browser, begun.user_code), ShowLogin)
    shown = await browser.login()
    assert isinstance(shown, ShowConsent)
    assert (shown.user_code, [scope.name for scope in shown.scopes]) == (begun.user_code, ["openid", "read"])
    done = await browser.decide()
    assert isinstance(done, ShowDeviceDone)
    assert (done.allowed, done.client.id) == (True, device.id)

    provider.tick(seconds=5)
    answer = await poll(device, begun)
    claims = provider.claims(answer.id_token)
    assert (answer.scope, claims["aud"], claims["amr"]) == ("openid read", device.id, ["pwd"])
    assert (await device.refresh(answer)).id_token
    with pytest.raises(InvalidGrant):
        await poll(device, begun)


@pytest.mark.parametrize(
    "typed", [str.lower, lambda code: code.replace("-", ""), lambda code: f" {code[:2]} {code[2:]} "]
)
async def test_a_code_may_be_typed_in_any_case_with_any_dashes(device, browser, typed):
    begun = await start(device)
    assert isinstance(await type_in(browser, typed(begun.user_code)), ShowLogin)


async def test_a_device_is_always_asked_about_even_of_a_first_party(provider, browser):
    device = await provider.app(public=True, grants={GRANT}, first_party=True)
    await approve(browser, await start(device))
    assert isinstance(await type_in(browser, (await start(device)).user_code), ShowConsent)


async def test_who_asks_too_often_is_told_to_slow_down_more_each_time(provider, device, browser):
    begun = await start(device)
    with pytest.raises(AuthorizationPending):
        await poll(device, begun)
    provider.tick(seconds=4)
    with pytest.raises(SlowDown):
        await poll(device, begun)
    provider.tick(seconds=9)
    with pytest.raises(SlowDown):
        await poll(device, begun)
    provider.tick(seconds=15)
    with pytest.raises(AuthorizationPending):
        await poll(device, begun)


async def test_a_refused_device_is_told_so(device, browser):
    begun = await start(device)
    await type_in(browser, begun.user_code)
    await browser.login()
    done = await browser.decide(allow=False)
    assert (type(done), done.allowed) == (ShowDeviceDone, False)
    with pytest.raises(AccessDenied):
        await poll(device, begun)
    assert isinstance(await type_in(browser, begun.user_code), ShowDevice)


async def test_who_is_not_logged_in_denies_nothing(device, browser):
    begun = await start(device)
    await type_in(browser, begun.user_code)
    assert isinstance(await browser.cancel(), ShowDeviceDone)
    with pytest.raises(AuthorizationPending):
        await poll(device, begun)


async def test_a_device_code_expires_for_the_device_and_for_the_person(provider, device, browser):
    begun = await start(device)
    await type_in(browser, begun.user_code)
    await browser.login()
    provider.tick(seconds=600)
    with pytest.raises(ExpiredToken):
        await poll(device, begun)
    with pytest.raises(InteractionExpired):
        await browser.decide()
    shown = await type_in(browser, begun.user_code)
    assert (type(shown), shown.wrong) == (ShowDevice, True)


async def test_two_people_cannot_both_decide(provider, device, browser):
    await provider.sign_up("bob")
    begun, bobs = await start(device), provider.browser()
    await type_in(browser, begun.user_code)
    await browser.login("ada")
    await type_in(bobs, begun.user_code)
    await bobs.login("bob")
    await bobs.decide()
    for allow in (True, False):
        page = browser.at
        late = await browser.decide(allow=allow)
        assert (type(late), type(late.error)) == (ShowError, InteractionExpired)
        browser.at = page
    answer = await poll(device, begun)
    bob = await provider.plain.users.find_by_login("bob")
    assert provider.claims(answer.id_token)["sub"] == bob.id


async def test_no_code_shows_the_form_and_a_wrong_one_says_so(browser):
    shown = await type_in(browser, "  ")
    assert (type(shown), shown.wrong) == (ShowDevice, False)
    for text in ("nonsense", "BCDF-GHJK", "\udc80", "x" * 10_000):
        shown = await type_in(browser, text)
        assert (type(shown), shown.wrong) == (ShowDevice, True)


async def test_wrong_codes_are_counted_and_right_ones_are_not(providers):
    config = ProviderConfig(enabled=True, device_guesses=Limit(3, 60))
    provider = await providers(provider=config, limits=LimitConfig())
    await provider.sign_up()
    device = await provider.app(public=True, grants={GRANT})
    begun, browser = await start(device), provider.browser()
    for _ in range(5):
        assert isinstance(await type_in(browser, begun.user_code), ShowLogin)
    for _ in range(3):
        await type_in(browser, "BCDF-GHJK")
    for code in ("BCDF-GHJK", begun.user_code):
        with pytest.raises(TooManyRequests):
            await type_in(browser, code)
    provider.tick(seconds=61)
    assert isinstance(await type_in(browser, begun.user_code), ShowLogin)


async def test_only_hashes_of_both_codes_are_stored(provider, device):
    begun = await start(device)
    stored = await provider.plain.devices.find(hash_secret(begun.device_code))
    assert stored is not None
    text = repr((stored, stored.device_hash, stored.user_code_hash))
    assert begun.device_code not in text
    assert begun.user_code not in text


@pytest.mark.parametrize("code", ["nonsense", new_secret("wwdc"), new_secret("wwac")], ids=range(3))
async def test_an_unknown_device_code_is_invalid(device, browser, code):
    begun = await start(device)
    await approve(browser, begun)
    with pytest.raises(InvalidGrant):
        await device.token(grant_type=GRANT, device_code=code)
    with pytest.raises(InvalidRequest):
        await device.token(grant_type=GRANT)
    assert (await poll(device, begun)).access_token


async def test_a_device_code_is_its_clients_own(provider, device, browser):
    other, begun = await provider.app(public=True, grants={GRANT}), await start(device)
    await approve(browser, begun)
    with pytest.raises(InvalidGrant):
        await poll(other, begun)
    assert (await poll(device, begun)).access_token


async def test_a_client_without_the_grant_starts_nothing(app):
    with pytest.raises(UnauthorizedClient):
        await start(app)


async def test_what_a_device_asks_for_is_checked(device):
    with pytest.raises(InvalidScope):
        await start(device, scope='"')
    with pytest.raises(InvalidTarget):
        await start(device, resource="https://unknown.example")
    assert await start(device, resource="https://id.example")


async def test_a_device_dies_with_the_account_before_it_is_redeemed(provider, device, browser):
    begun = await start(device)
    await approve(browser, begun)
    user = await provider.plain.users.find_by_login("ada")
    await disable_user(provider.ctx, user.id)
    with pytest.raises(InvalidGrant):
        await poll(device, begun)


async def test_of_many_polls_at_once_exactly_one_gets_tokens(providers):
    provider = await providers(around=yielding)
    await provider.sign_up("ada", PASSWORD)
    device = await provider.app(public=True, grants={GRANT, *FLOW})
    begun = await start(device)
    await approve(provider.browser(), begun)
    results = await asyncio.gather(*(poll(device, begun) for _ in range(64)), return_exceptions=True)
    won = [each for each in results if not isinstance(each, Exception)]
    assert len(won) == 1
    assert all(isinstance(each, InvalidGrant) for each in results if each not in won)
    assert (await provider.who(won[0])).client_id == device.id
