"""Codes under way when a person takes back their consent (ATTACKS R14, C19)."""

import pytest
from tests.flows.doubles import Interruption

from watchword.core.errors import InvalidGrant
from watchword.flows.consent import withdraw_consent
from watchword.flows.sessions import list_sessions


async def ada(provider):
    return (await provider.plain.users.find_by_login("ada")).id


async def test_a_code_from_before_the_withdrawal_is_refused_after_it(provider, app, browser):
    code = await app.code(browser)
    user_id = await ada(provider)
    assert await withdraw_consent(provider.ctx, user_id, app.id)
    with pytest.raises(InvalidGrant):
        await app.redeem(code)
    assert await list_sessions(provider.ctx, user_id) == []
    assert (await app.tokens(browser)).refresh_token


@pytest.mark.parametrize("step", [("sessions", "begin"), ("codes", "redeem")])
async def test_a_withdrawal_while_a_code_is_redeemed_leaves_no_session(providers, step):
    race = Interruption()
    provider = await providers(around=race)
    await provider.sign_up()
    app, browser = await provider.app(), provider.browser()
    code, user_id = await app.code(browser), await ada(provider)

    async def withdraw():
        assert await withdraw_consent(provider.ctx, user_id, app.id)

    race.after[step] = withdraw
    with pytest.raises(InvalidGrant):
        await app.redeem(code)
    assert await list_sessions(provider.ctx, user_id) == []


async def test_a_consent_to_more_than_the_code_is_for_is_enough(app, browser):
    code = await app.code(browser, scope="openid read")
    verifier = app.verifier
    await app.code(browser, scope="openid profile read")
    app.verifier = verifier
    assert (await app.redeem(code)).scope == "openid read"


async def test_who_is_never_asked_needs_no_consent(provider, browser):
    app = await provider.app(first_party=True)
    assert (await app.tokens(browser)).access_token
