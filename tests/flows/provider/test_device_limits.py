"""What anyone can do to the device grant: guess codes many at once, and store grants without end (ATTACKS X14, B11)."""

import asyncio

import pytest
from tests.flows.doubles import yielding

from watchword.config import LimitConfig, ProviderConfig
from watchword.core.errors import InvalidGrant, TooManyRequests
from watchword.core.models.limits import Limit
from watchword.core.oauth.device_codes import GRANT
from watchword.flows.device import open_device, start_device
from watchword.flows.outcomes import ShowDevice, ShowLogin


async def new_provider(providers, **limits):
    provider = await providers(provider=ProviderConfig(enabled=True, **limits), limits=LimitConfig(), around=yielding)
    return provider, await provider.app(public=True, grants={GRANT})


async def test_of_guesses_at_once_no_more_count_than_of_guesses_in_turn(providers):
    provider, app = await new_provider(providers, device_guesses=Limit(5, 60))
    code = (await start_device(provider.ctx, app.request())).user_code
    seen = provider.browser().seen
    guesses = [open_device(provider.ctx, f"BBBB-{letters}", seen) for letters in ("BBBB", "CCCC", "DDDD", "FFFF") * 16]
    *_, last = await asyncio.gather(*guesses, open_device(provider.ctx, code, seen), return_exceptions=True)
    assert isinstance(last, TooManyRequests)
    provider.tick(seconds=61)
    assert isinstance((await open_device(provider.ctx, code, seen)).outcome, ShowLogin)


async def test_right_codes_are_let_through_however_many_come_at_once(providers):
    provider, app = await new_provider(providers, device_guesses=Limit(2, 600))
    codes = [(await start_device(provider.ctx, app.request())).user_code for _ in range(8)]
    seen = provider.browser().seen
    answers = await asyncio.gather(*[open_device(provider.ctx, code, seen) for code in codes])
    assert {type(each.outcome) for each in answers} == {ShowLogin}
    assert isinstance((await open_device(provider.ctx, "BBBB-BBBB", seen)).outcome, ShowDevice)


async def test_devices_that_begin_at_one_address_are_limited(providers):
    provider, app = await new_provider(providers, device_requests=Limit(3, 600))
    for _ in range(3):
        await start_device(provider.ctx, app.request())
    with pytest.raises(TooManyRequests):
        await start_device(provider.ctx, app.request())
    provider.tick(seconds=601)
    assert (await start_device(provider.ctx, app.request())).device_code


@pytest.mark.parametrize("kind", ["code", "refresh_token", "device_code"])
async def test_a_secret_of_one_kind_is_none_of_another(provider, browser, kind):
    """ATTACKS C10: what redeems one thing is tried as another."""
    tv = await provider.app(public=True, grants={GRANT, "authorization_code", "refresh_token"})
    code = await tv.code(browser)
    device_code = (await start_device(provider.ctx, tv.request())).device_code
    refresh_token = (await tv.tokens(browser)).refresh_token
    secrets = {"code": code, "refresh_token": refresh_token, "device_code": device_code}
    names = {"code": "authorization_code", "refresh_token": "refresh_token", "device_code": GRANT}
    for other, secret in secrets.items():
        if other != kind:
            with pytest.raises(InvalidGrant):
                await tv.token(grant_type=names[kind], **{kind: secret, "code_verifier": tv.verifier})
