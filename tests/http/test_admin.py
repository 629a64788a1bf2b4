"""The admin API."""

import pytest
from tests.http.site import PASSWORD, bearer

API = "/auth/admin/api"
ROUTES = [
    ("GET", "/users", None),
    ("POST", "/users", {"username": "eve", "password": PASSWORD}),
    ("GET", "/users/alice", None),
    ("PATCH", "/users/alice", {"disabled": True}),
    ("DELETE", "/users/alice", None),
    ("PUT", "/users/alice/roles/admin", None),
    ("DELETE", "/users/alice/roles/admin", None),
    ("GET", "/roles", None),
    ("PUT", "/roles/editor", {"permissions": ["admin"]}),
    ("DELETE", "/roles/admin", None),
    ("POST", "/invites", {"roles": ["admin"]}),
    ("GET", "/keys", None),
    ("POST", "/keys/rotate", {"immediately": True}),
]


async def test_every_admin_route_needs_the_scope_admin(site):
    await site.sign_up()
    headers = bearer(await site.log_in(scope="admin items:read"))
    for method, path, body in ROUTES:
        answer = await site.client.request(method, API + path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
        assert 'scope="admin"' in answer.headers["www-authenticate"]
    assert (await site.client.get("/auth/me", headers=headers)).json()["roles"] == []


async def test_an_administrator_without_the_scope_is_refused_too(site):
    await site.new_admin()
    headers = bearer(await site.log_in("root"))
    assert (await site.client.get(f"{API}/users", headers=headers)).status_code == 403


async def test_users_are_listed_in_pages(site):
    headers = await site.new_admin()
    for number in range(5):
        site.clock.tick(1)
        await site.sign_up(f"user{number}")
    names, cursor = [], None
    for _ in range(3):
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await site.client.get(f"{API}/users", params=params, headers=headers)).json()
        names += [user["username"] for user in page["items"]]
        cursor = page["next"]
    assert (names, cursor) == (["root", "user0", "user1", "user2", "user3", "user4"], None)


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=nonsense", "cursor=!!", "cursor=%00", "cursor=" + "A" * 300]
)
async def test_a_strange_page_is_invalid_input(site, query):
    headers = await site.new_admin()
    answer = await site.client.get(f"{API}/users?{query}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_an_account_is_made_shown_disabled_enabled_and_deleted(site):
    headers = await site.new_admin()
    body = {"username": "bob", "password": PASSWORD, "email": "bob@example.test", "roles": ["admin"]}
    made = await site.client.post(f"{API}/users", json=body, headers=headers)
    user = made.json()
    assert (made.status_code, user["roles"]) == (201, ["admin"])
    path = f"{API}/users/{user['id']}"
    assert (await site.client.get(path, headers=headers)).json() == user
    assert (await site.client.get(f"{API}/users/BOB", headers=headers)).json() == user
    disabled = await site.client.patch(path, json={"disabled": True}, headers=headers)
    assert (disabled.status_code, disabled.json()["disabled"]) == (200, True)
    assert (await site.token("bob")).status_code == 400
    enabled = await site.client.patch(path, json={"disabled": False}, headers=headers)
    assert (enabled.status_code, enabled.json()["disabled"]) == (200, False)
    assert (await site.token("bob")).status_code == 200
    assert (await site.client.delete(path, headers=headers)).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await site.client.request(method, path, headers=headers)).status_code == 404


