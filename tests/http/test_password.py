"""POST /auth/me/password."""

import pytest
from tests.http.site import PASSWORD, bearer

NEW = "a different passphrase altogether"


async def change(site, headers, **body):
    return await site.client.post(
        "/auth/me/password", json={"current_password": PASSWORD, "new_password": NEW, **body}, headers=headers
    )


@pytest.mark.parametrize(("flag", "other_status"), [({}, 200), ({"end_other_sessions": True}, 401)])
async def test_the_password_changes_and_other_sessions_end_on_request(site, flag, other_status):
    await site.sign_up()
    mine, other = bearer(await site.log_in()), bearer(await site.log_in())
    answer = await change(site, mine, **flag)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await site.client.get("/auth/me", headers=mine)).status_code == 200
    assert (await site.client.get("/auth/me", headers=other)).status_code == other_status
    assert (await site.token()).status_code == 400
    assert (await site.token(password=NEW)).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"current_password": "wrong password"}, 403, "wrong_password"),
        ({"new_password": "short"}, 422, "weak_password"),
        ({"new_password": None}, 422, "invalid_input"),
        ({"end_other_sessions": "yes"}, 422, "invalid_input"),
        ({"user_id": "another"}, 422, "invalid_input"),
    ],
)
async def test_a_refused_change_changes_nothing(site, body, status, code):
    headers = await site.new_person()
    answer = await change(site, headers, **body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await site.token()).status_code == 200
