"""Interactions: whose they are, how long they live, and what a login at the pages has in common with any other."""

import pytest
from tests.flows.doubles import Interruption
from tests.flows.provider.provider import CALLBACK, Chrome, fields_of
from tests.flows.world import PASSWORD

from watchword.config import LimitConfig
from watchword.core.account_errors import UsernameTaken, WeakPassword
from watchword.core.authorize_errors import InteractionExpired
from watchword.core.errors import InvalidGrant, TooManyRequests
from watchword.core.models.events import LoginRefused, UserLoggedIn
from watchword.core.models.limits import Limit
from watchword.flows import interaction
from watchword.flows.admin import disable_user
from watchword.flows.browser import Browser, is_browser_nonce, new_browser_nonce
from watchword.flows.browser_session import find_login
from watchword.flows.clients import disable_client
from watchword.flows.outcomes import Redirect, ShowConsent, ShowError, ShowLogin
from watchword.flows.signup import SignUp


def stolen(browser):
    """Another browser that got hold of the page of the first, and even of its login cookie."""
    other = Chrome(browser.provider)
    other.at, other.cookie = browser.at, browser.cookie
    return other


async def test_a_page_of_one_browser_is_of_no_use_in_another(app, browser):
    await app.visit(browser)
    for act in ("login", "resume", "cancel"):
        with pytest.raises(InteractionExpired):
            await getattr(stolen(browser), act)()
    await browser.login()
    with pytest.raises(InteractionExpired):
        await stolen(browser).decide()
    assert isinstance(await browser.decide(), Redirect)


async def test_a_page_lives_for_ten_minutes(provider, app, browser):
    await app.visit(browser)
    provider.tick(seconds=599)
    assert isinstance(await browser.resume(), ShowLogin)
    provider.tick(seconds=1)
    with pytest.raises(InteractionExpired):
        await browser.login()


@pytest.mark.parametrize("text", ["", "nonsense", "\udc80", "x" * 100_000])
async def test_what_is_no_interaction_of_ours_is_refused(provider, browser, text):
    with pytest.raises(InteractionExpired):
        await interaction.resume(provider.ctx, text, browser.seen)


async def test_a_changed_interaction_is_refused(provider, app, browser):
    await app.visit(browser)
    good = browser.interaction
    assert isinstance((await interaction.resume(provider.ctx, good, browser.seen)).outcome, ShowLogin)
    for bad in (good[:-1], good + "A", "B" + good[1:]):
        with pytest.raises(InteractionExpired):
            await interaction.resume(provider.ctx, bad, browser.seen)


async def test_a_client_that_is_disabled_meanwhile_gets_nothing(provider, app, browser):
    await app.visit(browser)
    await disable_client(provider.ctx, app.id)
    with pytest.raises(InteractionExpired):
        await browser.login()


async def test_a_decision_counts_only_in_the_login_that_it_was_shown_to(provider, app, browser):
    await provider.sign_up("bob")
    await app.visit(browser)
    await browser.login("ada")
    page = browser.at
    await app.visit(browser, prompt="login")
    await browser.login("bob")
    browser.at = page
    assert isinstance(await browser.decide(), ShowConsent)
    assert browser.at.username == "bob"


async def test_a_decision_without_a_login_asks_for_one(app, browser):
    await app.visit(browser)
    await browser.login()
    browser.cookie = None
    assert isinstance(await browser.decide(), ShowLogin)


async def test_what_was_not_shown_is_not_consented_to(provider, app, browser):
    await provider.ctx.roles.reload()
    await app.visit(browser, scope="openid audit")
    shown = await browser.login()
    assert [scope.name for scope in shown.scopes] == ["openid"]
    user = await provider.plain.users.find_by_login("ada")
    await make_auditor(provider, user)
    again = await browser.decide()
    assert isinstance(again, ShowConsent)
    assert [scope.name for scope in again.scopes] == ["audit", "openid"]
    assert isinstance(await browser.decide(), Redirect)


async def make_auditor(provider, user):
    from watchword.core.models.identity import Role
    from watchword.flows.admin import grant_role, put_role

    await put_role(provider.ctx, Role(name="auditor", permissions=frozenset({"audit"})))
    await grant_role(provider.ctx, user.id, "auditor")


async def test_a_wrong_password_an_unknown_and_a_disabled_account_fail_alike(provider, app, browser):
    await provider.sign_up("bob")
    bob = await provider.plain.users.find_by_login("bob")
    await disable_user(provider.ctx, bob.id)
    said = set()
    for username, password in (("ada", "wrong"), ("nobody", PASSWORD), ("bob", PASSWORD)):
        await app.visit(browser)
        with pytest.raises(InvalidGrant) as refused:
            await browser.login(username, password)
        said.add((refused.value.code, refused.value.status, refused.value.description))
    assert len(said) == 1
    assert browser.cookie is None
    assert len(await provider.events(LoginRefused)) == 3
    await app.visit(browser)
    assert isinstance(await browser.login("ada@example.org"), ShowConsent)
    assert len(await provider.events(UserLoggedIn)) == 1


