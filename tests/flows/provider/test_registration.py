"""Clients that register themselves, and manage what they registered (RFC 7591, RFC 7592)."""

from datetime import timedelta

import pytest
from tests.flows.provider.outside import FakeOutside
from tests.flows.provider.provider import CALLBACK, App

from watchword.config import LimitConfig, ProviderConfig
from watchword.core.account_errors import NotFound
from watchword.core.authorize_errors import InvalidClientMetadata, InvalidRedirectUri
from watchword.core.errors import InvalidClient, InvalidToken, TooManyRequests
from watchword.core.models.limits import Limit
from watchword.flows.initial_tokens import new_initial_access_token
from watchword.flows.outcomes import Redirect, ShowConsent
from watchword.flows.registration import change_registration, delete_registration, read_registration, register_client

OPEN = ProviderConfig(enabled=True, registration="open")
ADDRESS = "192.0.2.50"
DOCUMENT = {"client_name": "A visitor", "redirect_uris": [CALLBACK]}


@pytest.fixture
async def open_provider(providers):
    made = await providers(provider=OPEN)
    await made.sign_up()
    return made


async def register(provider, token=None, **changes):
    document = {**DOCUMENT, **changes}
    return await register_client(provider.ctx, document, token=token, address=ADDRESS)


async def app_of(provider, answer):
    (client,) = await provider.plain.clients.find([answer["client_id"]])
    return App(provider, client, answer.get("client_secret", ""))


async def test_whoever_registers_gets_a_working_client_and_no_secret_is_stored(open_provider):
    answer = await register(open_provider)
    assert (answer["client_name"], answer["redirect_uris"]) == ("A visitor", [CALLBACK])
    assert answer["token_endpoint_auth_method"] == "client_secret_basic"
    assert answer["client_secret_expires_at"] == 0
    app = await app_of(open_provider, answer)
    stored = repr(app.client) + repr(app.client.secret_hashes)
    assert answer["client_secret"] not in stored
    assert answer["registration_access_token"] not in stored
    tokens = await app.tokens(open_provider.browser(), scope="openid")
    assert tokens.id_token


async def test_people_are_always_asked_about_a_client_that_nobody_vouches_for(open_provider):
    app, browser = await app_of(open_provider, await register(open_provider)), open_provider.browser()
    await app.tokens(browser, scope="openid")
    assert isinstance(await app.visit(browser, scope="openid"), ShowConsent)


async def test_an_initial_access_token_vouches_for_its_bearer(open_provider):
    token, browser = new_initial_access_token(open_provider.ctx, ttl=timedelta(hours=1)), open_provider.browser()
    app = await app_of(open_provider, await register(open_provider, token=token))
    assert not app.client.dynamic
    await app.tokens(browser, scope="openid")
    assert isinstance(await app.visit(browser, scope="openid"), Redirect)


async def test_registration_is_off_by_default(provider):
    with pytest.raises(NotFound):
        await register(provider)


async def test_where_a_token_is_needed_a_missing_forged_or_old_one_is_refused(providers):
    provider = await providers(provider=ProviderConfig(enabled=True, registration="token"))
    good = new_initial_access_token(provider.ctx, ttl=timedelta(minutes=1))
    assert (await register(provider, token=good))["client_id"]
    for bad in (None, "", good + "x", good[:-1], "wwia_", good.removeprefix("wwia_")):
        with pytest.raises(InvalidToken):
            await register(provider, token=bad)
    provider.tick(minutes=1)
    with pytest.raises(InvalidToken):
        await register(provider, token=good)


