"""The authorization endpoint: what is refused where, and that each refusal has a twin which is accepted."""

import pytest
from tests.flows.provider.provider import CALLBACK, ISSUER, fields_of

from watchword.core.authorize_errors import InvalidRedirectUri
from watchword.core.errors import InvalidRequest
from watchword.core.models.authorizations import Resource
from watchword.flows.clients import disable_client
from watchword.flows.outcomes import FormPost, Redirect, ShowConsent, ShowError, ShowLogin
from watchword.flows.resource_book import put_resource

API = "https://api.example/v1"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"client_id": None}, InvalidRequest),
        ({"client_id": "nobody"}, InvalidRequest),
        ({"redirect_uri": None}, InvalidRequest),
        ({"redirect_uri": CALLBACK + "/"}, InvalidRedirectUri),
        ({"redirect_uri": CALLBACK + "?a=b"}, InvalidRedirectUri),
        ({"redirect_uri": "https://app.example.evil.example/callback"}, InvalidRedirectUri),
        ({"redirect_uri": "https://evil.example/"}, InvalidRedirectUri),
        ({"redirect_uri": "javascript:alert(1)"}, InvalidRedirectUri),
        ({"state": "\x00"}, InvalidRequest),
    ],
)
@pytest.mark.parametrize(
    "also", [{}, {"response_type": "nonsense"}, {"prompt": "none"}, {"response_mode": "form_post"}]
)
async def test_nobody_is_sent_to_an_address_that_was_not_validated(app, browser, changes, error, also):
    assert isinstance(await app.visit(browser), ShowLogin)
    shown = await app.visit(browser, **also, **changes)
    assert isinstance(shown, ShowError)
    assert isinstance(shown.error, error)


async def test_a_disabled_client_is_told_nothing_and_nobody_is_sent_to_it(provider, app, browser):
    assert isinstance(await app.visit(browser), ShowLogin)
    await disable_client(provider.ctx, app.id)
    assert isinstance(await app.visit(browser), ShowError)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "nonsense"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"claims": "nonsense"}, "invalid_request"),
        ({"scope": 'openid "'}, "invalid_scope"),
        ({"resource": "https://unknown.example"}, "invalid_target"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"id_token_hint": "a.b.c"}, "invalid_request"),
        ({"request": "a.b.c"}, "invalid_request_object"),
        ({"request_uri": "https://app.example/request"}, "request_uri_not_supported"),
        ({"prompt": "none"}, "login_required"),
    ],
)
@pytest.mark.parametrize("mode", [None, "form_post"])
async def test_every_other_error_goes_to_the_client_with_state_and_issuer(app, browser, changes, code, mode):
    if changes.get("response_mode") and mode:
        changes = {"response_mode": mode, "prompt": "nonsense none"}
        code = "invalid_request"
    answer = await app.visit(browser, **{"response_mode": mode, **changes})
    assert isinstance(answer, FormPost if mode else Redirect)
    fields = fields_of(answer)
    assert (fields["error"], fields["state"], fields["iss"]) == (code, "a state", ISSUER)
    assert "code" not in fields
    assert isinstance(await app.visit(browser, response_mode=mode), ShowLogin)


async def test_a_parameter_that_comes_twice_is_refused_here(app, browser):
    shown = await app.visit(browser, ("state", "another"))
    assert isinstance(shown, ShowError)


async def test_unknown_parameters_are_ignored(app, browser):
    assert isinstance(await app.visit(browser, extra="value"), ShowLogin)


async def test_a_client_without_the_grant_gets_no_code(provider, browser):
    app = await provider.app(grants={"refresh_token"})
    assert fields_of(await app.visit(browser))["error"] == "unauthorized_client"


async def test_a_client_that_may_go_without_pkce_still_cannot_be_downgraded(provider, browser):
    app = await provider.app(require_pkce=False)
    without = {"code_challenge": None, "code_challenge_method": None}
    code = await app.code(browser, **without)
    assert (await app.redeem(code, code_verifier=None)).id_token
    assert fields_of(await app.visit(browser, code_challenge_method="plain"))["error"] == "invalid_request"


async def test_a_state_comes_back_byte_for_byte(app, browser):
    state = "<script>%+&=\u00e9\u4e2d" + "x" * 2000
    await app.visit(browser, state=state)
    assert (await browser.through())["state"] == state


async def test_the_issuer_is_in_every_answer_so_that_clients_tell_servers_apart(provider, app, browser):
    await app.visit(browser)
    assert fields_of(await browser.cancel())["iss"] == ISSUER
    assert provider.claims((await app.tokens(browser)).id_token)["iss"] == ISSUER


async def test_a_cancelled_login_logs_nobody_in(app, browser):
    await app.visit(browser)
    assert fields_of(await browser.cancel())["error"] == "access_denied"
    assert browser.cookie is None
    assert isinstance(await app.visit(browser), ShowLogin)


async def test_resources_are_bound_and_only_narrowed(provider, app, browser):
    for uri in (API, "https://other.example"):
        await put_resource(provider.ctx, Resource(uri=uri, name="Api", scopes=frozenset({"read"})))
    shown = await app.visit(browser, resource=API)
    assert isinstance(shown, ShowLogin)
    shown = await browser.login()
    assert isinstance(shown, ShowConsent)
    assert [each.uri for each in shown.resources] == [API]
    answer = await app.redeem(fields_of(await browser.decide())["code"])
    claims = provider.claims(answer.access_token)
    assert (claims["aud"], claims["scope"], answer.scope) == (API, "read", "read")
    assert provider.claims((await app.refresh(answer)).access_token)["aud"] == API


async def test_several_resources_are_consented_to_at_once_and_asked_for_one_by_one(provider, app, browser):
    other = "https://other.example"
    for uri in (API, other):
        await put_resource(provider.ctx, Resource(uri=uri))
    code = await app.code(browser, "ada", ("resource", API), ("resource", other))
    answer = await app.redeem(code, resource=other)
    assert provider.claims(answer.access_token)["aud"] == other
    renewed = await app.refresh(answer, resource=API)
    assert provider.claims(renewed.access_token)["aud"] == API
