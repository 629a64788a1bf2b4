"""Resources and initial access tokens in the admin API of a provider."""

import pytest
from tests.http.admin.clients import CLIENTS
from tests.http.provider.world import query, running_world
from tests.http.site import bearer

from watchword.config import ProviderConfig

API = "/auth/admin/api"
RESOURCES, INITIAL = f"{API}/resources", f"{API}/initial-access-tokens"
URI = "https://api.example/v1?tenant=a&b=%2F"
ITEMS = {"name": "Items", "scopes": ["items:read"], "access_ttl": 60}
ROUTES = [
    ("GET", RESOURCES, None),
    ("PUT", RESOURCES, ITEMS),
    ("DELETE", RESOURCES, None),
    ("POST", INITIAL, None),
]


@pytest.fixture
async def world():
    async with running_world(provider=ProviderConfig(registration="token")) as running:
        yield running


@pytest.fixture
async def admin(world):
    return await world.new_admin()


async def test_every_route_needs_the_scope_admin(world, admin):
    plain = bearer(await world.log_in(scope="admin"))
    for method, path, body in ROUTES:
        place = {"json": body, "params": {"uri": URI}}
        assert (await world.client.request(method, path, **place)).status_code == 401
        refused = await world.client.request(method, path, headers=plain, **place)
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    for method, path, body in ROUTES:
        answer = await world.client.request(method, path, headers=admin, json=body, params={"uri": URI})
        assert (answer.status_code // 100, answer.headers["cache-control"]) == (2, "no-store")


async def test_resources_and_initial_tokens_are_of_a_provider_alone(site):
    headers = await site.new_admin()
    for method, path, body in ROUTES:
        assert (await site.client.request(method, path, json=body, headers=headers)).status_code == 404
    assert (await site.client.get(CLIENTS, headers=headers)).status_code == 200


async def test_a_resource_is_made_replaced_listed_and_deleted(world, admin):
    async def send(method, body=None):
        return await world.client.request(method, RESOURCES, params={"uri": URI}, json=body, headers=admin)

    for _ in range(2):
        put = await send("PUT", ITEMS)
        assert (put.status_code, put.json()) == (200, {"uri": URI, **ITEMS})
    bare = {"uri": URI, "name": "", "scopes": None, "access_ttl": None}
    assert ((await send("PUT", {})).json(), (await send("GET")).json()) == (bare, {"items": [bare], "next": None})
    assert URI in world.auth.context.resources.by_uri
    assert ((await send("DELETE")).status_code, (await send("DELETE")).status_code) == (204, 404)
    assert URI not in world.auth.context.resources.by_uri
    assert (await send("GET")).json()["items"] == []


async def test_a_token_is_made_for_a_registered_resource_and_lives_as_long_as_it_says(world, admin):
    asked = {"resource": "https://api.example/", "scope": "items:read"}
    assert query(await world.authorize(**asked))["error"] == "invalid_target"
    put = await world.client.put(RESOURCES, params={"uri": asked["resource"]}, json={"access_ttl": 60}, headers=admin)
    assert put.status_code == 200
    tokens = (await world.redeem(await world.get_code(**asked))).json()
    assert tokens["expires_in"] == 60


BAD = [
    ("items", {}),
    ("https://api.example/#part", {}),
    ("https://api.example/é", {}),
    ("https://api.example/" + "x" * 2000, {}),
    ("", {}),
    (URI, {"scopes": ["a b"]}),
    (URI, {"scopes": "items:read"}),
    (URI, {"access_ttl": -1}),
    (URI, {"access_ttl": 1.5}),
    (URI, {"name": ""}),
    (URI, {"name": "a\nb"}),
    (URI, {"uri": URI}),
    (URI, []),
    (URI, None),
]


@pytest.mark.parametrize(("uri", "body"), BAD)
async def test_a_resource_that_is_not_sound_is_refused(world, admin, uri, body):
    refused = await world.client.put(RESOURCES, params={"uri": uri}, json=body, headers=admin)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input")
    assert (await world.client.get(RESOURCES, headers=admin)).json()["items"] == []
    assert (await world.client.put(RESOURCES, params={"uri": URI}, json=ITEMS, headers=admin)).status_code == 200


async def test_without_a_uri_nothing_is_put_or_deleted(world, admin):
    for method in ("PUT", "DELETE"):
        answer = await world.client.request(method, RESOURCES, json={}, headers=admin)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "uri")


async def test_an_initial_access_token_lets_a_client_register_itself_until_it_ends(world, admin):
    guest = {"client_name": "Guest", "redirect_uris": ["https://guest.example/cb"]}
    answer = await world.client.post(INITIAL, json={"hours": 2}, headers=admin)
    assert (answer.status_code, answer.json()["hours"]) == (201, 2)
    good = {"Authorization": f"Bearer {answer.json()['initial_access_token']}"}
    assert (await world.client.post("/auth/register", json=guest)).status_code == 401
    registered = await world.client.post("/auth/register", json=guest, headers=good)
    assert registered.status_code == 201
    shown = await world.client.get(f"{CLIENTS}/{registered.json()['client_id']}", headers=admin)
    assert shown.json()["registered_itself"] is True
    assert registered.json()["registration_access_token"] not in shown.text
    world.clock.tick(2 * 3600 + 1)
    assert (await world.client.post("/auth/register", json=guest, headers=good)).status_code == 401


@pytest.mark.parametrize("body", [{"hours": 0}, {"hours": 8761}, {"hours": "2"}, {"days": 1}])
async def test_a_strange_lifetime_of_an_initial_access_token_is_refused(world, admin, body):
    assert (await world.client.post(INITIAL, json=body, headers=admin)).status_code == 422
    assert (await world.client.post(INITIAL, headers=admin)).json()["hours"] == 24
