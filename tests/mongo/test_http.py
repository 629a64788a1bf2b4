"""The whole application over MongoDB: sign up, log in, refresh, replay, revoke, administer."""

import pytest
from tests.http.admin.clients import check_life_of_client
from tests.http.site import bearer, running


@pytest.fixture
async def site(stores):
    async with running(stores) as running_site:
        yield running_site


async def me(site, headers):
    return await site.client.get("/auth/me", headers=headers)


async def test_a_person_signs_up_logs_in_and_is_known(site):
    headers = await site.new_person("alice")
    answer = await me(site, headers)
    assert (answer.status_code, answer.json()["username"]) == (200, "alice")
    taken = await site.client.post("/auth/signup", json={"username": "ALICE", "password": "another fake lantern"})
    assert taken.status_code == 409
    assert (await site.token(password="not the password")).status_code == 400


async def test_a_refresh_token_goes_on_and_its_replay_ends_the_session(site):
    await site.sign_up()
    first = await site.log_in()
    second = (await site.refresh(first["refresh_token"])).json()
    third = await site.refresh(second["refresh_token"])
    assert third.status_code == 200
    site.clock.tick(60)
    replay = await site.refresh(first["refresh_token"])
    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    assert (await site.refresh(third.json()["refresh_token"])).status_code == 400
    assert (await me(site, bearer(third.json()))).status_code == 401


async def test_two_refreshes_at_once_get_the_same_successor(site):
    await site.sign_up()
    tokens = await site.log_in()
    first, second = [(await site.refresh(tokens["refresh_token"])).json() for _ in range(2)]
    assert first["refresh_token"] == second["refresh_token"]


async def test_a_revoked_token_is_refused_and_another_is_not(site):
    await site.sign_up()
    one, other = await site.log_in(), await site.log_in()
    answer = await site.client.post("/auth/revoke", data={"token": one["refresh_token"]})
    assert answer.status_code == 200
    assert (await site.refresh(one["refresh_token"])).status_code == 400
    assert (await me(site, bearer(one))).status_code == 401
    assert (await me(site, bearer(other))).status_code == 200


async def test_an_administrator_disables_an_account(site):
    alice = await site.new_person("alice")
    root = await site.new_admin()
    user_id = (await me(site, alice)).json()["id"]
    done = await site.client.patch(f"/auth/admin/api/users/{user_id}", json={"disabled": True}, headers=root)
    assert done.status_code == 200
    assert (await me(site, alice)).status_code in (401, 403)
    assert (await site.token("alice")).status_code == 400
    assert (await me(site, root)).status_code == 200


async def test_a_client_lives_and_dies_by_the_admin_api(site):
    await check_life_of_client(site)