async def test_an_unknown_account_or_role_is_not_found(site):
    headers = await site.new_admin()
    user = await site.sign_up()
    for method, path, body in [
        ("PATCH", "/users/nobody", {"disabled": True}),
        ("PATCH", "/users/nobody", {"disabled": False}),
        ("PUT", "/users/nobody/roles/admin", None),
        ("PUT", f"/users/{user['id']}/roles/nothing", None),
        ("DELETE", "/roles/nothing", None),
    ]:
        answer = await site.client.request(method, API + path, json=body, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


async def test_a_role_is_made_granted_withdrawn_and_deleted(site):
    headers = await site.new_admin()
    user = await site.sign_up()
    body = {"permissions": ["reports", "items:write"], "description": "Writes"}
    put = await site.client.put(f"{API}/roles/editor", json=body, headers=headers)
    role = {"name": "editor", "permissions": ["items:write", "reports"], "description": "Writes"}
    assert (put.status_code, put.json()) == (200, role)
    assert role in (await site.client.get(f"{API}/roles", headers=headers)).json()["items"]
    path = f"{API}/users/{user['id']}/roles/editor"
    assert (await site.client.put(path, headers=headers)).json()["roles"] == ["editor"]
    assert (await site.log_in(scope="reports"))["scope"] == "reports"
    assert (await site.client.delete(path, headers=headers)).json()["roles"] == []
    assert (await site.log_in(scope="reports"))["scope"] == ""
    assert (await site.client.delete(f"{API}/roles/editor", headers=headers)).status_code == 204


async def test_a_person_whose_roles_were_changed_thirty_times_can_log_in_at_once(site):
    headers = await site.new_admin()
    alice = (await site.sign_up())["id"]
    person = bearer(await site.log_in())
    await site.put_role("editor")
    for _ in range(15):
        for method in ("PUT", "DELETE"):
            path = f"{API}/users/{alice}/roles/editor"
            assert (await site.client.request(method, path, headers=headers)).status_code == 200
    assert (await site.client.get("/auth/me", headers=person)).status_code == 401
    assert (await site.client.get("/auth/me", headers=bearer(await site.log_in()))).status_code == 200


async def test_the_role_admin_keeps_its_permission_and_stays(site):
    headers = await site.new_admin()
    put = await site.client.put(f"{API}/roles/admin", json={"permissions": []}, headers=headers)
    assert put.json()["permissions"] == ["admin"]
    assert (await site.client.delete(f"{API}/roles/admin", headers=headers)).status_code == 409


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
@pytest.mark.parametrize("name", ["-x", "a b", "é", "x" * 65, "%0a"])
async def test_a_strange_role_name_is_refused(site, name):
    headers = await site.new_admin()
    answer = await site.client.put(f"{API}/roles/{name}", json={}, headers=headers)
    assert answer.status_code == 422


async def test_an_invitation_is_shown_once_and_works(site):
    headers = await site.new_admin()
    answer = await site.client.post(f"{API}/invites", json={"roles": ["admin"]}, headers=headers)
    assert (answer.status_code, list(answer.json())) == (201, ["invite"])
    assert (await site.sign_up("eve", invite=answer.json()["invite"]))["roles"] == ["admin"]
    assert (await site.client.post(f"{API}/invites", headers=headers)).status_code == 201


async def test_keys_are_listed_without_material_and_rotate(site):
    headers = await site.new_admin()
    before = (await site.client.get(f"{API}/keys", headers=headers)).json()["items"]
    assert sorted(before[0]) == ["algorithm", "created_at", "generation", "kid", "revoked_at", "signs_from"]
    rotated = await site.client.post(f"{API}/keys/rotate", headers=headers)
    assert (rotated.status_code, rotated.json()["generation"]) == (200, before[-1]["generation"] + 1)
    again = await site.client.post(f"{API}/keys/rotate", headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    now = await site.client.post(f"{API}/keys/rotate", json={"immediately": True}, headers=headers)
    assert now.status_code == 200
    published = {key["kid"] for key in (await site.client.get("/auth/jwks")).json()["keys"]}
    assert now.json()["kid"] in published
    assert (await site.client.get("/auth/me", headers=headers)).status_code == 200


async def test_no_admin_answer_is_stored(site):
    headers = await site.new_admin()
    await site.sign_up()
    for method, path, body in ROUTES:
        answer = await site.client.request(method, API + path, json=body, headers=headers)
        assert answer.status_code < 500
        assert answer.headers["cache-control"] == "no-store"
