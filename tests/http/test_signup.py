"""POST /auth/signup (row 2; Z03)."""

import pytest

from watchword.config import LimitConfig
from watchword.core.models.limits import Limit
from watchword.flows import admin

PERSON = {"username": "Alice", "password": "obviously fake lantern orchard"}


async def post(site, **body):
    return await site.client.post("/auth/signup", json={**PERSON, **body})


async def test_a_new_account_is_answered_without_any_secret(site):
    answer = await post(site, email="alice@example.test")
    user = answer.json()
    assert answer.status_code == 201
    assert user == {
        "id": user["id"],
        "username": "Alice",
        "email": "alice@example.test",
        "email_verified": False,
        "disabled": False,
        "roles": [],
        "created_at": "2030-01-01T12:00:00.000Z",
        "updated_at": "2030-01-01T12:00:00.000Z",
        "profile": {},
    }
    assert len(user["id"]) == 36


@pytest.mark.parametrize("username", ["alice", "ALICE", "Ａlice"])  # noqa: RUF001
async def test_a_username_is_taken_in_every_spelling(site, username):
    assert (await post(site)).status_code == 201
    answer = await post(site, username=username)
    assert (answer.status_code, answer.json()["code"]) == (409, "username_taken")


async def test_an_email_address_is_taken_in_every_spelling(site):
    await post(site, email="alice@example.test")
    answer = await post(site, username="bob", email="ALICE@Example.Test")
    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")


@pytest.mark.parametrize("stores", ["memory"], indirect=True)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"password": "short"}, "weak_password"),
        ({"password": "password"}, "weak_password"),
        ({"username": "a@b"}, "invalid_username"),
        ({"email": "nonsense"}, "invalid_email"),
        ({"username": ""}, "invalid_input"),
        ({"username": 1}, "invalid_input"),
        ({"username": None}, "invalid_input"),
        ({"username": ["alice"]}, "invalid_input"),
        ({"username": "a" * 129}, "invalid_input"),
        ({"password": {"$ne": None}}, "invalid_input"),
        ({"password": 12345678}, "invalid_input"),
        ({"password": "x" * 1025}, "invalid_input"),
        ({"email": True}, "invalid_input"),
        ({"profile": {"age": 3}}, "invalid_input"),
        ({"profile": {}}, "invalid_input"),
        ({"roles": ["admin"]}, "invalid_input"),
        ({"is_superuser": True}, "invalid_input"),
        ({"email_verified": True}, "invalid_input"),
        ({"disabled": False}, "invalid_input"),
        ({"id": "x"}, "invalid_input"),
        ({"password_hash": "x"}, "invalid_input"),
    ],
)
async def test_other_members_and_values_are_refused(site, body, code):
    answer = await post(site, **body)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_refusal_names_the_field_and_never_the_value(site):
    answer = await site.client.post("/auth/signup", json={"password": ["hunter2-canary"], "roles": ["hunter2-canary"]})
    fields = {error["field"]: error["message"] for error in answer.json()["errors"]}
    assert fields == {
        "username": "This field is required.",
        "password": "Must be a string.",
        "roles": "This field is not known here.",
    }
    assert "hunter2-canary" not in answer.text


async def test_sign_up_may_be_closed(new_site):
    site = await new_site(signup="closed")
    answer = await post(site)
    assert (answer.status_code, answer.json()["code"]) == (403, "signup_closed")


async def test_an_invitation_works_once_and_gives_its_roles(new_site):
    site = await new_site(signup="invite")
    await site.put_role("editor")
    invite = await admin.new_invite(site.auth.context, ("editor",))
    assert (await post(site)).json()["code"] == "signup_closed"
    assert (await post(site, invite="wwiv_nonsense")).json()["code"] == "invalid_invite"
    accepted = await post(site, invite=invite)
    assert (accepted.status_code, accepted.json()["roles"]) == (201, ["editor"])
    assert (await post(site, username="bob", invite=invite)).json()["code"] == "invalid_invite"


async def test_sign_ups_of_one_address_are_limited(new_site):
    site = await new_site(limits=LimitConfig(signup_per_address=Limit(1, 60)))
    assert (await post(site)).status_code == 201
    answer = await post(site, username="bob")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(answer.headers["retry-after"]) <= 60
