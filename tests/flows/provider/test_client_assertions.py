"""Clients that authenticate by assertions: private_key_jwt, client_secret_jwt (ATTACKS T03, T06, T07, T08)."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from itertools import product
from uuid import uuid4

import pytest
from tests.flows.doubles import yielding
from tests.flows.provider.keys import AppKey, key_set, sign_by_secret
from tests.flows.provider.outside import FakeOutside
from tests.flows.provider.provider import ISSUER
from tests.flows.world import SECRET

from watchword.config import LimitConfig
from watchword.core.errors import InvalidClient, InvalidRequest, TooManyRequests
from watchword.core.models.limits import Limit
from watchword.core.oauth.device_codes import GRANT as DEVICE
from watchword.core.tokens.client_assertion import ASSERTION_TYPE
from watchword.core.tokens.opaque import new_secret
from watchword.flows.client_auth import identify_client, identify_confidential_client
from watchword.flows.client_secrets import new_client_secret
from watchword.flows.clients import disable_client, rotate_secret
from watchword.flows.context import open_context
from watchword.flows.device import start_device
from watchword.flows.exchange import TokenRequest
from watchword.flows.introspect import introspect_token
from watchword.flows.revoke import revoke_token
from watchword.flows.token import issue_token

JWKS_URI = "https://app.example/jwks"
KEY = AppKey()
MACHINE = frozenset({"client_credentials"})
FRESH_SECRET = b"another one, only for tests: thirty-two bytes"


def second_of(provider):
    return int(provider.clock.now().timestamp())


def claims_of(provider, client_id, **changes):
    now = provider.clock.now().timestamp()
    good = {
        "iss": client_id,
        "sub": client_id,
        "aud": ISSUER,
        "jti": str(uuid4()),
        "iat": int(now),
        "exp": int(now) + 60,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def asserting(assertion, **form):
    shown = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
    return TokenRequest(form={name: value for name, value in {**shown, **form}.items() if value}, address="192.0.2.9")


def with_form(request, **form):
    return replace(request, form={**request.form, **form})


def signed(provider, app, key=KEY, **changes):
    return asserting(key.sign(claims_of(provider, app.id, **changes)))


async def by_key(provider, **metadata):
    fields = {"grants": MACHINE, "auth_method": "private_key_jwt", "jwks": key_set(KEY)}
    app = await provider.app(**{**fields, **metadata})
    await provider.plain.clients.rotate_secret(app.id, expected=app.client.secret_hashes, secret_hashes=())
    return app


async def by_secret(provider):
    app = await provider.app(grants=MACHINE, auth_method="client_secret_jwt")
    app.secret = await rotate_secret(provider.ctx, app.id, immediately=True)
    provider.tick(seconds=3)
    return app


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_a_client_proves_by_its_key_who_it_is(provider, algorithm):
    key = AppKey(algorithm=algorithm)
    app = await by_key(provider, jwks=key_set(key))
    request = signed(provider, app, key)
    assert (await identify_confidential_client(provider.ctx, request)).id == app.id


async def test_every_endpoint_takes_assertions(provider):
    app, ctx = await by_key(provider), provider.ctx
    granted = await issue_token(ctx, with_form(signed(provider, app), grant_type="client_credentials"))
    token = {"token": granted.access_token}
    asked = signed(provider, app, aud=f"{ISSUER}/auth/introspect")
    assert (await introspect_token(ctx, with_form(asked, **token)))["active"]
    await revoke_token(ctx, with_form(signed(provider, app, aud=f"{ISSUER}/auth/revoke"), **token))
    assert not (await introspect_token(ctx, with_form(signed(provider, app), **token)))["active"]
    device = await by_key(provider, grants=frozenset({DEVICE}))
    begun = await start_device(ctx, signed(provider, device, aud=f"{ISSUER}/auth/device_authorization"))
    assert begun.user_code


@pytest.mark.parametrize(
    ("audience", "endpoint", "accepted"),
    [
        (ISSUER, "/token", True),
        ([ISSUER], "/token", True),
        (f"{ISSUER}/auth/token", "/token", True),
        (f"{ISSUER}/auth/token", "/introspect", True),
        (f"{ISSUER}/auth/introspect", "/introspect", True),
        (f"{ISSUER}/auth/introspect", "/token", False),
        (f"{ISSUER}/", "/token", False),
        ("https://other.example/auth/token", "/token", False),
        ([ISSUER, "https://other.example"], "/token", False),
        (..., "/token", False),
    ],
)
async def test_an_assertion_is_for_the_issuer_the_token_endpoint_or_where_it_was_sent(
    provider, audience, endpoint, accepted
):
    app = await by_key(provider)
    request = signed(provider, app, aud=audience)
    if accepted:
        assert (await identify_client(provider.ctx, request, endpoint=endpoint)).id == app.id
    else:
        with pytest.raises(InvalidClient):
            await identify_client(provider.ctx, request, endpoint=endpoint)


@pytest.mark.parametrize(
    "changes",
    [{"exp": ...}, {"exp": 1}, {"exp": 10**10}, {"jti": ...}, {"iss": "another"}, {"sub": "another"}, {"nbf": 10**10}],
    ids=str,
)
async def test_an_assertion_with_a_bad_claim_is_refused(provider, changes):
    app = await by_key(provider)
    with pytest.raises((InvalidClient, InvalidRequest)):
        await identify_client(provider.ctx, signed(provider, app, **changes))
    assert (await identify_client(provider.ctx, signed(provider, app))).id == app.id


async def test_what_is_no_assertion_of_the_client_is_refused(provider):
    app, other = await by_key(provider), AppKey()
    good = signed(provider, app)
    for bad in (
        signed(provider, app, other),
        asserting(good.form["client_assertion"][:-2]),
        asserting("x.y.z"),
        asserting(""),
        asserting(good.form["client_assertion"], client_assertion_type="urn:other"),
        asserting(good.form["client_assertion"], client_assertion_type=""),
        asserting(KEY.sign(claims_of(provider, "first-party"))),
        asserting(KEY.sign(claims_of(provider, "nobody"))),
    ):
        with pytest.raises(InvalidClient):
            await identify_client(provider.ctx, bad)
    with pytest.raises(InvalidRequest):
        await identify_client(provider.ctx, asserting(good.form["client_assertion"], client_id="another"))
    assert (await identify_client(provider.ctx, good)).id == app.id


async def test_an_assertion_is_good_once(provider):
    app = await by_key(provider)
    request = signed(provider, app, jti="the only one")
    assert (await identify_client(provider.ctx, request)).id == app.id
    with pytest.raises(InvalidClient):
        await identify_client(provider.ctx, request)
    later = signed(provider, app, jti="the only one", exp=second_of(provider) + 90)
    with pytest.raises(InvalidClient):
        await identify_client(provider.ctx, later)
    other = await by_key(provider)
    assert (await identify_client(provider.ctx, signed(provider, other, jti="the only one"))).id == other.id


async def test_of_64_who_send_one_assertion_at_once_exactly_one_is_let_in(providers):
    provider = await providers(around=yielding)
    app = await by_key(provider)
    request = signed(provider, app)
    results = await asyncio.gather(*(identify_client(provider.ctx, request) for _ in range(64)), return_exceptions=True)
    assert [result.id for result in results if not isinstance(result, Exception)] == [app.id]
    assert sum(isinstance(result, InvalidClient) for result in results) == 63


async def test_each_client_authenticates_as_it_is_registered_and_not_otherwise(provider):
    keyed, derived = await by_key(provider), await by_secret(provider)
    basic = await provider.app(grants=MACHINE)
    post = await provider.app(grants=MACHINE, auth_method="client_secret_post")
    public = await provider.app(grants=MACHINE, public=True)
    machine = await provider.machine()
    apps = {"basic": basic, "post": post, "key": keyed, "secret": derived, "public": public, "machine": machine}
    secrets = {name: app.secret or new_secret("wwcs") for name, app in apps.items()}
    ways = {
        "basic": lambda name, app: TokenRequest(form={}, basic=(app.id, secrets[name])),
        "post": lambda name, app: TokenRequest(form={"client_id": app.id, "client_secret": secrets[name]}),
        "key": lambda _, app: signed(provider, app),
        "secret": lambda name, app: asserting(sign_by_secret(claims_of(provider, app.id), secrets[name])),
        "none": lambda _, app: TokenRequest(form={"client_id": app.id}),
    }
    good = set()
    for (name, app), (way, request) in product(apps.items(), ways.items()):
        with suppress(InvalidClient):
            assert (await identify_client(provider.ctx, request(name, app))).id == app.id
            good.add((name, way))
    assert good == {
        *(("basic", "basic"), ("post", "post"), ("key", "key"), ("secret", "secret"), ("public", "none")),
        *(("machine", "basic"), ("machine", "post")),
    }


async def test_a_client_signs_with_its_secret_which_is_not_stored(provider):
    app = await by_secret(provider)
    (stored,) = await provider.plain.clients.find([app.id])
    assert app.secret not in repr(stored) + repr(stored.secret_hashes) + repr(stored.secret_salts)
    good = asserting(sign_by_secret(claims_of(provider, app.id), app.secret))
    assert (await identify_client(provider.ctx, good)).id == app.id
    wrong = sign_by_secret(claims_of(provider, app.id), new_secret("wwcs"))
    with pytest.raises(InvalidClient):
        await identify_client(provider.ctx, asserting(wrong))


async def test_two_secrets_work_while_one_replaces_the_other(provider):
    app = await by_secret(provider)
    first, second = app.secret, await rotate_secret(provider.ctx, app.id)
    for secret in (first, second):
        request = asserting(sign_by_secret(claims_of(provider, app.id), secret))
        assert (await identify_client(provider.ctx, request)).id == app.id
    third = await rotate_secret(provider.ctx, app.id)
    for secret, accepted in ((first, False), (second, True), (third, True)):
        request = asserting(sign_by_secret(claims_of(provider, app.id), secret))
        if accepted:
            assert (await identify_client(provider.ctx, request)).id == app.id
        else:
            with pytest.raises(InvalidClient):
                await identify_client(provider.ctx, request)


async def test_a_derived_secret_outlives_a_new_secret_of_the_server_but_not_the_removal_of_its_own(provider):
    app = await by_secret(provider)
    for secrets, accepted in (((FRESH_SECRET, SECRET), True), ((FRESH_SECRET,), False)):
        ctx = open_context(replace(provider.ctx.config, secrets=secrets), provider.stores, clock=provider.clock)
        request = asserting(sign_by_secret(claims_of(provider, app.id), app.secret))
        if accepted:
            assert (await identify_client(ctx, request)).id == app.id
        else:
            with pytest.raises(InvalidClient):
                await identify_client(ctx, request)
        await ctx.close()


async def test_secrets_of_two_clients_with_one_salt_differ(provider, monkeypatch):
    monkeypatch.setattr("watchword.flows.client_secrets.secrets.token_bytes", bytes)
    made = {new_client_secret(provider.ctx, name, "client_secret_jwt").text for name in ("one", "two", "two")}
    assert len(made) == 2


async def test_a_disabled_client_is_refused_and_its_assertion_not_used_up(provider):
    app = await by_key(provider)
    request = signed(provider, app)
    await disable_client(provider.ctx, app.id)
    with pytest.raises(InvalidClient):
        await identify_client(provider.ctx, request)
    await provider.plain.clients.enable(app.id)
    provider.ctx.clients.forget(app.id)
    assert (await identify_client(provider.ctx, request)).id == app.id


async def test_bad_assertions_are_counted_like_wrong_secrets(providers):
    limits = LimitConfig(client_failures=Limit(2, 60))
    provider = await providers(limits=limits)
    app, other = await by_key(provider), AppKey()
    for _ in range(2):
        with pytest.raises(InvalidClient):
            await identify_client(provider.ctx, signed(provider, app, other))
    with pytest.raises(TooManyRequests):
        await identify_client(provider.ctx, signed(provider, app, other))
    assert (await identify_client(provider.ctx, signed(provider, app))).id == app.id


@pytest.fixture
async def publishing(providers):
    """A provider, and a client whose keys are at an address."""
    outside = FakeOutside()
    provider = await providers(outside=outside.ways)
    outside.publish(JWKS_URI, key_set(KEY))
    return provider, await by_key(provider, jwks=None, jwks_uri=JWKS_URI), outside


async def test_published_keys_are_fetched_once_for_many_requests(publishing):
    provider, app, outside = publishing
    requests = [signed(provider, app) for _ in range(16)]
    found = await asyncio.gather(*(identify_client(provider.ctx, request) for request in requests))
    assert {client.id for client in found} == {app.id}
    assert outside.asked == [JWKS_URI]


async def test_a_client_that_changes_its_key_is_understood_at_once(publishing):
    provider, app, outside = publishing
    assert await identify_client(provider.ctx, signed(provider, app))
    newer = AppKey("k2", "RS256")
    outside.publish(JWKS_URI, key_set(newer))
    assert (await identify_client(provider.ctx, signed(provider, app, newer))).id == app.id
    with pytest.raises(InvalidClient):
        await identify_client(provider.ctx, signed(provider, app))
    assert len(outside.asked) == 2


async def test_unknown_keys_make_us_ask_one_address_every_five_seconds_at_most(publishing):
    provider, app, outside = publishing
    assert await identify_client(provider.ctx, signed(provider, app))
    for second in range(6):
        for number in range(4):
            with pytest.raises(InvalidClient):
                await identify_client(provider.ctx, signed(provider, app, AppKey(f"unknown {second} {number}")))
        provider.tick(seconds=1)
    assert len(outside.asked) == 3


async def test_keys_serve_for_a_day_while_the_client_cannot_be_reached(publishing):
    provider, app, outside = publishing
    assert await identify_client(provider.ctx, signed(provider, app))
    del outside.documents[JWKS_URI]
    provider.tick(hours=23)
    assert (await identify_client(provider.ctx, signed(provider, app))).id == app.id
    provider.tick(hours=1)
    with pytest.raises(InvalidClient):
        await identify_client(provider.ctx, signed(provider, app))
    outside.publish(JWKS_URI, key_set(KEY))
    provider.tick(seconds=5)
    assert (await identify_client(provider.ctx, signed(provider, app))).id == app.id


@pytest.mark.parametrize("document", [{"keys": []}, {}, [], b"[" * 100_000, b"{}" * 50_000, b"\xff"], ids=str)
async def test_what_is_no_key_set_is_refused_as_a_bad_assertion(publishing, document):
    provider, app, outside = publishing
    outside.publish(JWKS_URI, document)
    with pytest.raises(InvalidClient):
        await identify_client(provider.ctx, signed(provider, app))
    outside.publish(JWKS_URI, key_set(KEY))
    provider.tick(seconds=5)
    assert (await identify_client(provider.ctx, signed(provider, app))).id == app.id


async def test_a_request_that_is_given_up_does_not_end_the_fetch_of_others(publishing):
    provider, app, outside = publishing
    asked, go_on, get = asyncio.Event(), asyncio.Event(), outside.get

    async def slow(url, *, accept):
        asked.set()
        await go_on.wait()
        return await get(url, accept=accept)

    outside.get = slow
    first, second = (asyncio.create_task(identify_client(provider.ctx, signed(provider, app))) for _ in range(2))
    await asked.wait()
    first.cancel()
    go_on.set()
    assert (await second).id == app.id
    assert first.cancelled()
    assert outside.asked == [JWKS_URI]


async def test_without_a_way_out_published_keys_prove_nothing(provider):
    app = await by_key(provider, jwks=None, jwks_uri=JWKS_URI)
    with pytest.raises(InvalidClient):
        await identify_client(provider.ctx, signed(provider, app))
