"""The application's own profile fields (row 2)."""

from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field, model_validator
from tests.http.site import PASSWORD, bearer

from watchword.flows import account, admin
from watchword.flows.signup import SignUp

API = "/auth/admin/api"


class Address(BaseModel):
    city: str


class Person(BaseModel):
    model_config = ConfigDict(extra="forbid")

    full_name: Annotated[str, Field(min_length=1, max_length=20)]
    age: Annotated[int, Field(ge=0)] = 0
    address: Address | None = None
    nick_name: Annotated[str, Field(alias="nickName")] = ""

    @model_validator(mode="after")
    def adults_have_an_address(self) -> "Person":
        if self.age >= 18 and self.address is None:
            raise ValueError("an adult needs an address")
        return self


class Preferences(BaseModel):
    theme: str = "light"


def whole(**fields: object) -> dict[str, object]:
    return {"full_name": "Alice", "age": 0, "address": None, "nickName": "", **fields}


async def test_a_profile_is_stored_and_shown(new_site):
    site = await new_site(profile=Person)
    user = await site.sign_up(profile={"full_name": "Alice", "nickName": "Al"})
    assert user["profile"] == whole(nickName="Al")
    headers = bearer(await site.log_in())
    assert (await site.client.get("/auth/me", headers=headers)).json() == user
    stored = await account.get_account(site.auth.context, user["id"])
    assert site.auth.profile_of(stored) == Person(full_name="Alice", nickName="Al")


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        (None, "profile"),
        ({}, "profile.full_name"),
        ({"full_name": ""}, "profile.full_name"),
        ({"full_name": "A", "age": -1}, "profile.age"),
        ({"full_name": "A", "age": 20}, "profile"),
        ({"full_name": "A", "admin": True}, "profile.admin"),
        ({"full_name": "A", "address": {}}, "profile.address.city"),
    ],
)
async def test_a_profile_that_breaks_its_model_is_refused(new_site, profile, field):
    site = await new_site(profile=Person)
    body = {"username": "alice", "password": PASSWORD} | ({} if profile is None else {"profile": profile})
    answer = await site.client.post("/auth/signup", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_change_is_merged_and_checked_as_a_whole(new_site):
    site = await new_site(profile=Person)
    await site.sign_up(profile={"full_name": "Alice", "nickName": "Al"})
    headers = bearer(await site.log_in())

    async def patch(**profile: object):
        return await site.client.patch("/auth/me", json={"profile": profile}, headers=headers)

    assert (await patch(age=3)).json()["profile"] == whole(age=3, nickName="Al")
    alone = await patch(age=18)
    assert (alone.status_code, alone.json()["errors"][0]["field"]) == (422, "profile")
    both = await patch(age=18, address={"city": "Bern"})
    assert both.json()["profile"] == whole(age=18, nickName="Al", address={"city": "Bern"})
    assert (await patch(nickName="Lis")).json()["profile"]["nickName"] == "Lis"
    for bad in ({"full_name": ""}, {"full_name": None}, {"age": "x"}, {"extra": 1}):
        assert (await patch(**bad)).status_code == 422
    unchanged = await site.client.patch("/auth/me", json={}, headers=headers)
    assert unchanged.json()["profile"] == whole(age=18, nickName="Lis", address={"city": "Bern"})


async def test_a_change_of_the_profile_never_writes_an_email_back(new_site):
    site = await new_site(profile=Preferences)
    alice = await site.sign_up(email="old@mail.example")
    headers = bearer(await site.log_in())
    assert (await site.client.get("/auth/me", headers=headers)).json()["email"] == "old@mail.example"
    new = "new@mail.example"  # set by another process, of which this one has not heard yet
    await site.stores.users.change_profile(alice["id"], email=new, email_key=new, now=site.clock.now())
    answer = await site.client.patch("/auth/me", json={"profile": {"theme": "dark"}}, headers=headers)
    assert (answer.json()["email"], answer.json()["profile"]) == (new, {"theme": "dark"})


async def test_a_profile_without_required_fields_may_be_left_out(new_site):
    site = await new_site(profile=Preferences)
    assert (await site.sign_up())["profile"] == {"theme": "light"}


async def test_the_profile_has_its_type_in_the_document(new_site):
    site = await new_site(profile=Person)
    schemas = (await site.client.get("/openapi.json")).json()["components"]["schemas"]
    assert schemas["SignUpBody"]["properties"]["profile"] == {"$ref": "#/components/schemas/Person"}
    assert schemas["UserAnswer"]["properties"]["profile"] == {"$ref": "#/components/schemas/Person"}
    assert schemas["Person"]["required"] == ["full_name"]
    assert "profile" in schemas["SignUpBody"]["required"]
    assert "required" not in schemas["PersonChange"]
    assert schemas["PersonChange"]["properties"]["age"]["minimum"] == 0


async def test_without_a_model_there_is_no_profile(site):
    schemas = (await site.client.get("/openapi.json")).json()["components"]["schemas"]
    assert "profile" not in schemas["SignUpBody"]["properties"]
    headers = await site.new_person()
    assert (await site.client.get("/auth/me", headers=headers)).json()["profile"] == {}
    answer = await site.client.patch("/auth/me", json={"profile": {}}, headers=headers)
    assert answer.status_code == 422


async def test_an_administrator_sets_a_profile_too(new_site):
    site = await new_site(profile=Person)
    headers = await site.new_admin()
    body = {"username": "bob", "password": PASSWORD, "profile": {"full_name": "Bob"}}
    made = await site.client.post(f"{API}/users", json=body, headers=headers)
    assert (made.status_code, made.json()["profile"]["full_name"]) == (201, "Bob")


async def test_a_profile_stored_under_an_older_model_is_shown_as_it_is(new_site):
    site = await new_site(profile=Person)
    await admin.add_user(site.auth.context, SignUp(username="old", password=PASSWORD, profile={"legacy": 1}))
    headers = bearer(await site.log_in("old"))
    answer = await site.client.get("/auth/me", headers=headers)
    assert (answer.status_code, answer.json()["profile"]) == (200, {"legacy": 1})


class Scores(BaseModel):
    best: float = 0.0
    each: dict[str, float] = {}


@pytest.mark.parametrize("number", ["inf", "-Infinity", "nan"])
async def test_a_number_that_json_has_not_is_refused_where_pydantic_takes_it(new_site, number):
    site = await new_site(profile=Scores)
    headers = bearer(await _new_person(site))
    for profile in ({"best": number}, {"each": {"chess": number}}):
        made = await site.client.post("/auth/signup", json={"username": "b", "password": PASSWORD, "profile": profile})
        changed = await site.client.patch("/auth/me", json={"profile": profile}, headers=headers)
        for answer in (made, changed):
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "profile")
    changed = await site.client.patch("/auth/me", json={"profile": {"best": "1.5"}}, headers=headers)
    assert changed.json()["profile"] == {"best": 1.5, "each": {}}


async def _new_person(site):
    await site.sign_up()
    return await site.log_in()
