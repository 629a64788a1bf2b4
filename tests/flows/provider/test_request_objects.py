"""Request objects by value and by reference (RFC 9101, OpenID Connect Core section 6; ATTACKS A27)."""

import asyncio
from base64 import urlsafe_b64encode
from hashlib import sha256

import pytest
from tests.flows.provider.keys import AppKey, key_set, unsigned
from tests.flows.provider.outside import FakeOutside
from tests.flows.provider.provider import CALLBACK, ISSUER, fields_of

from watchword.core.authorize_errors import InvalidRequestObject, InvalidRequestUri, RequestUriNotSupported
from watchword.core.errors import InvalidRequest
from watchword.core.oauth.parameters import Parameters, parse_parameters
from watchword.flows.outcomes import Redirect, ShowError, ShowLogin
from watchword.flows.request_objects import resolve_request

KEY = AppKey()
JWKS_URI, REQUEST_URI = "https://app.example/jwks", "https://app.example/request.jwt"
OTHER_CALLBACK = "https://app.example/other"


@pytest.fixture
async def outside():
    return FakeOutside()


@pytest.fixture
async def provider(providers, outside):
    made = await providers(outside=outside.ways)
    await made.sign_up()
    return made


async def an_app(provider, **metadata):
    known = {"jwks": key_set(KEY), "request_uris": (REQUEST_URI,), "redirect_uris": (CALLBACK, OTHER_CALLBACK)}
    return await provider.app(**{**known, **metadata})


def claims_of(app, **changes):
    good = {"iss": app.id, "aud": ISSUER, "client_id": app.id, "state": "from inside", "nonce": "inner"}
    return {name: value for name, value in {**good, **changes}.items() if value is not ...}


def outer(app, **changes):
    known = {"client_id": app.id, "response_type": "code", "scope": "openid", "state": "from outside"}
    return parse_parameters({**known, **changes}.items())


async def resolve(provider, app, **changes):
    return await resolve_request(provider.ctx, app.client, outer(app, **changes))


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_a_signed_request_object_wins_over_what_stands_outside(provider, algorithm):
    key = AppKey(algorithm=algorithm)
    app = await an_app(provider, jwks=key_set(key))
    merged = await resolve(provider, app, request=key.sign(claims_of(app)))
    assert (merged.get("state"), merged.get("nonce"), merged.get("scope")) == ("from inside", "inner", "openid")


async def test_without_a_request_object_parameters_stay_as_they_are(provider):
    app = await an_app(provider)
    assert await resolve_request(provider.ctx, app.client, outer(app)) == outer(app)


async def test_the_whole_way_by_an_unsigned_object_with_its_own_redirect_uri(provider):
    app, browser = await an_app(provider), provider.browser()
    inside = claims_of(app, redirect_uri=OTHER_CALLBACK, iss=..., aud=...)
    assert isinstance(await app.visit(browser, request=unsigned(inside)), ShowLogin)
    answer = await browser.login()
    while not isinstance(answer, Redirect):
        answer = await browser.decide()
    assert answer.url.startswith(OTHER_CALLBACK + "?")
    assert fields_of(answer)["state"] == "from inside"


@pytest.mark.parametrize(
    ("registered", "scope", "accepted"),
    [
        (None, "openid", True),
        ("none", "openid", True),
        ("none", "read", True),
        (None, "read", False),
        ("ES256", "openid", False),
    ],
)
async def test_an_unsigned_object_is_good_where_the_client_may_send_such(provider, registered, scope, accepted):
    app = await an_app(provider, request_object_signing_alg=registered)
    token = unsigned(claims_of(app))
    if accepted:
        assert (await resolve(provider, app, scope=scope, request=token)).get("state") == "from inside"
    else:
        with pytest.raises(InvalidRequestObject):
            await resolve(provider, app, scope=scope, request=token)


@pytest.mark.parametrize(
    "changes",
    [
        *({"iss": "another"}, {"client_id": "another"}, {"aud": "https://other.example"}, {"exp": 1}, {"nbf": 10**10}),
        *({"request": "x"}, {"request_uri": REQUEST_URI}, {"state": 7}, {"scope": ["openid"]}),
    ],
    ids=str,
)
async def test_a_bad_claim_spoils_a_request_object(provider, changes):
    app = await an_app(provider)
    with pytest.raises((InvalidRequestObject, InvalidRequest)):
        await resolve(provider, app, request=KEY.sign(claims_of(app, **changes)))
    assert await resolve(provider, app, request=KEY.sign(claims_of(app)))


async def test_a_wrong_signature_is_refused_and_the_client_told_with_its_state(provider):
    app, browser = await an_app(provider), provider.browser()
    for token in (AppKey().sign(claims_of(app)), KEY.sign(claims_of(app))[:-3], "x", "a.b.c"):
        with pytest.raises(InvalidRequestObject):
            await resolve(provider, app, request=token)
        told = fields_of(await app.visit(browser, request=token))
        assert (told["error"], told["state"], told["iss"]) == ("invalid_request_object", "a state", ISSUER)
    shown = await app.visit(browser, request="x", redirect_uri="https://evil.example/cb")
    assert isinstance(shown, ShowError)


async def test_an_object_contradicting_what_stands_outside_is_refused(provider):
    app = await an_app(provider)
    with pytest.raises(InvalidRequest):
        await resolve(provider, app, request=KEY.sign(claims_of(app, response_type="token")))
    assert await resolve(provider, app, request=KEY.sign(claims_of(app, response_type="code")))
    with pytest.raises(InvalidRequest):
        await resolve(provider, app, request=KEY.sign(claims_of(app)), request_uri=REQUEST_URI)


