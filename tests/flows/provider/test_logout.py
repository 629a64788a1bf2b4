"""Logout that a client asks for, and who is told that a session has ended."""

import pytest
from tests.flows.provider.outside import FakeOutside
from tests.flows.provider.provider import INSTANT, ISSUER

from watchword.core.authorize_errors import InteractionExpired
from watchword.core.errors import InvalidGrant, InvalidToken
from watchword.flows.admin import disable_user
from watchword.flows.browser_session import find_login
from watchword.flows.logout import LoggedOut, ShowLogout, begin_logout, confirm_logout
from watchword.flows.logout_notifier import PAUSES, BackgroundNotifier
from watchword.flows.outcomes import ShowError, ShowLogin

BYE = "https://app.example/bye"
TOLD = "https://app.example/backchannel"


@pytest.fixture
async def app(provider):
    return await provider.app(post_logout_redirect_uris=(BYE, BYE + "?a=b"))


async def leave(browser, **parameters):
    given = {name: value for name, value in parameters.items() if value is not None}
    answer = await begin_logout(browser.ctx, list(given.items()), browser.seen)
    return browser.take(answer)


async def confirm(browser, *, confirmed=True):
    answer = await confirm_logout(browser.ctx, browser.at.interaction, browser.seen, confirmed=confirmed)
    return browser.take(answer)


async def test_with_a_hint_the_person_is_logged_out_everywhere_and_sent_back(provider, app, browser):
    answer, other = await app.tokens(browser), await provider.app()
    second = await other.tokens(browser)
    cookie = browser.cookie
    done = await leave(browser, id_token_hint=answer.id_token, post_logout_redirect_uri=BYE, state="s")
    assert (type(done), done.redirect, done.ended) == (LoggedOut, BYE + "?state=s", True)
    assert browser.cookie is None
    assert await find_login(provider.ctx, cookie) is None
    for client, tokens in ((app, answer), (other, second)):
        with pytest.raises(InvalidToken):
            await provider.who(tokens)
        with pytest.raises(InvalidGrant):
            await client.refresh(tokens)
    assert isinstance(await app.visit(browser), ShowLogin)


async def test_another_browser_of_the_same_person_stays_logged_in(provider, app, browser):
    other = provider.browser()
    kept, gone = await app.tokens(other), await app.tokens(browser)
    await leave(browser, id_token_hint=gone.id_token)
    assert (await provider.who(kept)).client_id == app.id
    assert await find_login(provider.ctx, other.cookie) is not None


@pytest.mark.parametrize(
    ("parameters", "redirect"),
    [
        ({"post_logout_redirect_uri": BYE}, BYE),
        ({"post_logout_redirect_uri": BYE + "?a=b", "state": "s"}, BYE + "?a=b&state=s"),
        ({"state": "s"}, None),
        ({}, None),
    ],
)
async def test_a_registered_address_is_gone_to_at_once(app, browser, parameters, redirect):
    answer = await app.tokens(browser)
    done = await leave(browser, id_token_hint=answer.id_token, **parameters)
    assert (type(done), done.redirect, done.ended) == (LoggedOut, redirect, True)


@pytest.mark.parametrize("uri", [BYE + "?c=d", BYE + "/", "https://evil.example/"])
async def test_with_another_address_the_person_is_asked_and_sent_nowhere(app, browser, uri):
    answer = await app.tokens(browser)
    asked = await leave(browser, id_token_hint=answer.id_token, post_logout_redirect_uri=uri)
    assert (type(asked), asked.client.id) == (ShowLogout, app.id)
    done = await confirm(browser)
    assert (type(done), done.redirect, done.ended) == (LoggedOut, None, True)


@pytest.mark.parametrize("spoil", [lambda hint: None, lambda hint: hint[:-4] + "AAAA", lambda hint: "nonsense"])
async def test_without_a_good_hint_the_person_is_asked_and_sent_nowhere(provider, app, browser, spoil):
    answer = await app.tokens(browser)
    shown = await leave(browser, id_token_hint=spoil(answer.id_token), post_logout_redirect_uri=BYE, client_id=app.id)
    assert (type(shown), shown.username, shown.client.id) == (ShowLogout, "ada", app.id)
    assert (await provider.who(answer)).client_id == app.id
    done = await confirm(browser)
    assert (type(done), done.redirect, done.ended) == (LoggedOut, None, True)
    with pytest.raises(InvalidToken):
        await provider.who(answer)


async def test_an_expired_hint_is_as_good(provider, app, browser):
    answer = await app.tokens(browser)
    provider.tick(hours=2)
    done = await leave(browser, id_token_hint=answer.id_token, post_logout_redirect_uri=BYE)
    assert (done.redirect, done.ended) == (BYE, True)


async def test_a_hint_of_someone_else_asks_first(provider, app, browser):
    await provider.sign_up("bob")
    bobs = provider.browser()
    hint = (await app.tokens(bobs, "bob")).id_token
    await app.tokens(browser)
    assert isinstance(await leave(browser, id_token_hint=hint, post_logout_redirect_uri=BYE), ShowLogout)
    assert (await confirm(browser)).redirect == BYE


