"""GET /auth/me/sessions, DELETE /auth/me/sessions/{id}, POST /auth/logout (Z02)."""

import pytest
from tests.http.site import bearer


async def sessions(site, headers):
    answer = await site.client.get("/auth/me/sessions", headers=headers)
    assert answer.status_code == 200
    assert answer.json()["next"] is None
    return answer.json()["items"]


async def test_sessions_are_listed_newest_first_and_the_current_one_is_marked(site):
    await site.sign_up()
    first = bearer(await site.log_in())
    site.clock.tick(1)
    form = {"username": "alice", "password": "obviously fake lantern orchard"}
    agent = {"User-Agent": "Browser/1 <b>" + "x" * 1000}
    second = bearer((await site.client.post("/auth/token", data=form, headers=agent)).json())
    listed = await sessions(site, first)
    assert [session["current"] for session in listed] == [False, True]
    assert listed[0]["user_agent"] == agent["User-Agent"][:256]
    assert sorted(listed[0]) == [
        "client_id",
        "created_at",
        "current",
        "expires_at",
        "id",
        "last_seen_at",
        "user_agent",
    ]
    assert [session["current"] for session in await sessions(site, second)] == [True, False]


async def test_a_session_of_ones_own_can_be_ended(site):
    await site.sign_up()
    mine, lost = await site.log_in(), await site.log_in()
    listed = await sessions(site, bearer(mine))
    other = next(session["id"] for session in listed if not session["current"])
    answer = await site.client.delete(f"/auth/me/sessions/{other}", headers=bearer(mine))
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await site.client.get("/auth/me", headers=bearer(lost))).status_code == 401
    assert (await site.refresh(lost["refresh_token"])).status_code == 400
    assert (await site.client.get("/auth/me", headers=bearer(mine))).status_code == 200
    assert (await site.client.delete(f"/auth/me/sessions/{other}", headers=bearer(mine))).status_code == 404


async def test_the_session_of_another_person_is_not_found(site):
    alice, bob = await site.new_person("alice"), await site.new_person("bob")
    (session,) = await sessions(site, bob)
    for session_id in (session["id"], "nonsense", "x" * 128, "%27--", "é"):
        answer = await site.client.delete(f"/auth/me/sessions/{session_id}", headers=alice)
        assert answer.status_code == 404, session_id
    assert (await site.client.get("/auth/me", headers=bob)).status_code == 200


@pytest.mark.parametrize("body", [None, {}, {"everywhere": False}])
async def test_logout_ends_the_current_session_alone(site, body):
    await site.sign_up()
    mine, other = await site.log_in(), await site.log_in()
    answer = await site.client.post("/auth/logout", headers=bearer(mine), **({} if body is None else {"json": body}))
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await site.client.get("/auth/me", headers=bearer(mine))).status_code == 401
    assert (await site.refresh(mine["refresh_token"])).status_code == 400
    assert (await site.client.get("/auth/me", headers=bearer(other))).status_code == 200


async def test_logout_everywhere_ends_every_session_of_this_person_alone(site):
    await site.sign_up()
    mine, other = await site.log_in(), await site.log_in()
    stranger = await site.new_person("bob")
    answer = await site.client.post("/auth/logout", headers=bearer(mine), json={"everywhere": True})
    assert answer.status_code == 204
    for tokens in (mine, other):
        assert (await site.client.get("/auth/me", headers=bearer(tokens))).status_code == 401
    assert (await site.client.get("/auth/me", headers=stranger)).status_code == 200


async def test_logout_takes_no_other_members(site):
    headers = await site.new_person()
    answer = await site.client.post("/auth/logout", headers=headers, json={"user_id": "x"})
    assert answer.status_code == 422
    assert (await site.client.get("/auth/me", headers=headers)).status_code == 200
