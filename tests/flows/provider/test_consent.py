"""When people are asked, by consent policy and prompt, and that no page is shown to who asked for none."""

import pytest
from tests.flows.provider.provider import fields_of

from watchword.config import ProviderConfig
from watchword.core.errors import InvalidGrant, InvalidToken
from watchword.core.models.client_metadata import ConsentPolicy
from watchword.core.oauth.acr import PASSWORD_ACR
from watchword.flows.consent import list_consents, withdraw_consent
from watchword.flows.outcomes import Redirect, ShowAccount, ShowConsent, ShowLogin


async def test_a_consent_is_remembered_for_its_scopes_and_asked_again_for_more(app, browser):
    await app.tokens(browser, scope="openid read")
    assert isinstance(await app.visit(browser, scope="openid read"), Redirect)
    assert isinstance(await app.visit(browser, scope="read"), Redirect)
    more = await app.visit(browser, scope="openid read email")
    assert isinstance(more, ShowConsent)
    await browser.decide()
    assert isinstance(await app.visit(browser, scope="openid read email"), Redirect)


async def test_a_consent_of_one_person_or_client_is_nobody_elses(provider, app, browser):
    await provider.sign_up("bob")
    other = await provider.app()
    await app.tokens(browser)
    assert isinstance(await other.visit(browser), ShowConsent)
    stranger = provider.browser()
    await app.visit(stranger)
    assert isinstance(await stranger.login("bob"), ShowConsent)


@pytest.mark.parametrize(
    ("fields", "asked_again"),
    [
        ({}, False),
        ({"consent": ConsentPolicy.ALWAYS}, True),
        ({"dynamic": True}, True),
        ({"dynamic": True, "consent": ConsentPolicy.NEVER}, True),
        ({"consent": ConsentPolicy.NEVER}, False),
        ({"first_party": True}, False),
    ],
)
async def test_who_is_asked_again(provider, browser, fields, asked_again):
    app = await provider.app(**fields)
    await app.tokens(browser)
    assert isinstance(await app.visit(browser), ShowConsent if asked_again else Redirect)
    silent = fields_of(await app.visit(browser, prompt="none"))
    assert silent.get("error") == ("consent_required" if asked_again else None)


async def test_an_operator_may_let_consents_of_unverified_clients_be_remembered(providers):
    provider = await providers(provider=ProviderConfig(enabled=True, registration_consent="remember"))
    await provider.sign_up()
    app, browser = await provider.app(dynamic=True, consent=ConsentPolicy.NEVER), provider.browser()
    await app.visit(browser, scope="openid")
    assert isinstance(await browser.login(), ShowConsent)
    await browser.decide()
    assert isinstance(await app.visit(browser, scope="openid", prompt="none"), Redirect)
    assert isinstance(await app.visit(browser, scope="openid email"), ShowConsent)


async def test_a_first_party_client_never_asks(provider, browser):
    app = await provider.app(first_party=True)
    await app.visit(browser)
    assert isinstance(await browser.login(), Redirect)


async def test_a_refusal_is_told_to_the_client_and_remembered_nowhere(app, browser):
    await app.visit(browser)
    await browser.login()
    assert fields_of(await browser.decide(allow=False))["error"] == "access_denied"
    assert isinstance(await app.visit(browser), ShowConsent)


@pytest.mark.parametrize(
    ("prompt", "page"),
    [("login", ShowLogin), ("consent", ShowConsent), ("select_account", ShowAccount), (None, Redirect)],
)
async def test_a_prompt_is_obeyed_once(provider, app, browser, prompt, page):
    await app.tokens(browser)
    provider.tick(seconds=90)
    assert isinstance(await app.visit(browser, prompt=prompt), page)
    if page is ShowLogin:
        assert browser.at.username == "ada"
        await browser.login()
    if page is ShowConsent:
        await browser.decide()
    if page is ShowAccount:
        assert browser.at.username == "ada"
        await browser.choose()
    answer = await app.redeem(fields_of(browser.at)["code"])
    claims = provider.claims(answer.id_token)
    assert claims["iat"] - claims["auth_time"] == (0 if page is ShowLogin else 90)


