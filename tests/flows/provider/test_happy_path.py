"""The whole way: authorize, login, consent, code, tokens, userinfo, refresh."""

from tests.flows.provider.provider import CALLBACK, ISSUER, fields_of

from watchword.core.oauth.claims_rules import parse_claims
from watchword.core.oauth.session_state import session_state_of
from watchword.flows.browser_state import browser_state
from watchword.flows.outcomes import FormPost, Redirect, ShowConsent, ShowLogin
from watchword.flows.userinfo import userinfo


async def test_a_person_logs_in_consents_and_the_client_gets_tokens(provider, app, browser):
    assert isinstance(await app.visit(browser), ShowLogin)
    consent = await browser.login()
    assert isinstance(consent, ShowConsent)
    assert [scope.name for scope in consent.scopes] == ["openid", "profile", "read"]
    fields = fields_of(await browser.decide())
    assert browser.at.url.startswith(CALLBACK + "?")
    assert (fields["state"], fields["iss"]) == ("a state", ISSUER)

    answer = await app.redeem(fields["code"])
    claims, access = provider.claims(answer.id_token), provider.claims(answer.access_token)
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ISSUER, app.id, "a nonce")
    assert (claims["sub"], claims["sid"]) == (access["sub"], access["sid"])
    assert (access["aud"], access["client_id"], access["scope"]) == (ISSUER, app.id, "openid profile read")
    assert (access["amr"], claims["amr"], claims["auth_time"]) == (["pwd"], ["pwd"], access["auth_time"])
    assert (answer.scope, answer.expires_in) == ("openid profile read", 600)

    known = await userinfo(provider.ctx, answer.access_token)
    assert dict(known.claims)["name"] == "Ada Example"
    assert (known.claims["sub"], known.jwt) == (claims["sub"], None)
    assert "email" not in known.claims

    provider.tick(seconds=60)
    renewed = await app.refresh(answer)
    again = provider.claims(renewed.id_token)
    assert (again["sub"], again["sid"], again["auth_time"]) == (claims["sub"], claims["sid"], claims["auth_time"])
    assert again["iat"] == claims["iat"] + 60
    assert "nonce" not in again
    assert (await provider.who(renewed)).scopes == {"openid", "profile", "read"}


async def test_who_is_logged_in_and_has_consented_is_sent_back_at_once(provider, app, browser):
    first = await app.tokens(browser)
    provider.tick(minutes=5)
    assert isinstance(await app.visit(browser), Redirect)
    second = await app.redeem(fields_of(browser.at)["code"])
    one, two = provider.claims(first.id_token), provider.claims(second.id_token)
    assert one["auth_time"] == two["auth_time"]
    assert one["sid"] != two["sid"]


async def test_a_form_post_carries_the_same_fields(app, browser):
    await app.visit(browser, response_mode="form_post")
    fields = await browser.through()
    assert isinstance(browser.at, FormPost)
    assert browser.at.action == CALLBACK
    assert set(fields) == {"code", "state", "iss", "session_state"}
    assert (await app.redeem(fields["code"])).id_token


async def test_a_public_client_gets_tokens_by_pkce_alone(provider, browser):
    app = await provider.app(public=True)
    answer = await app.tokens(browser)
    assert (await provider.who(answer)).client_id == app.id
    assert (await app.refresh(answer)).refresh_token


async def test_without_openid_there_is_no_id_token(app, browser):
    answer = await app.tokens(browser, scope="read")
    assert (answer.id_token, answer.scope) == (None, "read")
    assert (await app.refresh(answer)).id_token is None


async def test_a_client_without_the_refresh_grant_gets_no_refresh_token(provider, browser):
    app = await provider.app(grants={"authorization_code"})
    answer = await app.tokens(browser)
    assert answer.refresh_token is None
    assert (await provider.who(answer)).session_id == provider.claims(answer.id_token)["sid"]


async def test_claims_that_are_asked_for_by_name_come_where_they_were_asked(provider, app, browser):
    asked = '{"userinfo":{"email":{"essential":true}},"id_token":{"name":null}}'
    assert set(parse_claims(asked)) == {"userinfo", "id_token"}
    answer = await app.tokens(browser, scope="openid", claims=asked)
    assert provider.claims(answer.id_token)["name"] == "Ada Example"
    assert (await userinfo(provider.ctx, answer.access_token)).claims["email"] == "ada@example.org"


async def test_a_native_client_may_vary_the_port_of_its_loopback_address(provider, browser):
    native = ("http://127.0.0.1/cb",)
    app = await provider.app(public=True, redirect_uris=native, application_type="native")
    uri = "http://127.0.0.1:49152/cb"
    code = await app.code(browser, redirect_uri=uri)
    assert browser.at.url.startswith(uri + "?")
    assert (await app.redeem(code, redirect_uri=uri)).id_token


async def test_a_client_can_notice_that_somebody_else_logs_in(provider, app, browser):
    await provider.sign_up("bob")
    await app.visit(browser)
    given = (await browser.through())["session_state"]
    before = browser_state(provider.ctx, browser.cookie)
    salt = given.partition(".")[2]
    origin = CALLBACK.removesuffix("/callback")
    assert given == session_state_of(client_id=app.id, origin=origin, browser_state=before, salt=salt)
    await app.visit(browser, prompt="login")
    await browser.login("ada")
    assert browser_state(provider.ctx, browser.cookie) == before
    await app.visit(browser, prompt="login")
    await browser.login("bob")
    assert browser_state(provider.ctx, browser.cookie) not in {before, ""}
    assert browser_state(provider.ctx, None) == browser_state(provider.ctx, "nonsense") == ""
    await app.visit(browser, scope="read")
    assert "session_state" not in await browser.through()
