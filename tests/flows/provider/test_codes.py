"""Codes: what they are bound to, that they are used once, and what a second use ends."""

import asyncio

import pytest
from tests.flows.doubles import Interruption, Outage, yielding
from tests.flows.provider.provider import CALLBACK, INSTANT

from watchword.core.authorize_errors import InvalidTarget
from watchword.core.errors import (
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidToken,
    StoreUnavailable,
    UnsupportedGrantType,
)
from watchword.core.models.provider_events import CodeReplayed
from watchword.core.tokens.opaque import hash_secret, new_secret
from watchword.flows.account import change_password
from watchword.flows.admin import disable_user
from watchword.flows.browser_session import end_browser, find_login
from watchword.flows.housekeeping import purge_expired
from watchword.flows.sessions import list_sessions


@pytest.mark.parametrize(
    "form",
    [
        {"code": "nonsense"},
        {"code": "\udc80"},
        {"code": new_secret("wwac")},
        {"redirect_uri": None},
        {"redirect_uri": CALLBACK + "?"},
        {"redirect_uri": "https://evil.example/"},
        {"code_verifier": None},
        {"code_verifier": "x" * 43},
        {"code_verifier": "x" * 42},
    ],
)
async def test_a_code_with_anything_wrong_beside_it_is_refused_and_not_spent(app, browser, form):
    code = await app.code(browser)
    with pytest.raises(InvalidGrant):
        await app.redeem(**{"code": code, **form})
    assert (await app.redeem(code)).access_token


async def test_a_code_is_needed(app, browser):
    code = await app.code(browser)
    with pytest.raises(InvalidRequest):
        await app.redeem("")
    assert (await app.redeem(code)).access_token


async def test_a_code_of_a_request_without_challenge_takes_no_verifier(provider, browser):
    app = await provider.app(require_pkce=False)
    without = {"code_challenge": None, "code_challenge_method": None}
    code = await app.code(browser, **without)
    with pytest.raises(InvalidGrant):
        await app.redeem(code)
    assert (await app.redeem(code, code_verifier=None)).access_token


async def test_a_code_lives_for_sixty_seconds(provider, app, browser):
    first, second = await app.code(browser), None
    provider.tick(seconds=59)
    assert (await app.redeem(first)).access_token
    second = await app.code(browser)
    provider.tick(seconds=60)
    with pytest.raises(InvalidGrant):
        await app.redeem(second)


async def test_a_resource_that_was_not_bound_is_refused_and_the_code_not_spent(app, browser):
    code = await app.code(browser)
    with pytest.raises(InvalidTarget):
        await app.redeem(code, resource="https://api.example/v1")
    assert (await app.redeem(code)).access_token


async def test_another_clients_code_is_refused_and_burnt(provider, app, browser):
    other = await provider.app()
    code = await app.code(browser)
    other.verifier = app.verifier
    with pytest.raises(InvalidGrant):
        await other.redeem(code)
    with pytest.raises(InvalidGrant):
        await app.redeem(code)


async def test_a_wrong_client_secret_spends_nothing(app, browser):
    code, secret = await app.code(browser), app.secret
    app.secret = "wrong"
    with pytest.raises(InvalidClient):
        await app.redeem(code)
    app.secret = secret
    assert (await app.redeem(code)).access_token


async def test_only_the_hash_of_a_code_is_stored(provider, app, browser):
    code = await app.code(browser)
    stored = await provider.plain.codes.find(hash_secret(code))
    assert stored is not None
    assert code not in repr(stored)


async def test_a_second_use_is_refused_and_ends_what_came_of_the_first(provider, app, browser):
    code = await app.code(browser)
    answer = await app.redeem(code)
    provider.tick(seconds=30)
    assert (await provider.who(answer)).client_id == app.id
    with pytest.raises(InvalidGrant):
        await app.redeem(code)
    with pytest.raises(InvalidToken):
        await provider.who(answer)
    with pytest.raises(InvalidGrant):
        await app.refresh(answer)
    (told,) = await provider.events(CodeReplayed)
    assert told.client_id == app.id
    with pytest.raises(InvalidGrant):
        await app.redeem(code)
    assert len(await provider.events(CodeReplayed)) == 1


async def test_a_second_use_long_after_the_code_has_expired_still_ends_it(provider, app, browser):
    code = await app.code(browser)
    answer = await app.redeem(code)
    provider.tick(minutes=5)
    with pytest.raises(InvalidGrant):
        await app.redeem(code)
    with pytest.raises(InvalidToken):
        await provider.who(answer)