async def test_attempts_at_the_pages_and_at_the_token_endpoint_count_together(providers):
    limits = LimitConfig(login_per_account=Limit(3, 60))
    provider = await providers(limits=limits)
    await provider.sign_up()
    app, browser = await provider.app(), provider.browser()
    await app.visit(browser)
    for _ in range(2):
        with pytest.raises(InvalidGrant):
            await browser.login(password="wrong")
    with pytest.raises(InvalidGrant):
        await provider.login(password="wrong", address="192.0.2.7")
    with pytest.raises(TooManyRequests):
        await browser.login()
    provider.tick(seconds=61)
    assert isinstance(await browser.login(), ShowConsent)


async def test_a_person_who_signs_up_is_logged_in_and_goes_on(provider, app, browser):
    await app.visit(browser)
    for username, password, error in (("ada", PASSWORD, UsernameTaken), ("eve", "short", WeakPassword)):
        with pytest.raises(error):
            await sign_up(browser, username, password)
    assert isinstance(await sign_up(browser, "eve", PASSWORD), ShowConsent)
    answer = await app.redeem(fields_of(await browser.decide())["code"])
    assert (await provider.who(answer)).client_id == app.id


async def sign_up(browser, username, password):
    request = SignUp(username=username, password=password)
    browser.take(await interaction.sign_up(browser.ctx, browser.interaction, browser.seen, request))
    return await browser.resume()


async def test_a_change_of_password_during_a_login_ends_it(providers):
    interruption = Interruption()
    provider = await providers(around=interruption)
    user = await provider.sign_up()
    app, browser = await provider.app(), provider.browser()
    await app.visit(browser)

    async def change():
        await provider.plain.users.change_password(
            user.id, password_hash="x", expected_version=user.credential_version, now=provider.clock.now()
        )

    interruption.after["browsers", "add"] = change
    with pytest.raises(InvalidGrant):
        await browser.login()
    live = await provider.plain.browsers.list_live(user.id, now=provider.clock.now())
    assert list(live) == []


async def test_each_login_gives_a_new_cookie_and_the_old_one_is_dead(provider, app, browser):
    await app.tokens(browser)
    first = browser.cookie
    before = await find_login(provider.ctx, first)
    await app.visit(browser, prompt="login")
    await browser.login()
    assert browser.cookie != first
    assert await find_login(provider.ctx, first) is None
    after = await find_login(provider.ctx, browser.cookie)
    assert after.session.id == before.session.id


async def test_a_login_of_someone_else_ends_the_one_before(provider, app, browser):
    await provider.sign_up("bob")
    await app.tokens(browser, "ada")
    first = browser.cookie
    await app.visit(browser, prompt="login")
    await browser.login("bob")
    assert await find_login(provider.ctx, first) is None
    assert (await find_login(provider.ctx, browser.cookie)).user.username == "bob"


async def test_a_login_ends_when_the_browser_stays_away_and_after_all(provider, app, browser):
    await app.tokens(browser)
    for _ in range(13):
        provider.tick(hours=23)
        assert await find_login(provider.ctx, browser.cookie) is not None
    provider.tick(hours=24)
    assert await find_login(provider.ctx, browser.cookie) is None
    await app.tokens(browser)
    for _ in range(15):
        provider.tick(hours=23)
        await find_login(provider.ctx, browser.cookie)
    assert await find_login(provider.ctx, browser.cookie) is None


async def test_a_disabled_account_is_logged_in_nowhere_even_after_it_is_enabled_again(provider, app, browser):
    from watchword.flows.admin import enable_user

    await app.tokens(browser)
    user = (await find_login(provider.ctx, browser.cookie)).user
    await disable_user(provider.ctx, user.id)
    assert await find_login(provider.ctx, browser.cookie) is None
    await enable_user(provider.ctx, user.id)
    assert await find_login(provider.ctx, browser.cookie) is None
    assert isinstance(await app.visit(browser), ShowLogin)


@pytest.mark.parametrize("cookie", [None, "", "a.b.c", "\udc80", "x" * 1000, "AAAA.AAAA.wwbs_x"])
async def test_what_is_no_cookie_of_ours_is_nobodys(provider, app, browser, cookie):
    await app.tokens(browser)
    assert await find_login(provider.ctx, browser.cookie) is not None
    assert await find_login(provider.ctx, cookie) is None


async def test_a_cookie_with_another_secret_or_of_another_person_is_nobodys(provider, app, browser):
    await provider.sign_up("bob")
    bobs = provider.browser()
    await app.tokens(browser)
    await app.tokens(bobs, "bob")
    mixed = ".".join([*browser.cookie.split(".")[:2], bobs.cookie.split(".")[2]])
    moved = ".".join([bobs.cookie.split(".")[0], *browser.cookie.split(".")[1:]])
    assert await find_login(provider.ctx, mixed) is None
    assert await find_login(provider.ctx, moved) is None


def test_nonces_are_random_and_known_by_their_form():
    assert is_browser_nonce(new_browser_nonce())
    assert new_browser_nonce() != new_browser_nonce()
    assert not any(map(is_browser_nonce, ["", "short", "x" * 44, "\u00e9" * 43]))


def test_a_browser_shows_no_secret():
    assert "secret" not in repr(Browser(nonce="secret", cookie="secret"))


async def test_pages_carry_no_code_and_no_cookie(app, browser):
    shown = await app.visit(browser)
    assert isinstance(shown, ShowLogin)
    assert not isinstance(shown, ShowError)
    assert (shown.view.redirect_host, shown.view.redirect_origin) == ("app.example", CALLBACK.removesuffix("/callback"))
