"""GET, PATCH and DELETE /auth/me (rows 2 and 5; Z03)."""

from datetime import timedelta

import pytest
from tests.http.site import bearer

from watchword.flows import admin

GUARDED = [
    ("GET", "/auth/me"),
    ("PATCH", "/auth/me"),
    ("DELETE", "/auth/me"),
    ("POST", "/auth/me/password"),
    ("GET", "/auth/me/sessions"),
    ("DELETE", "/auth/me/sessions/x"),
    ("POST", "/auth/logout"),
    ("GET", "/auth/admin/api/users"),
    ("POST", "/auth/admin/api/users"),
    ("GET", "/auth/admin/api/users/x"),
    ("PATCH", "/auth/admin/api/users/x"),
    ("DELETE", "/auth/admin/api/users/x"),
    ("PUT", "/auth/admin/api/users/x/roles/y"),
    ("DELETE", "/auth/admin/api/users/x/roles/y"),
    ("GET", "/auth/admin/api/roles"),
    ("PUT", "/auth/admin/api/roles/x"),
    ("DELETE", "/auth/admin/api/roles/x"),
    ("POST", "/auth/admin/api/invites"),
    ("GET", "/auth/admin/api/keys"),
    ("POST", "/auth/admin/api/keys/rotate"),
    ("GET", "/auth/admin/api/clients"),
    ("POST", "/auth/admin/api/clients"),
    ("GET", "/auth/admin/api/clients/x"),
    ("PATCH", "/auth/admin/api/clients/x"),
    ("DELETE", "/auth/admin/api/clients/x"),
    ("POST", "/auth/admin/api/clients/x/secrets"),
    ("GET", "/items"),
    ("GET", "/hello"),
]


async def test_me_shows_the_account(site):
    user = await site.sign_up(email="alice@example.test")
    answer = await site.client.get("/auth/me", headers=bearer(await site.log_in()))
    assert (answer.status_code, answer.json()) == (200, user)


@pytest.mark.parametrize(
    "body", [{"roles": ["admin"]}, {"is_superuser": True}, {"email_verified": True}, {"username": "root"}]
)
async def test_nobody_assigns_themselves_what_is_not_theirs(site, body):
    headers = await site.new_person()
    before = (await site.client.get("/auth/me", headers=headers)).json()
    answer = await site.client.patch("/auth/me", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert (await site.client.get("/auth/me", headers=headers)).json() == before


async def test_the_email_address_is_set_and_taken_away(site):
    headers = await site.new_person()
    site.clock.tick(5)
    set_to = await site.client.patch("/auth/me", json={"email": "alice@example.test"}, headers=headers)
    assert (set_to.status_code, set_to.json()["email"]) == (200, "alice@example.test")
    assert set_to.json()["updated_at"] == "2030-01-01T12:00:05.000Z"
    assert (await site.client.patch("/auth/me", json={}, headers=headers)).json()["email"] == "alice@example.test"
    assert (await site.client.patch("/auth/me", json={"email": None}, headers=headers)).json()["email"] is None


async def test_the_email_address_of_another_is_refused(site):
    await site.sign_up("bob", email="bob@example.test")
    headers = await site.new_person()
    answer = await site.client.patch("/auth/me", json={"email": "BOB@example.test"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


async def test_changing_the_address_and_deleting_need_a_fresh_login(site):
    await site.sign_up()
    tokens = await site.log_in()
    site.clock.tick(timedelta(minutes=15, seconds=1))
    stale = bearer((await site.refresh(tokens["refresh_token"])).json())
    patch = await site.client.patch("/auth/me", json={"email": "a@example.test"}, headers=stale)
    delete = await site.client.delete("/auth/me", headers=stale)
    for answer in (patch, delete):
        assert (answer.status_code, answer.json()["code"]) == (401, "insufficient_user_authentication")
        assert 'max_age="900"' in answer.headers["www-authenticate"]
    assert (await site.client.patch("/auth/me", json={}, headers=stale)).status_code == 200
    fresh = bearer(await site.log_in())
    assert (await site.client.delete("/auth/me", headers=fresh)).status_code == 204


async def test_a_deleted_account_is_gone_with_its_tokens(site):
    await site.sign_up()
    tokens = await site.log_in()
    answer = await site.client.delete("/auth/me", headers=bearer(tokens))
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await site.client.get("/auth/me", headers=bearer(tokens))).status_code == 401
    assert (await site.refresh(tokens["refresh_token"])).status_code == 400
    assert (await site.token()).status_code == 400


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, None),
        ({"Authorization": "Bearer nonsense"}, "invalid_token"),
        ({"Authorization": "Bearer a.b.c"}, "invalid_token"),
    ],
)
async def test_every_guarded_route_answers_401_without_a_good_token(site, headers, error):
    for method, path in GUARDED:
        answer = await site.client.request(method, path, headers=headers)
        challenge = answer.headers["www-authenticate"]
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert challenge.startswith('Bearer realm="watchword"')
        assert ("error=" in challenge) is (error is not None)
        assert error is None or f'error="{error}"' in challenge


async def test_an_expired_token_is_401_and_a_live_one_200(site):
    headers = await site.new_person()
    site.clock.tick(599)
    assert (await site.client.get("/hello", headers=headers)).json() == {"username": "alice"}
    site.clock.tick(1)
    assert (await site.client.get("/hello", headers=headers)).status_code == 401


async def test_a_missing_scope_is_403_and_says_which(site):
    headers = await site.new_person()
    answer = await site.client.get("/items", headers=headers)
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]
    assert 'scope="items:read"' in answer.headers["www-authenticate"]
    assert (answer.json()["required_scopes"], answer.json()["missing_scopes"]) == (["items:read"], ["items:read"])
    granted = bearer(await site.log_in(scope="items:read"))
    assert (await site.client.get("/items", headers=granted)).status_code == 200


async def test_a_disabled_account_is_403_on_a_protected_route(site):
    user = await site.sign_up()
    headers = bearer(await site.log_in())
    await admin.disable_user(site.auth.context, user["id"])
    for path in ("/hello", "/auth/me"):
        answer = await site.client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "account_disabled")
    await admin.enable_user(site.auth.context, user["id"])
    site.clock.tick(2)
    assert (await site.client.get("/auth/me", headers=headers)).status_code == 401
    assert (await site.client.get("/auth/me", headers=bearer(await site.log_in()))).status_code == 200
