"""Hybrid and implicit response types: off, unless the operator and the client's registration both say so."""

import pytest
from tests.flows.provider.provider import fields_of

from watchword.config import ProviderConfig
from watchword.core.tokens.id_token import half_hash
from watchword.flows.outcomes import FormPost, Redirect

EVERY = ("code", "id_token", "id_token token", "code id_token", "code token", "code id_token token")


@pytest.fixture
async def provider(providers):
    made = await providers(provider=ProviderConfig(enabled=True, legacy_response_types=True))
    await made.sign_up(profile={"name": "Ada Example"})
    return made


@pytest.fixture
async def app(provider):
    return await provider.app(response_types=EVERY)


@pytest.mark.parametrize(
    ("response_type", "names"),
    [
        ("id_token", {"id_token"}),
        ("token id_token", {"id_token", "access_token", "token_type", "expires_in"}),
        ("code id_token", {"code", "id_token"}),
        ("code token", {"code", "access_token", "token_type", "expires_in"}),
        ("code id_token token", {"code", "id_token", "access_token", "token_type", "expires_in"}),
    ],
)
async def test_the_response_carries_what_its_type_says(provider, app, browser, response_type, names):
    await app.visit(browser, response_type=response_type)
    fields = await browser.through()
    assert isinstance(browser.at, Redirect)
    assert "#" in browser.at.url
    assert set(fields) == names | {"state", "iss", "session_state"}
    if "id_token" in fields:
        claims = provider.claims(fields["id_token"])
        hashes = {"at_hash": fields.get("access_token"), "c_hash": fields.get("code")}
        expected = {name: half_hash(text, "RS256") for name, text in hashes.items() if text}
        assert {name: claims[name] for name in hashes if name in claims} == expected
        assert claims["nonce"] == "a nonce"
        assert ("name" in claims) == (response_type == "id_token")
    if "code" in fields:
        assert (await app.redeem(fields["code"])).id_token
    if "access_token" in fields:
        assert provider.claims(fields["access_token"])["client_id"] == app.id


async def test_an_id_token_in_the_response_needs_a_nonce_and_openid(app, browser):
    for changes, error in (({"nonce": None}, "invalid_request"), ({"scope": "read"}, "invalid_scope")):
        answer = await app.visit(browser, response_type="id_token", **changes)
        assert fields_of(answer)["error"] == error


async def test_it_may_be_posted_too(app, browser):
    await app.visit(browser, response_type="code id_token", response_mode="form_post")
    await browser.through()
    assert isinstance(browser.at, FormPost)


async def test_a_client_that_is_not_registered_for_it_is_refused(provider, browser):
    plain = await provider.app()
    answer = await plain.visit(browser, response_type="code id_token")
    assert fields_of(answer)["error"] == "unsupported_response_type"


async def test_where_it_is_off_a_registration_does_not_turn_it_on(providers, browser):
    off = await providers()
    app = await off.app(response_types=EVERY)
    answer = await app.visit(off.browser(), response_type="code id_token")
    assert fields_of(answer)["error"] == "unsupported_response_type"
