"""The application on PostgreSQL, from sign-up to revocation, and while the server is away."""

import asyncio
import time

import pytest
from tests.http.admin.clients import check_life_of_client
from tests.http.site import PASSWORD, bearer, running

from watchword.stores.open import open_stores


@pytest.fixture
async def site(postgres_url):
    async with running(open_stores(postgres_url)) as site:
        yield site


@pytest.fixture
async def own_site(own_url):
    async with running(open_stores(own_url)) as site:
        yield site


async def test_a_person_signs_up_logs_in_refreshes_and_leaves(site):
    made = await site.sign_up("alice", email="alice@example.org")
    tokens = await site.log_in("alice@example.org")
    me = await site.client.get("/auth/me", headers=bearer(tokens))
    assert (me.status_code, me.json()["id"]) == (200, made["id"])
    refreshed = (await site.refresh(tokens["refresh_token"])).json()
    assert (await site.client.get("/hello", headers=bearer(refreshed))).json() == {"username": "alice"}
    revoked = await site.client.post("/auth/revoke", data={"token": refreshed["refresh_token"]})
    assert revoked.status_code == 200
    assert (await site.client.get("/hello", headers=bearer(refreshed))).status_code == 401
    assert (await site.refresh(refreshed["refresh_token"])).status_code == 400


async def test_names_are_taken_once_whatever_their_spelling(site):
    await site.sign_up("Alice", email="alice@example.org")
    taken = await site.client.post("/auth/signup", json={"username": "ALICE", "password": PASSWORD})
    assert taken.status_code == 409


async def test_two_that_race_get_the_same_successor_and_a_late_third_ends_the_session(site):
    await site.sign_up()
    tokens = await site.log_in()
    racing = await asyncio.gather(*(site.refresh(tokens["refresh_token"]) for _ in range(8)))
    assert {answer.status_code for answer in racing} == {200}
    successors = {answer.json()["refresh_token"] for answer in racing}
    assert len(successors) == 1
    site.clock.tick(11)
    assert (await site.refresh(tokens["refresh_token"])).status_code == 400
    assert (await site.refresh(successors.pop())).status_code == 400


async def test_an_administrator_disables_a_person(site):
    made = await site.sign_up("bob")
    tokens = await site.log_in("bob")
    root = await site.new_admin()
    user = f"/auth/admin/api/users/{made['id']}"
    disabled = await site.client.patch(user, json={"disabled": True}, headers=root)
    assert disabled.status_code == 200
    assert (await site.client.get("/hello", headers=bearer(tokens))).status_code == 403
    assert (await site.token("bob")).status_code == 400


async def test_a_client_lives_and_dies_by_the_admin_api(site):
    await check_life_of_client(site)


@pytest.mark.parametrize("away", ["stop", "pause"])
async def test_without_its_server_tokens_verify_and_nothing_is_spent(own_site, own_server, away):
    site = own_site
    await site.sign_up()
    tokens = await site.log_in()
    await asyncio.to_thread(getattr(own_server, away))
    took = []
    for _ in range(3):
        begun = time.monotonic()
        answers = await asyncio.gather(site.refresh(tokens["refresh_token"]), site.token(), site.token("nobody"))
        took.append(time.monotonic() - begun)
        assert [answer.status_code for answer in answers] == [503] * 3
        assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers)
    assert min(took) < 1
    assert (await site.client.get("/items", headers=bearer(tokens))).status_code in {200, 403}
    await asyncio.to_thread(own_server.start if away == "stop" else own_server.resume)
    begun = time.monotonic()
    while (answer := await site.token()).status_code == 503:
        assert time.monotonic() - begun < 5
    assert answer.status_code == 200
    assert (await site.refresh(tokens["refresh_token"])).status_code == 200
