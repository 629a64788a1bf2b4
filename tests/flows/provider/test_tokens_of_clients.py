"""Tokens of applications: bound to their client, as long-lived as it says, and good for one resource."""

from dataclasses import replace

import pytest
from tests.flows.provider.provider import FLOW

from watchword.core.authorize_errors import InvalidTarget
from watchword.core.errors import InvalidGrant, InvalidScope, InvalidToken
from watchword.core.models.authorizations import Resource
from watchword.core.models.events import RefreshReplayed
from watchword.flows.introspect import INACTIVE, introspect_token
from watchword.flows.resource_book import put_resource
from watchword.flows.revoke import revoke_token

API = "https://api.example"


@pytest.fixture
async def api(provider):
    return await put_resource(provider.ctx, Resource(uri=API))


async def introspect(app, token):
    return await introspect_token(app.ctx, app.request(token=token))


async def test_a_refresh_token_is_its_clients_own(provider, app, browser):
    other, answer = await provider.app(), await app.tokens(browser)
    with pytest.raises(InvalidGrant):
        await other.refresh(answer)
    renewed = await app.refresh(answer)
    assert renewed.refresh_token != answer.refresh_token
    assert renewed.id_token


async def test_a_refresh_narrows_scopes_and_resources_but_never_widens(provider, app, browser, api):
    answer = await app.tokens(browser, resource=API)
    with pytest.raises(InvalidTarget):
        await app.refresh(answer, resource="https://id.example")
    with pytest.raises(InvalidScope):
        await app.refresh(answer, scope="openid write")
    narrow = await app.refresh(answer, scope="read", resource=API)
    assert (narrow.scope, narrow.id_token) == ("read", None)
    assert (await app.refresh(narrow)).scope == "openid profile read"


async def test_a_replayed_refresh_token_of_an_application_ends_its_session(provider, app, browser):
    first = await app.tokens(browser)
    second = await app.refresh(first)
    provider.tick(seconds=11)
    with pytest.raises(InvalidGrant):
        await app.refresh(first)
    with pytest.raises(InvalidToken):
        await provider.who(second)
    assert len(await provider.events(RefreshReplayed)) == 1


@pytest.mark.parametrize(("registered", "lives"), [(None, 600), (120, 120), (86400, 600)])
async def test_a_client_may_have_shorter_access_tokens(provider, browser, registered, lives):
    app = await provider.app(access_ttl=registered)
    answer = await app.tokens(browser)
    claims = provider.claims(answer.access_token)
    assert (answer.expires_in, claims["exp"] - claims["iat"]) == (lives, lives)
    provider.tick(seconds=lives - 1)
    assert await provider.who(answer)
    provider.tick(seconds=1)
    with pytest.raises(InvalidToken):
        await provider.who(answer)


async def test_a_resource_may_have_shorter_access_tokens(provider, app, browser, api):
    await put_resource(provider.ctx, replace(api, access_ttl=provider.ctx.config.provider.code_ttl))
    assert (await app.tokens(browser, resource=API)).expires_in == 60


async def test_a_client_may_have_shorter_logins(provider, browser):
    app = await provider.app(refresh_idle_ttl=60, refresh_max_ttl=100)
    answer = await app.tokens(browser)
    provider.tick(seconds=59)
    answer = await app.refresh(answer)
    provider.tick(seconds=40)
    answer = await app.refresh(answer)
    provider.tick(seconds=1)
    with pytest.raises(InvalidGrant):
        await app.refresh(answer)
    again = await app.tokens(browser)
    provider.tick(seconds=60)
    with pytest.raises(InvalidGrant):
        await app.refresh(again)


async def test_a_token_for_another_resource_is_none_for_this_application(provider, app, browser, api):
    answer = await app.tokens(browser, resource=API)
    assert dict(await introspect(app, answer.access_token))["aud"] == API
    for _ in range(2):
        with pytest.raises(InvalidToken):
            await provider.who(answer)


async def test_tokens_for_any_resource_are_introspected_and_revoked_by_their_client(provider, app, browser, api):
    other = await provider.app()
    for resource in (API, None):
        answer = await app.tokens(browser, resource=resource)
        assert (await introspect(app, answer.access_token))["active"] is True
        assert await introspect(other, answer.access_token) == INACTIVE
        await revoke_token(provider.ctx, other.request(token=answer.access_token))
        assert (await introspect(app, answer.access_token))["active"] is True
        await revoke_token(provider.ctx, app.request(token=answer.access_token))
        assert await introspect(app, answer.access_token) == INACTIVE


async def test_a_token_for_another_resource_dies_with_its_session(provider, app, browser, api):
    answer = await app.tokens(browser, resource=API)
    assert (await introspect(app, answer.access_token))["active"] is True
    await revoke_token(provider.ctx, app.request(token=answer.refresh_token))
    assert await introspect(app, answer.access_token) == INACTIVE


async def test_a_resource_that_is_no_longer_registered_makes_its_tokens_worthless(provider, app, browser, api):
    from watchword.flows.resource_book import delete_resource

    answer = await app.tokens(browser, resource=API)
    await delete_resource(provider.ctx, API)
    assert await introspect(app, answer.access_token) == INACTIVE


async def test_an_id_token_is_no_access_token(provider, app, browser):
    answer = await app.tokens(browser)
    assert await introspect(app, answer.id_token) == INACTIVE
    with pytest.raises(InvalidToken):
        await provider.who(replace(answer, access_token=answer.id_token))
    assert await provider.who(answer)


async def test_a_resource_must_be_an_absolute_uri(provider):
    for uri in ("", "api", "https://api.example/#part", "javascript"):
        with pytest.raises(InvalidTarget):
            await put_resource(provider.ctx, Resource(uri=uri))
    assert await put_resource(provider.ctx, Resource(uri=API, name="Api"))


async def test_a_resource_that_another_process_registered_is_known_when_it_is_asked_for(providers, provider, browser):
    other = await providers(stores=provider.plain, clock=provider.clock)
    app = await provider.app(grants=FLOW)
    await put_resource(other.ctx, Resource(uri=API))
    answer = await app.tokens(browser, resource=API)
    assert provider.claims(answer.access_token)["aud"] == API