async def test_a_second_login_of_the_same_person_lives_on_after_a_replay(provider, app, browser):
    code = await app.code(browser)
    await app.redeem(code)
    verifier, other = app.verifier, await app.tokens(browser)
    with pytest.raises(InvalidGrant):
        await app.redeem(code, code_verifier=verifier)
    assert (await provider.who(other)).client_id == app.id


async def test_of_many_at_once_at_most_one_wins_and_its_tokens_are_dead(providers):
    provider = await providers(around=yielding)
    await provider.sign_up()
    app = await provider.app()
    code = await app.code(provider.browser())
    results = await asyncio.gather(*(app.redeem(code) for _ in range(64)), return_exceptions=True)
    won = [each for each in results if not isinstance(each, Exception)]
    assert all(isinstance(each, InvalidGrant) for each in results if each not in won)
    assert len(won) <= 1
    for answer in won:
        with pytest.raises(InvalidToken):
            await provider.who(answer)
    stored = await provider.plain.codes.find(hash_secret(code))
    assert await provider.plain.sessions.find(stored.user_id, stored.session_id) is not None
    assert await list_sessions(provider.ctx, stored.user_id) == []


async def test_a_second_use_before_the_session_has_begun_is_seen_by_the_first(providers):
    interruption = Interruption()
    provider = await providers(around=interruption)
    await provider.sign_up()
    app = await provider.app()
    code = await app.code(provider.browser())

    async def again():
        with pytest.raises(InvalidGrant):
            await app.redeem(code)

    interruption.before["sessions", "begin"] = again
    with pytest.raises(InvalidGrant):
        await app.redeem(code)
    user = await provider.plain.users.find_by_login("ada")
    assert await list_sessions(provider.ctx, user.id) == []


async def test_a_replay_whose_revocation_cannot_be_stored_is_refused_later_for_good(providers):
    outage = Outage()
    provider = await providers(around=outage)
    await provider.sign_up()
    app = await provider.app()
    code = await app.code(provider.browser())
    answer = await app.redeem(code)
    outage.down = {("revocations", "append")}
    with pytest.raises(StoreUnavailable):
        await app.redeem(code)
    outage.down = set()
    with pytest.raises(InvalidGrant):
        await app.redeem(code)
    with pytest.raises(InvalidToken):
        await provider.who(answer)


async def test_a_code_dies_with_the_login_that_it_came_of(provider, app, browser):
    code = await app.code(browser)
    presence = await find_login(provider.ctx, browser.cookie)
    await end_browser(provider.ctx, presence.user.id, presence.session.id, reason="logout")
    with pytest.raises(InvalidGrant):
        await app.redeem(code)
    assert await list_sessions(provider.ctx, presence.user.id) == []
    again = await app.code(provider.browser())
    assert (await app.redeem(again)).access_token


async def test_a_code_of_an_account_that_was_disabled_is_refused(provider, app, browser):
    code = await app.code(browser)
    user = await provider.plain.users.find_by_login("ada")
    await disable_user(provider.ctx, user.id)
    with pytest.raises(InvalidGrant):
        await app.redeem(code)


async def test_a_code_from_before_a_change_of_password_is_refused(provider, app, browser):
    code = await app.code(browser)
    principal = await provider.who(await provider.login())
    new = "another obviously fake passphrase"
    await change_password(
        provider.ctx,
        principal,
        current="an obviously fake passphrase",
        new=new,
        end_other_sessions=True,
        address="192.0.2.1",
    )
    with pytest.raises(InvalidGrant):
        await app.redeem(code)


async def test_without_a_provider_there_is_no_such_grant(world):
    with pytest.raises(UnsupportedGrantType):
        await world.login(grant_type="authorization_code")


async def test_a_code_is_still_good_an_instant_before_it_ends(provider, app, browser):
    code = await app.code(browser)
    provider.clock.tick(provider.ctx.config.provider.code_ttl - INSTANT)
    assert (await app.redeem(code)).access_token


async def test_a_code_is_known_again_hours_later_and_ends_what_came_of_it(provider, app, browser):
    code = await app.code(browser)
    answer = await app.redeem(code)
    provider.tick(hours=8)
    await purge_expired(provider.ctx)
    with pytest.raises(InvalidGrant):
        await app.redeem(code)
    with pytest.raises(InvalidGrant):
        await app.refresh(answer)