async def test_a_hint_and_another_client_id_contradict_each_other(provider, app, browser):
    other, answer = await provider.app(), await app.tokens(browser)
    assert isinstance(await leave(browser, id_token_hint=answer.id_token, client_id=other.id), ShowError)
    assert isinstance(await leave(browser, id_token_hint=answer.id_token, client_id=app.id), LoggedOut)


async def test_who_says_no_stays_logged_in(provider, app, browser):
    answer = await app.tokens(browser)
    await leave(browser)
    done = await confirm(browser, confirmed=False)
    assert (type(done), done.ended) == (LoggedOut, False)
    assert (await provider.who(answer)).client_id == app.id
    assert browser.cookie is not None


async def test_who_is_not_logged_in_is_logged_out(app, browser):
    answer = await app.tokens(browser)
    browser.cookie = None
    done = await leave(browser, id_token_hint=answer.id_token, post_logout_redirect_uri=BYE)
    assert (type(done), done.redirect, done.ended) == (LoggedOut, BYE, False)


async def test_the_question_is_one_browsers_and_one_logins(provider, app, browser):
    await app.tokens(browser)
    await leave(browser)
    page, other = browser.at, provider.browser()
    other.at, other.cookie = page, browser.cookie
    with pytest.raises(InteractionExpired):
        await confirm(other)
    browser.cookie = None
    await app.tokens(browser)
    browser.at = page
    with pytest.raises(InteractionExpired):
        await confirm(browser)


async def test_the_page_loads_what_clients_registered_for_their_front_channel(provider, browser):
    url = "https://app.example/front"
    with_session = await provider.app(frontchannel_logout_uri=url, frontchannel_logout_session_required=True)
    plain = await provider.app(frontchannel_logout_uri=url + "/plain")
    answer, other = await with_session.tokens(browser), await plain.tokens(browser)
    first, second = (provider.claims(each.id_token)["sid"] for each in (answer, other))
    done = await leave(browser, id_token_hint=answer.id_token)
    query = "?iss=https%3A%2F%2Fid.example&sid="
    assert set(done.frames) == {f"{url}{query}{first}", f"{url}/plain{query}{second}"}


async def test_every_client_of_the_session_is_told_by_a_logout_token(providers):
    outside = FakeOutside()
    provider = await providers(outside=outside.ways)
    await provider.sign_up()
    app, browser = await provider.app(backchannel_logout_uri=TOLD), provider.browser()
    answer = await app.tokens(browser)
    sent = provider.claims(answer.id_token)
    await leave(browser, id_token_hint=answer.id_token)
    await provider.ctx.notifier.drain()
    ((url, form),) = outside.posted
    claims = provider.claims(form["logout_token"])
    assert url == TOLD
    assert (claims["iss"], claims["aud"], claims["sid"], claims["sub"]) == (ISSUER, app.id, sent["sid"], sent["sub"])
    assert claims["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert "nonce" not in claims
    with pytest.raises(InvalidToken):
        await provider.who(type(answer)(access_token=form["logout_token"], expires_in=1, scope=""))


async def test_clients_are_told_too_when_an_account_is_disabled(providers):
    outside = FakeOutside()
    provider = await providers(outside=outside.ways)
    user = await provider.sign_up()
    app = await provider.app(backchannel_logout_uri=TOLD)
    await app.tokens(provider.browser())
    await disable_user(provider.ctx, user.id)
    await provider.ctx.notifier.drain()
    assert [url for url, _ in outside.posted] == [TOLD]


@pytest.mark.parametrize(
    ("answers", "posts"),
    [([200], 1), ([204], 1), ([500, 0, 200], 3), ([500] * 9, len(PAUSES)), ([0] * 9, len(PAUSES)), ([400, 200], 1)],
)
async def test_a_delivery_is_tried_a_few_times_unless_it_is_refused(answers, posts):
    outside, slept = FakeOutside(), []
    outside.answers = list(answers)

    async def sleep(seconds):
        slept.append(seconds)

    notifier = BackgroundNotifier(outside.ways, sleep=sleep)
    notifier.notify(TOLD, "a token")
    await notifier.drain()
    assert len(outside.posted) == posts
    assert slept == list(PAUSES[:posts])
    assert sum(slept) + 5 * len(PAUSES) < 120


async def test_without_a_way_out_a_notice_is_only_logged(caplog):
    BackgroundNotifier(None).notify(TOLD, "a secret token")
    assert "app.example" in caplog.text
    assert "secret" not in caplog.text


async def test_a_hint_is_read_by_retired_keys_too(provider, app, browser):
    from watchword.flows.key_rotation import rotate

    answer = await app.tokens(browser)
    await rotate(provider.ctx, immediately=True, algorithm="RS256")
    provider.clock.tick(INSTANT)
    assert (await leave(browser, id_token_hint=answer.id_token)).ended
