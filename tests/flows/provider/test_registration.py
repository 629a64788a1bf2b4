"""Clients that register themselves, and manage what they registered (RFC 7591, RFC 7592)."""

from datetime import timedelta

import pytest
from tests.flows.doubles import Interruption
from tests.flows.provider.outside import FakeOutside
from tests.flows.provider.provider import CALLBACK, App

from watchword.config import LimitConfig, ProviderConfig
from watchword.core.account_errors import Conflict, NotFound
from watchword.core.authorize_errors import InvalidClientMetadata, InvalidRedirectUri, UnapprovedSoftwareStatement
from watchword.core.errors import InvalidClient, InvalidToken, TooManyRequests
from watchword.core.models.client_metadata import ConsentPolicy
from watchword.core.models.events import ClientChanged
from watchword.core.models.limits import Limit
from watchword.flows.clients import get_client, verify_client
from watchword.flows.initial_tokens import new_initial_access_token
from watchword.flows.outcomes import Redirect, ShowConsent, ShowLogin
from watchword.flows.registration import change_registration, delete_registration, read_registration, register_client

OPEN = ProviderConfig(enabled=True, registration="open")
ADDRESS = "192.0.2.50"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
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


async def test_an_initial_access_token_lets_a_client_register_and_vouches_for_nothing(open_provider):
    token, browser = new_initial_access_token(open_provider.ctx, ttl=timedelta(hours=1)), open_provider.browser()
    app = await app_of(open_provider, await register(open_provider, token=token))
    assert app.client.dynamic
    await app.tokens(browser, scope="openid")
    assert isinstance(await app.visit(browser, scope="openid"), ShowConsent)
    with pytest.raises(InvalidToken):
        await register(open_provider, token="not one of ours")


async def test_people_are_asked_once_about_a_client_that_an_administrator_has_verified(open_provider):
    answer, browser = await register(open_provider), open_provider.browser()
    verified = await verify_client(open_provider.ctx, answer["client_id"])
    assert (verified.dynamic, verified.metadata.consent) == (False, ConsentPolicy.REMEMBER)
    assert await verify_client(open_provider.ctx, answer["client_id"]) == verified
    app = await app_of(open_provider, answer)
    await app.tokens(browser, scope="openid")
    assert isinstance(await app.visit(browser, scope="openid"), Redirect)
    assert [event.change for event in await open_provider.events(ClientChanged)] == ["registered", "verified"]
    with pytest.raises(NotFound):
        await verify_client(open_provider.ctx, "nobody")


@pytest.mark.parametrize(
    ("change", "dynamic", "consent"),
    [
        ({}, False, ConsentPolicy.REMEMBER),
        ({"jwks_uri": "https://app.example/keys"}, False, ConsentPolicy.REMEMBER),
        ({"client_name": "Renamed"}, True, ConsentPolicy.ALWAYS),
        ({"redirect_uris": ["https://elsewhere.example/cb"]}, True, ConsentPolicy.ALWAYS),
        ({"logo_uri": "https://app.example/logo.png"}, True, ConsentPolicy.ALWAYS),
    ],
)
async def test_a_verified_client_is_unverified_again_when_it_says_something_else(
    open_provider, change, dynamic, consent
):
    answer = await register(open_provider)
    await verify_client(open_provider.ctx, answer["client_id"])
    document = {**DOCUMENT, "client_id": answer["client_id"], **change}
    await change_registration(
        open_provider.ctx, answer["client_id"], answer["registration_access_token"], document, address=ADDRESS
    )
    client = await get_client(open_provider.ctx, answer["client_id"])
    assert (client.dynamic, client.metadata.consent) == (dynamic, consent)


@pytest.mark.parametrize("required", [True, False])
async def test_whether_clients_that_register_need_pkce_is_a_setting(providers, required):
    provider = await providers(provider=ProviderConfig(enabled=True, registration="open", require_pkce=required))
    app = await app_of(provider, await register(provider))
    plain = {"code_challenge": None, "code_challenge_method": None}
    shown = await app.visit(provider.browser(), scope="openid", **plain)
    assert isinstance(shown, Redirect if required else ShowLogin)
    public = await app_of(provider, await register(provider, token_endpoint_auth_method="none"))
    assert isinstance(await public.visit(provider.browser(), scope="openid", **plain), Redirect)
    assert isinstance(await public.visit(provider.browser(), scope="openid"), ShowLogin)


async def test_a_software_statement_is_refused(open_provider):
    with pytest.raises(UnapprovedSoftwareStatement):
        await register(open_provider, software_statement="a.b.c")
    assert await register(open_provider, software_statement=None)


