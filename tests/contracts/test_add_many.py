"""Many accounts at once: each is stored or refused by itself, as if they came one by one."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.records import some_user

from watchword.core.models.identity import Role
from watchword.ports.identity import Added
from watchword.stores.open import open_stores

MANY = 1_203
"""More than one statement takes."""


def person(name, email=None, **fields):
    return some_user(name, email=email, email_key=email and email.casefold(), **fields)


async def test_many_new_accounts_come_back_as_they_were(stores):
    people = [person(f"user{n}", f"user{n}@example.test", id=f"id-{n:05}", profile={"n": n}) for n in range(MANY)]
    assert await stores.users.add_many(people) == [Added.ADDED] * MANY
    assert await stores.users.list(limit=MANY + 1) == people
    assert await stores.users.find_by_login("user777@example.test") == people[777]


async def test_no_account_is_no_work(stores):
    assert await stores.users.add_many([]) == []
    assert await stores.users.list(limit=1) == []


async def test_what_is_taken_is_named_and_the_others_are_stored(stores):
    await stores.users.add(person("Ada", "ada@example.test"))
    people = [
        person("ADA", "other@example.test"),
        person("Bob", "ADA@example.test"),
        person("ada", "ada@example.test"),
        person("Grace", "grace@example.test"),
    ]
    taken = [Added.USERNAME_TAKEN, Added.EMAIL_TAKEN, Added.USERNAME_TAKEN, Added.ADDED]
    assert await stores.users.add_many(people) == taken
    assert await stores.users.find(people[3].id) == people[3]
    assert [await stores.users.find(user.id) for user in people[:3]] == [None] * 3


async def test_of_two_with_one_identifier_the_first_is_stored(stores):
    people = [
        person("Ada", "ada@example.test"),
        person("ADA", "second@example.test"),
        person("Bob", "ADA@example.test"),
        person("Bob", "bob@example.test"),
    ]
    expected = [Added.ADDED, Added.USERNAME_TAKEN, Added.EMAIL_TAKEN, Added.ADDED]
    assert await stores.users.add_many(people) == expected
    assert {user.id for user in await stores.users.list(limit=9)} == {people[0].id, people[3].id}


async def test_accounts_get_those_of_their_roles_that_exist(stores):
    for name in ("admin", "editor"):
        await stores.roles.put(Role(name=name))
    people = [person("ada", roles=("editor", "gone", "admin")), person("bob"), person("eve", roles=("gone",))]
    await stores.users.add_many(people)
    assert [(await stores.users.find(user.id)).roles for user in people] == [("admin", "editor"), (), ()]


async def test_a_refused_account_leaves_no_roles_behind(stores):
    await stores.roles.put(Role(name="admin"))
    await stores.users.add(person("ada"))
    await stores.users.add_many([person("ADA", roles=("admin",)), person("bob")])
    assert await stores.roles.has_members("admin") is False


async def test_the_same_id_twice_is_the_callers_mistake_here_too(stores):
    ada = person("ada")
    await stores.users.add(ada)
    with pytest.raises(ValueError, match="exists"):
        await stores.users.add_many([person("bob", id=ada.id)])
    assert await stores.users.find(ada.id) == ada


@pytest.mark.parametrize(
    ("field", "value"), [("username", "\ud800"), ("created_at", None), ("profile", {"infinite": float("inf")})]
)
async def test_what_no_row_can_hold_is_refused(stores, field, value):
    good, bad = person("ada"), person("bob")
    value = bad.created_at.replace(tzinfo=None) if field == "created_at" else value
    with pytest.raises(ValueError):  # noqa: PT011  each has words of its own
        await stores.users.add_many([good, replace(bad, **{field: value})])
    assert await stores.users.find(bad.id) is None


NAMES = st.sampled_from(["ada", "ADA", "bob", "eve"])
EMAILS = st.sampled_from([None, "a@example.test", "A@example.test", "b@example.test"])
PEOPLE = st.lists(st.tuples(NAMES, EMAILS), max_size=6)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=PEOPLE, then=PEOPLE)
async def test_the_answers_are_those_of_adding_one_by_one(stores, before, then):
    for user in await stores.users.list(limit=99):
        await stores.users.delete(user.id)
    twin = open_stores("memory://")
    for batch in (before, then):
        people = [person(name, email) for name, email in batch]
        assert await stores.users.add_many(people) == [await twin.users.add(user) for user in people]
    assert await stores.users.list(limit=99) == await twin.users.list(limit=99)


async def test_many_are_found_by_what_they_log_in_with(stores):
    people = [person(f"user{n}", f"user{n}@example.test", id=f"id-{n:05}") for n in range(MANY)]
    await stores.users.add_many(people)
    await stores.roles.put(Role(name="editor", permissions=frozenset()))
    await stores.users.grant_role("id-00007", "editor")
    keys = [key for user in people[5:] for key in (user.username_key, user.email_key)]
    found = await stores.users.find_by_logins(["nobody", "\udc80", "nul\0", *reversed(keys)])
    assert found == [replace(user, roles=("editor",) if user is people[7] else ()) for user in people[5:]]
    assert await stores.users.find_by_logins([]) == []