@pytest.mark.parametrize(
    ("max_age", "login", "after"), [("10000", False, 90), ("1", True, 90), ("0", True, 0), ("90", False, 90)]
)
async def test_an_authentication_may_not_be_too_old(provider, app, browser, max_age, login, after):
    first = provider.claims((await app.tokens(browser)).id_token)
    provider.tick(seconds=after)
    shown = await app.visit(browser, max_age=max_age)
    assert isinstance(shown, ShowLogin if login else Redirect)
    if login:
        assert fields_of(await app.visit(browser, max_age=max_age, prompt="none"))["error"] == "login_required"
        await app.visit(browser, max_age=max_age)
        await browser.login()
    claims = provider.claims((await app.redeem(fields_of(browser.at)["code"])).id_token)
    assert claims["auth_time"] - first["auth_time"] == (after if login else 0)


async def test_prompt_none_shows_no_page_whatever_is_missing(provider, app, browser):
    assert fields_of(await app.visit(browser, prompt="none"))["error"] == "login_required"
    await app.visit(browser)
    await browser.login()
    assert fields_of(await app.visit(browser, prompt="none"))["error"] == "consent_required"
    await app.tokens(browser)
    fields = fields_of(await app.visit(browser, prompt="none"))
    assert (await app.redeem(fields["code"])).id_token
    assert fields_of(await app.visit(browser, prompt="none", scope="openid email"))["error"] == "consent_required"


async def test_an_id_token_hint_names_who_is_expected(provider, app, browser):
    await provider.sign_up("bob")
    hint = (await app.tokens(browser)).id_token
    assert isinstance(await app.visit(browser, id_token_hint=hint), Redirect)
    bobs = provider.browser()
    await app.tokens(bobs, "bob")
    assert fields_of(await app.visit(bobs, id_token_hint=hint, prompt="none"))["error"] == "login_required"
    assert isinstance(await app.visit(bobs, id_token_hint=hint), ShowLogin)
    assert fields_of(await bobs.login("bob"))["error"] == "login_required"
    await app.visit(bobs, id_token_hint=hint)
    assert isinstance(await bobs.login("ada"), Redirect)


async def test_a_hint_may_have_expired_but_not_be_another_clients(provider, app, browser):
    hint = (await app.tokens(browser)).id_token
    provider.tick(hours=2)
    assert isinstance(await app.visit(browser, id_token_hint=hint), Redirect)
    other = await provider.app()
    assert fields_of(await other.visit(browser, id_token_hint=hint))["error"] == "invalid_request"
    forged = hint[:-6] + "AAAAAA"
    assert fields_of(await app.visit(browser, id_token_hint=forged))["error"] == "invalid_request"


async def test_an_essential_acr_that_is_out_of_reach_is_said_so_after_one_login(app, browser):
    asked = '{"id_token":{"acr":{"essential":true,"values":["urn:strong"]}}}'
    await app.visit(browser, claims=asked)
    assert fields_of(await browser.login())["error"] == "unmet_authentication_requirements"
    wished = '{"id_token":{"acr":{"values":["urn:strong"]}}}'
    assert isinstance(await app.visit(browser, claims=wished, acr_values="urn:strong"), ShowConsent)


async def test_tokens_of_a_login_say_the_acr_of_a_password_which_meets_one_that_is_essential(provider, app, browser):
    asked = f'{{"id_token":{{"acr":{{"essential":true,"value":"{PASSWORD_ACR}"}}}}}}'
    answer = await app.tokens(browser, claims=asked)
    assert provider.claims(answer.id_token)["acr"] == PASSWORD_ACR
    assert (await provider.who(answer)).acr == PASSWORD_ACR
    assert isinstance(await app.visit(browser, claims=asked), Redirect)


async def test_a_person_sees_their_consents_and_takes_one_back_with_what_came_of_it(provider, app, browser):
    answer = await app.tokens(browser)
    principal = await provider.who(answer)
    (consent,) = await list_consents(provider.ctx, principal.subject)
    assert (consent.client_id, consent.scopes) == (app.id, {"openid", "profile", "read"})
    assert await withdraw_consent(provider.ctx, principal.subject, app.id)
    assert not await withdraw_consent(provider.ctx, principal.subject, app.id)
    with pytest.raises(InvalidToken):
        await provider.who(answer)
    with pytest.raises(InvalidGrant):
        await app.refresh(answer)
    assert isinstance(await app.visit(browser), ShowConsent)
