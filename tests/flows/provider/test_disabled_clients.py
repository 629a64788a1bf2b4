"""A client that is disabled in the very moment in which somebody gets a token by it."""

import pytest
from tests.flows.doubles import Interruption
from tests.flows.provider.provider import FLOW, App
from tests.flows.world import PASSWORD

from watchword.core.errors import InvalidClient, InvalidToken
from watchword.flows.clients import disable_client, enable_client, rotate_secret

EVERY_FLOW = FLOW | {"password"}


async def cut_off_alone(providers, provider, app):
    """The same client at a process that has used it and heard of the cut-off, but has not read the client since."""
    other = await providers(stores=provider.plain, clock=provider.clock)
    there = App(other, app.client, app.secret)
    await other.ctx.clients.find(app.id)
    await disable_client(provider.ctx, app.id)
    await other.ctx.follower._read_feed(provider.clock.now())
    return there


async def test_no_code_is_redeemed_by_a_client_of_which_the_cut_off_alone_is_known(providers, provider, browser):
    app = await provider.app()
    code = await app.code(browser)
    there = await cut_off_alone(providers, provider, app)
    there.verifier = app.verifier
    with pytest.raises(InvalidClient):
        await there.redeem(code)


async def test_no_token_is_refreshed_by_it(providers, provider, browser):
    app = await provider.app()
    answer = await app.tokens(browser)
    there = await cut_off_alone(providers, provider, app)
    with pytest.raises(InvalidClient):
        await there.refresh(answer)
    await enable_client(provider.ctx, app.id)
    assert (await provider.who(await app.refresh(answer))).client_id == app.id


async def test_no_password_counts_for_it(providers, provider):
    app = await provider.app(grants=EVERY_FLOW, first_party=True)
    there = await cut_off_alone(providers, provider, app)
    with pytest.raises(InvalidClient):
        await there.token(grant_type="password", username="ada", password=PASSWORD)


@pytest.mark.parametrize("step", [("codes", "redeem"), ("sessions", "begin")])
async def test_a_client_that_is_disabled_while_its_code_is_redeemed_gets_nothing(providers, step):
    around = Interruption()
    provider = await providers(around=around)
    await provider.sign_up()
    app = await provider.app()
    code = await app.code(provider.browser())
    around.after[step] = lambda: disable_client(provider.ctx, app.id)
    with pytest.raises((InvalidClient, InvalidToken)):
        await provider.who(await app.redeem(code))
    again = await provider.app()
    assert (await provider.who(await again.tokens(provider.browser()))).client_id == again.id


async def test_a_secret_that_is_refused_at_once_while_a_code_is_redeemed_by_it_gets_nothing(providers):
    around = Interruption()
    provider = await providers(around=around)
    await provider.sign_up()
    app = await provider.app()
    code = await app.code(provider.browser())
    around.after["codes", "redeem"] = lambda: rotate_secret(provider.ctx, app.id, immediately=True)
    with pytest.raises(InvalidClient):
        await app.redeem(code)


async def test_a_secret_that_is_replaced_in_the_ordinary_way_meanwhile_is_good(providers):
    around = Interruption()
    provider = await providers(around=around)
    await provider.sign_up()
    app = await provider.app()
    await disable_client(provider.ctx, app.id)
    await enable_client(provider.ctx, app.id)
    code = await app.code(provider.browser())
    around.after["codes", "redeem"] = lambda: rotate_secret(provider.ctx, app.id)
    assert (await provider.who(await app.redeem(code))).client_id == app.id