async def test_the_key_of_a_request_object_is_fetched_and_again_when_it_is_unknown(provider, outside):
    app = await an_app(provider, jwks=None, jwks_uri=JWKS_URI)
    outside.publish(JWKS_URI, key_set(KEY))
    assert await resolve(provider, app, request=unsigned(claims_of(app)))
    assert outside.asked == []
    assert await resolve(provider, app, request=KEY.sign(claims_of(app)))
    newer = AppKey("k2", "PS256")
    outside.publish(JWKS_URI, key_set(newer))
    assert await resolve(provider, app, request=newer.sign(claims_of(app)))
    with pytest.raises(InvalidRequestObject):
        await resolve(provider, app, request=AppKey("k3").sign(claims_of(app)))
    assert outside.asked == [JWKS_URI] * 2


async def test_a_client_without_keys_cannot_sign(provider):
    app = await an_app(provider, jwks=None)
    with pytest.raises(InvalidRequestObject):
        await resolve(provider, app, request=KEY.sign(claims_of(app)))
    assert await resolve(provider, app, request=unsigned(claims_of(app)))


@pytest.mark.parametrize("sign", [KEY.sign, unsigned], ids=["signed", "unsigned"])
async def test_a_registered_request_uri_is_fetched(provider, outside, sign):
    app = await an_app(provider)
    outside.publish(REQUEST_URI, sign(claims_of(app)).encode())
    assert (await resolve(provider, app, request_uri=REQUEST_URI)).get("state") == "from inside"
    assert isinstance(await app.visit(provider.browser(), request_uri=REQUEST_URI), ShowLogin)


async def test_a_reload_uses_nothing_up_and_asks_nobody_for_some_seconds(provider, outside):
    app, browser = await an_app(provider), provider.browser()
    outside.publish(REQUEST_URI, unsigned(claims_of(app)).encode())
    for _ in range(3):
        assert isinstance(await app.visit(browser, request_uri=REQUEST_URI), ShowLogin)
    await asyncio.gather(*(resolve(provider, app, request_uri=REQUEST_URI) for _ in range(8)))
    assert outside.asked == [REQUEST_URI]
    provider.tick(seconds=5)
    outside.publish(REQUEST_URI, unsigned(claims_of(app, state="newer")).encode())
    assert (await resolve(provider, app, request_uri=REQUEST_URI)).get("state") == "newer"
    assert outside.asked == [REQUEST_URI] * 2


async def test_a_hash_in_the_uri_binds_its_content(provider, outside):
    app = await an_app(provider)
    body = unsigned(claims_of(app)).encode()
    digest = urlsafe_b64encode(sha256(body).digest()).rstrip(b"=").decode()
    outside.publish(REQUEST_URI, body)
    assert await resolve(provider, app, request_uri=f"{REQUEST_URI}#{digest}")
    outside.publish(REQUEST_URI, unsigned(claims_of(app, state="newer")).encode())
    provider.tick(minutes=9)
    assert (await resolve(provider, app, request_uri=f"{REQUEST_URI}#{digest}")).get("state") == "from inside"
    provider.tick(minutes=1)
    with pytest.raises(InvalidRequestUri):
        await resolve(provider, app, request_uri=f"{REQUEST_URI}#{digest}")


@pytest.mark.parametrize("uri", ["https://evil.example/r", "http://app.example/request.jwt", REQUEST_URI + "?x", "x"])
async def test_only_a_registered_request_uri_is_fetched(provider, outside, uri):
    app = await an_app(provider)
    with pytest.raises(InvalidRequestUri):
        await resolve(provider, app, request_uri=uri)
    none = await an_app(provider, request_uris=())
    with pytest.raises(RequestUriNotSupported):
        await resolve(provider, none, request_uri=REQUEST_URI)
    assert outside.asked == []


async def test_what_cannot_be_fetched_is_refused_and_asked_for_again(provider, outside):
    app = await an_app(provider)
    for body in (None, b"x" * 70_000, b"\xff"):
        if body is not None:
            outside.publish(REQUEST_URI, body)
        with pytest.raises(InvalidRequestUri):
            await resolve(provider, app, request_uri=REQUEST_URI)
        provider.tick(seconds=5)
    outside.publish(REQUEST_URI, unsigned(claims_of(app)).encode())
    assert await resolve(provider, app, request_uri=REQUEST_URI)


@pytest.mark.parametrize("published", [True, False])
async def test_whatever_fragments_come_an_address_is_asked_once_a_second_at_most(provider, outside, published):
    app = await an_app(provider)
    if published:
        outside.publish(REQUEST_URI, unsigned(claims_of(app)).encode())
    fragments = ["", *(f"#{letter * 43}" for letter in "ABCDEFGH"), "#", "#x", "#y"]
    asking = [resolve(provider, app, request_uri=REQUEST_URI + fragment) for fragment in fragments]
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert {type(answer) for answer in answers} <= {Parameters, InvalidRequestUri}
    for fragment in fragments[1:]:
        await asyncio.gather(resolve(provider, app, request_uri=REQUEST_URI + fragment), return_exceptions=True)
    assert outside.asked == [REQUEST_URI]
    provider.tick(seconds=1)
    await asyncio.gather(resolve(provider, app, request_uri=REQUEST_URI + fragments[1]), return_exceptions=True)
    assert outside.asked == [REQUEST_URI] * 2


async def test_without_a_way_out_nothing_is_fetched(providers):
    provider = await providers()
    app = await an_app(provider)
    with pytest.raises(InvalidRequestUri):
        await resolve(provider, app, request_uri=REQUEST_URI)
