"""Clients that register themselves ask for too much, or for what is not theirs to reach (ATTACKS X20 to X24, A07)."""

import json

import pytest
from tests.http.provider.world import hidden, running_world

from watchword.config import LimitConfig, ProviderConfig
from watchword.core.models.limits import Limit

DOCUMENT = {"client_name": "Guest", "redirect_uris": ["https://guest.example/cb"]}
PRIVATE = [
    *("https://169.254.169.254/latest", "https://10.0.0.1/", "https://[::ffff:10.0.0.1]/", "https://2852039166/"),
    *("https://0x7f000001:1/", "https://0177.0.0.1:1/", "https://[fd00::1]/", "https://[::]/", "https://0.0.0.0/"),
    *("https://localhost:1/", "https://metadata.google.internal./"),
]


@pytest.fixture
async def open_world():
    async with running_world(provider=ProviderConfig(registration="open")) as world:
        yield world


async def register(world, **more):
    document = {name: value for name, value in {**DOCUMENT, **more}.items() if value is not None}
    return await world.client.post("/auth/register", json=document)


@pytest.mark.parametrize(
    "members",
    [
        {"first_party": True, "trusted": True, "dynamic": False},
        {"consent": "never", "require_pkce": False},
        {"may_introspect": True, "introspect": True, "serves": ["http://testserver"]},
        {"origins": ["https://evil.example"], "resources": ["https://api.example"]},
        {"access_ttl": 999_999, "refresh_max_ttl": 999_999_999, "id": "first-party", "client_id": "first-party"},
        {"scope": "openid admin reports items:read"},
        {"client_secret": "chosen", "registration_access_token": "chosen", "secret_hashes": []},
    ],
    ids=lambda members: next(iter(members)),
)
async def test_what_only_an_operator_may_say_is_passed_over(open_world, members):
    answer = await register(open_world, **members)
    assert answer.status_code == 201
    (client,) = await open_world.stores.clients.find([answer.json()["client_id"]])
    metadata = client.metadata
    assert (client.dynamic, client.first_party, client.may_introspect) == (True, False, False)
    assert (metadata.consent, metadata.require_pkce, metadata.serves) == ("always", True, ())
    assert (metadata.origins, metadata.resources, metadata.access_ttl, metadata.refresh_max_ttl) == (
        (),
        None,
        None,
        None,
    )
    assert client.scopes is not None
    assert not {"admin", "reports"} & client.scopes
    assert client.id != "first-party"
    assert "chosen" not in answer.text


@pytest.mark.parametrize(
    "members",
    [
        {"grant_types": ["client_credentials"]},
        {"grant_types": ["password"]},
        {"grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"]},
        {"grant_types": ["implicit"], "response_types": ["token"]},
        {"redirect_uris": ["https://*.guest.example/cb"]},
        {"redirect_uris": [".*"]},
        {"redirect_uris": ["https://guest.example/cb#f"]},
        {"redirect_uris": ["https://guest.example/../cb"]},
        {"redirect_uris": ["https://trusted.example@evil.example/cb"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["data:text/html,x"], "application_type": "native"},
        {"redirect_uris": ["http://guest.example/cb"]},
        {"redirect_uris": "https://guest.example/cb"},
        {"logo_uri": "javascript:alert(1)"},
        {"tos_uri": "data:text/html,x"},
        {"client_name": "x" * 10_240},
        {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
        {"jwks": {"keys": []}},
        {"jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "1"}] * 2}},
        {"jwks_uri": "http://10.0.0.1/jwks"},
        {"jwks_uri": "file:///etc/passwd"},
        {"request_uris": ["http://guest.example/request"]},
        {"backchannel_logout_uri": "http://guest.example/out"},
        {"frontchannel_logout_uri": "https://evil.example/out"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"software_statement": "a.b.c"},
    ],
    ids=str,
)
async def test_what_is_unsafe_is_refused(open_world, members):
    refused = await register(open_world, **members)
    assert refused.status_code == 400, refused.text
    assert refused.json()["error"].startswith(("invalid_", "unapproved_"))
    assert len(await open_world.stores.clients.list(limit=10)) == 1
    assert (await register(open_world)).status_code == 201


@pytest.mark.parametrize("uri", PRIVATE)
async def test_no_address_inside_is_fetched_for_a_sector(open_world, uri):
    answer = await register(open_world, subject_type="pairwise", sector_identifier_uri=uri)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
    assert set(answer.json()) == {"error", "error_description"}


@pytest.mark.parametrize(
    "text",
    [
        *('{"client_name": "a", "client_name": "b"}', '{"client_name": "\\ud800"}', '{"client_name": "a\\u0000"}'),
        *("[" * 500, '{"redirect_uris": ' + "[" * 20 + "]" * 20 + "}", "NaN", "\ufeff{}", "[]", "null"),
        json.dumps({"x" * 9: "y" * 70_000}),
    ],
    ids=lambda text: text[:24],
)
async def test_json_that_is_not_plain_is_refused(open_world, text):
    headers = {"Content-Type": "application/json"}
    answer = await open_world.client.post("/auth/register", content=text.encode(), headers=headers)
    assert answer.status_code in (400, 413)
    assert answer.json()["error"].startswith("invalid_")


async def test_a_client_that_registers_itself_takes_nobodys_place(open_world):
    """It looks like another client, and is asked about at each authorization, with a warning."""
    guest = (await register(open_world, client_name="Shop", redirect_uris=["https://app.example/cb"])).json()
    assert guest["client_id"] != open_world.shop.id
    page = await open_world.log_in_here(client_id=guest["client_id"])
    assert "registered itself" in page.text
    assert hidden(page, "consent")["interaction"]
    answer = await open_world.send(page, "consent", decision="allow")
    code = answer.headers["location"].split("code=")[1].split("&")[0]
    assert (await open_world.redeem(code)).json()["error"] == "invalid_grant"
    again = await open_world.authorize(client_id=guest["client_id"])
    assert "<h1>Give access?</h1>" in again.text


async def test_the_token_of_one_registration_opens_no_other(open_world):
    one, two = (await register(open_world)).json(), (await register(open_world)).json()
    bearer = {"Authorization": f"Bearer {one['registration_access_token']}"}
    for method in ("GET", "PUT", "DELETE"):
        for client_id in (two["client_id"], open_world.shop.id, "first-party", "..%2f" + one["client_id"]):
            place = f"/auth/register/{client_id}"
            answer = await open_world.client.request(
                method, place, headers=bearer, json=DOCUMENT if method == "PUT" else None
            )
            assert answer.status_code in (401, 404), (method, client_id)
    assert (await open_world.client.get(one["registration_client_uri"], headers=bearer)).status_code == 200


async def test_registrations_are_limited():
    config = ProviderConfig(registration="open", registrations=Limit(2, 3600))
    async with running_world(provider=config, limits=LimitConfig()) as world:
        answers = [await register(world) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert int(answers[2].headers["retry-after"]) > 0
