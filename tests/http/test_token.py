"""POST /auth/token (rows 3 and 5; T17 to T19, T22, T23)."""

import base64
import json
from typing import Any

import pytest

from watchword.config import LimitConfig
from watchword.core.models.limits import Limit
from watchword.flows import admin

FORM = "application/x-www-form-urlencoded"


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


@pytest.mark.parametrize("extra", [{}, {"grant_type": "password"}, {"grant_type": "password", "client_id": ""}])
async def test_a_password_buys_tokens_with_or_without_grant_type(site, extra):
    await site.sign_up()
    answer = await site.token(**extra)
    tokens = answer.json()
    assert answer.status_code == 200
    assert sorted(tokens) == ["access_token", "expires_in", "refresh_token", "scope", "token_type"]
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("bearer", 600, "")


async def test_the_answer_is_never_stored_and_never_sniffed(site):
    await site.sign_up()
    for answer in (await site.token(), await site.token(password="wrong password"), await site.refresh("wwrt_x")):
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_login_works_by_username_and_by_email_in_any_case(site):
    await site.sign_up("Alice", email="alice@example.test")
    for name in ("alice", "ALICE", "ａlice", "alice@example.test", "Alice@Example.TEST"):  # noqa: RUF001
        assert (await site.token(name)).status_code == 200


async def test_expires_in_is_the_lifetime_in_the_token(site):
    await site.sign_up()
    tokens = await site.log_in()
    claims = claims_of(tokens["access_token"])
    assert claims["exp"] - claims["iat"] == tokens["expires_in"] == 600


async def test_scopes_are_what_is_asked_for_and_may_be_had(site):
    await site.sign_up()
    tokens = await site.log_in(scope="items:read reports admin nonsense")
    assert tokens["scope"] == "items:read"
    assert claims_of(tokens["access_token"])["scope"] == "items:read"


async def test_a_restricted_scope_needs_a_role_with_its_permission(site):
    user = await site.sign_up()
    await site.put_role("analyst", "reports")
    await admin.grant_role(site.auth.context, user["id"], "analyst")
    assert (await site.log_in(scope="items:read reports"))["scope"] == "items:read reports"


async def test_the_default_scopes_are_asked_for_where_none_is(new_site):
    site = await new_site(default_scopes=("items:read",))
    await site.sign_up()
    assert (await site.log_in())["scope"] == "items:read"


@pytest.mark.parametrize("scope", ['a"b', "a\\b", "a\tb", "ä"])
async def test_a_malformed_scope_is_refused(site, scope):
    await site.sign_up()
    answer = await site.token(scope=scope)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


async def test_unknown_user_wrong_password_and_disabled_user_get_the_same_bytes(site):
    await site.sign_up("alice")
    disabled = await site.sign_up("bob")
    await admin.disable_user(site.auth.context, disabled["id"])
    answers = [
        await site.token("nobody"),
        await site.token("alice", "wrong password"),
        await site.token("bob"),
        await site.token("bob", "wrong password"),
        await site.token("nobody@example.test"),
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1
    assert answers[0].json()["error"] == "invalid_grant"
    assert (await site.token("alice")).status_code == 200


async def test_the_body_of_swaggers_login_is_accepted_with_its_empty_basic_header(site):
    await site.sign_up()
    form = {"grant_type": "password", "username": "alice", "password": "obviously fake lantern orchard", "scope": ""}
    answer = await site.client.post("/auth/token", data=form, headers={"Authorization": "Basic Og=="})
    assert answer.status_code == 200


async def test_a_bearer_header_of_an_eager_client_does_not_matter(site):
    await site.sign_up()
    tokens = await site.log_in()
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    answer = await site.client.post("/auth/token", data=form, headers={"Authorization": "Bearer old"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("form", "headers", "challenge"),
    [
        ({"client_id": "other"}, {}, None),
        ({"client_id": "first-party", "client_secret": "s"}, {}, None),
        ({}, {"Authorization": "Basic b3RoZXI6cw=="}, 'Basic realm="watchword"'),
        ({}, {"Authorization": "Basic !!"}, 'Basic realm="watchword"'),
        ({}, {"Authorization": "Basic"}, 'Basic realm="watchword"'),
    ],
)
async def test_another_client_is_an_invalid_client(site, form, headers, challenge):
    await site.sign_up()
    person = {"username": "alice", "password": "obviously fake lantern orchard"}
    answer = await site.client.post("/auth/token", data={**person, **form}, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers.get("www-authenticate") == challenge


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"username": "alice"}, "invalid_request"),
        ({"username": "alice", "password": ""}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unauthorized_client"),
        ({"grant_type": "authorization_code", "code": "x"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "wwrt_nonsense"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "é\u200b"}, "invalid_grant"),
    ],
)
async def test_malformed_requests_have_the_error_of_the_specification(site, form, error):
    answer = await site.client.post("/auth/token", data=form, headers={"Content-Type": FORM})
    assert (answer.status_code, answer.json()["error"]) == (400, error)


async def test_refresh_rotates_and_a_replay_kills_the_session(site):
    await site.sign_up()
    first = await site.log_in(scope="items:read")
    second = (await site.refresh(first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["scope"] == "items:read"
    third = (await site.refresh(second["refresh_token"])).json()
    replay = await site.refresh(first["refresh_token"])
    assert (replay.status_code, replay.json()["error"]) == (400, "invalid_grant")
    assert (await site.refresh(third["refresh_token"])).status_code == 400
    headers = {"Authorization": f"Bearer {third['access_token']}"}
    assert (await site.client.get("/auth/me", headers=headers)).status_code == 401


async def test_get_is_not_allowed_and_issues_nothing(site):
    await site.sign_up()
    answer = await site.client.get("/auth/token?username=alice&password=obviously fake lantern orchard")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("query", ["grant_type=password", "username=alice", "x"])
async def test_parameters_in_the_query_are_refused(site, query):
    await site.sign_up()
    form = {"username": "alice", "password": "obviously fake lantern orchard"}
    answer = await site.client.post(f"/auth/token?{query}", data=form)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert (await site.client.post("/auth/token", data=form)).status_code == 200


async def test_too_many_attempts_are_told_when_to_come_back(new_site):
    site = await new_site(limits=LimitConfig(login_per_account=Limit(3, 60)))
    await site.sign_up()
    answers = [await site.token(password="wrong password") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [400, 400, 400, 429]
    assert 1 <= int(answers[3].headers["retry-after"]) <= 60
    site.clock.tick(61)
    assert (await site.token()).status_code == 200