async def test_registrations_from_one_address_are_limited(providers):
    config = ProviderConfig(enabled=True, registration="open", registrations=Limit(2, 60))
    provider = await providers(provider=config, limits=LimitConfig())
    for _ in range(2):
        await register(provider)
    with pytest.raises(TooManyRequests):
        await register(provider)
    provider.tick(seconds=61)
    assert await register(provider)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uris": []}, InvalidRedirectUri),
        ({"redirect_uris": ["https://*.example/cb"]}, InvalidRedirectUri),
        ({"redirect_uris": ["javascript:alert(1)"]}, InvalidRedirectUri),
        ({"redirect_uris": [CALLBACK + "#fragment"]}, InvalidRedirectUri),
        ({"grant_types": ["password"]}, InvalidClientMetadata),
        ({"response_types": ["id_token"]}, InvalidClientMetadata),
        ({"id_token_signed_response_alg": "none"}, InvalidClientMetadata),
        ({"id_token_signed_response_alg": "EdDSA"}, InvalidClientMetadata),
        ({"initiate_login_uri": "http://app.example/login"}, InvalidClientMetadata),
    ],
)
async def test_what_is_not_acceptable_is_refused_and_nothing_is_stored(open_provider, changes, error):
    with pytest.raises(error):
        await register(open_provider, **changes)
    assert list(await open_provider.plain.clients.list(limit=10)) == []


async def test_a_client_never_registers_for_a_restricted_scope(open_provider):
    answer = await register(open_provider, scope="openid admin audit read")
    assert answer["scope"] == "openid read"


async def test_a_client_reads_changes_and_removes_its_registration(open_provider):
    ctx, answer = open_provider.ctx, await register(open_provider)
    client_id, token = answer["client_id"], answer["registration_access_token"]
    known = await read_registration(ctx, client_id, token)
    assert known["client_name"] == "A visitor"
    assert "client_secret" not in known

    document = {**DOCUMENT, "client_id": client_id, "client_name": "Renamed"}
    changed = await change_registration(ctx, client_id, token, document)
    assert changed["client_name"] == "Renamed"
    app = await app_of(open_provider, answer)
    assert (app.client.name, app.client.dynamic) == ("Renamed", True)
    assert (await app.tokens(open_provider.browser(), scope="openid")).id_token

    await delete_registration(ctx, client_id, token)
    with pytest.raises(InvalidToken):
        await read_registration(ctx, client_id, token)
    with pytest.raises(InvalidClient):
        await app.token(grant_type="refresh_token", refresh_token="x")


async def test_only_its_own_token_opens_a_registration(open_provider):
    one, other = await register(open_provider), await register(open_provider)
    token = one["registration_access_token"]
    assert (await read_registration(open_provider.ctx, one["client_id"], token))["client_id"] == one["client_id"]
    for client_id, shown in ((other["client_id"], token), ("nobody", token), (one["client_id"], "\udc80")):
        with pytest.raises(InvalidToken):
            await read_registration(open_provider.ctx, client_id, shown)


async def test_a_change_must_name_the_client_and_keep_its_kind_of_secret(open_provider):
    answer = await register(open_provider)
    client_id, token = answer["client_id"], answer["registration_access_token"]
    bad = (
        DOCUMENT,
        {**DOCUMENT, "client_id": "another"},
        {**DOCUMENT, "client_id": client_id, "token_endpoint_auth_method": "none"},
    )
    for document in bad:
        with pytest.raises(InvalidClientMetadata):
            await change_registration(open_provider.ctx, client_id, token, document)
    posting = {**DOCUMENT, "client_id": client_id, "token_endpoint_auth_method": "client_secret_post"}
    changed = await change_registration(open_provider.ctx, client_id, token, posting)
    assert changed["token_endpoint_auth_method"] == "client_secret_post"


@pytest.mark.parametrize(
    ("listed", "accepted"),
    [([CALLBACK, "https://b.example/cb"], True), ([CALLBACK], False), ({}, False), (None, False)],
)
async def test_a_sector_document_must_name_every_redirect_uri(providers, listed, accepted):
    outside = FakeOutside()
    provider = await providers(provider=OPEN, outside=outside.ways)
    if listed is not None:
        outside.publish("https://sector.example/uris", listed)
    document = {
        "redirect_uris": [CALLBACK, "https://b.example/cb"],
        "subject_type": "pairwise",
        "sector_identifier_uri": "https://sector.example/uris",
    }
    if accepted:
        assert (await register(provider, **document))["subject_type"] == "pairwise"
    else:
        with pytest.raises(InvalidClientMetadata):
            await register(provider, **document)