async def test_a_change_with_a_secret_must_name_its_own(open_provider):
    answer = await register(open_provider)
    client_id, token = answer["client_id"], answer["registration_access_token"]
    document = {**DOCUMENT, "client_id": client_id, "client_secret": answer["client_secret"]}
    assert await change_registration(open_provider.ctx, client_id, token, document, address=ADDRESS)
    for wrong in ("another", 1, "\udc80"):
        with pytest.raises(InvalidClientMetadata):
            await change_registration(
                open_provider.ctx, client_id, token, {**document, "client_secret": wrong}, address=ADDRESS
            )


async def test_of_two_changes_at_once_one_is_told_of_the_other(providers):
    race = Interruption()
    provider = await providers(provider=OPEN, around=race)
    answer = await register(provider)
    client_id, token = answer["client_id"], answer["registration_access_token"]
    document = {**DOCUMENT, "client_id": client_id}

    async def another():
        await change_registration(
            provider.ctx, client_id, token, {**document, "client_name": "Quicker"}, address=ADDRESS
        )

    race.before["clients", "replace"] = another
    with pytest.raises(Conflict):
        await change_registration(provider.ctx, client_id, token, document, address=ADDRESS)
    assert (await read_registration(provider.ctx, client_id, token))["client_name"] == "Quicker"


async def test_who_removes_its_registration_has_no_token_that_works(open_provider):
    answer = await register(open_provider)
    app = await app_of(open_provider, answer)
    tokens = await app.tokens(open_provider.browser(), scope="openid")
    assert (await open_provider.who(tokens)).client_id == app.id
    await delete_registration(open_provider.ctx, app.id, answer["registration_access_token"])
    with pytest.raises(InvalidToken):
        await open_provider.who(tokens)
    with pytest.raises(InvalidClient):
        await app.refresh(tokens)


async def test_keys_are_looked_at_for_their_form_only(open_provider):
    keyed = {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.example/jwks"}
    answer = await register(open_provider, **keyed)
    assert (answer["jwks_uri"], "client_secret" in answer) == (keyed["jwks_uri"], False)
    for bad in ({"jwks_uri": "http://app.example/jwks"}, {"jwks_uri": None}, {"jwks": {"keys": []}}):
        with pytest.raises(InvalidClientMetadata):
            await register(open_provider, **{**keyed, **bad})


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


async def test_changes_from_one_address_are_limited_for_they_too_may_make_us_fetch_something(providers):
    config = ProviderConfig(enabled=True, registration="open", registrations=Limit(2, 60))
    provider = await providers(provider=config, limits=LimitConfig())
    answer = await register(provider)
    client_id, token = answer["client_id"], answer["registration_access_token"]
    document = {**DOCUMENT, "client_id": client_id}
    for _ in range(2):
        assert await change_registration(provider.ctx, client_id, token, document, address=ADDRESS)
    with pytest.raises(TooManyRequests):
        await change_registration(provider.ctx, client_id, token, document, address=ADDRESS)
    provider.tick(seconds=61)
    assert await change_registration(provider.ctx, client_id, token, document, address=ADDRESS)


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
    changed = await change_registration(ctx, client_id, token, document, address=ADDRESS)
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
            await change_registration(open_provider.ctx, client_id, token, document, address=ADDRESS)
    posting = {**DOCUMENT, "client_id": client_id, "token_endpoint_auth_method": "client_secret_post"}
    changed = await change_registration(open_provider.ctx, client_id, token, posting, address=ADDRESS)
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


async def test_a_stranger_learns_no_pairwise_subject_of_another_sector_by_a_device(providers):
    outside = FakeOutside()
    provider = await providers(provider=OPEN, outside=outside.ways)
    outside.publish("https://sector.example/uris", [CALLBACK])
    device = {"grant_types": [DEVICE], "response_types": [], "redirect_uris": []}
    both = {"grant_types": [DEVICE, "authorization_code"], "redirect_uris": [CALLBACK]}
    elsewhere = {"sector_identifier_uri": "https://sector.example/uris"}
    for document in (device, both, {**device, **elsewhere}, {**both, **elsewhere}):
        with pytest.raises(InvalidClientMetadata):
            await register(provider, subject_type="pairwise", **document)
        assert (await register(provider, **document))["subject_type"] == "public"
    code = {"redirect_uris": [CALLBACK], **elsewhere}
    assert (await register(provider, subject_type="pairwise", **code))["subject_type"] == "pairwise"
