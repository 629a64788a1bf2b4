"""A third party's client reaches for the account behind its token (ATTACKS Z03, X20; RFC 6749 section 3.3)."""

from dataclasses import replace

import pytest

from watchword.flows import admin

TOUCHING = [
    ("GET", "/auth/me", None, 200),
    ("PATCH", "/auth/me", {"email": "mallory@evil.example"}, 200),
    ("DELETE", "/auth/me", None, 204),
    ("GET", "/auth/me/sessions", None, 200),
    ("DELETE", "/auth/me/sessions/01890000-0000-7000-8000-000000000000", None, 404),
    ("POST", "/auth/me/password", {"current_password": "wrong-copper-lantern", "new_password": "x"}, 403),
    ("POST", "/auth/logout", {"everywhere": True}, 204),
]


async def ask(world, method, path, body=None):
    tokens = (await world.redeem(await world.get_code(scope="openid"))).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    return await world.client.request(method, path, headers=headers, json=body)


@pytest.mark.parametrize(("method", "path", "body", "_status"), TOUCHING)
async def test_a_client_of_others_never_touches_the_account(world, method, path, body, _status):
    before = await world.stores.users.find_by_login("alice")
    answer = await ask(world, method, path, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "access_refused")
    assert await world.stores.users.find_by_login("alice") == before


@pytest.mark.parametrize(("method", "path", "body", "status"), TOUCHING)
async def test_an_application_of_ones_own_does(world, method, path, body, status):
    await world.stores.clients.replace(replace(world.shop, first_party=True), expected_version=world.shop.version)
    answer = await ask(world, method, path, body)
    assert answer.status_code == status
    assert "access_refused" not in answer.text


async def test_a_client_of_others_ends_the_session_that_is_its_own(world):
    other = await world.log_in()
    assert (await ask(world, "POST", "/auth/logout")).status_code == 204
    headers = {"Authorization": f"Bearer {other['access_token']}"}
    assert (await world.client.get("/auth/me", headers=headers)).status_code == 200


@pytest.mark.parametrize(("dynamic", "status"), [(True, 403), (False, 200)])
async def test_an_administrator_lends_no_role_to_a_client_that_nobody_verified(world, dynamic, status):
    alice = await world.stores.users.find_by_login("alice")
    await admin.grant_role(world.auth.context, alice.id, "admin")
    await world.stores.clients.replace(replace(world.shop, dynamic=dynamic), expected_version=world.shop.version)
    assert (await ask(world, "GET", "/stats")).status_code == status
