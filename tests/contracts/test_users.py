"""Accounts: unique identifiers, conditional changes, roles."""

from dataclasses import replace
from functools import partial

import pytest
from tests.contracts.records import DAY, MILLISECOND, NOW, some_family, some_session, some_user

from watchword.core.models.identity import Role, User
from watchword.ports.identity import Added, Change

ADA = some_user("Ada", email="Ada@example.org", email_key="ada@example.org", password_hash="not-a-hash")
LATER = NOW + DAY


async def test_a_stored_account_comes_back_as_it_was(stores):
    user = replace(
        ADA, profile={"colour": "bleu \U0001f600 \x00", "nested": {"list": [1, 2.5, None, True]}}, email_verified=True
    )
    assert await stores.users.add(user) == Added.ADDED
    assert await stores.users.find(user.id) == user


async def test_an_unknown_account_is_none(stores):
    assert await stores.users.find("nobody") is None
    assert await stores.users.find_by_login("nobody") is None


async def test_times_are_cut_to_milliseconds(stores):
    await stores.users.add(replace(ADA, created_at=NOW.replace(microsecond=999_999)))
    assert (await stores.users.find(ADA.id)).created_at == NOW.replace(microsecond=999_000)


async def test_a_naive_time_is_refused(stores):
    with pytest.raises(ValueError, match="aware"):
        await stores.users.add(replace(ADA, created_at=NOW.replace(tzinfo=None)))
    assert await stores.users.find(ADA.id) is None


async def test_a_profile_that_is_not_json_is_refused(stores):
    with pytest.raises(TypeError):
        await stores.users.add(replace(ADA, profile={"when": NOW}))
    with pytest.raises(ValueError, match="JSON"):
        await stores.users.add(replace(ADA, profile={"infinite": float("inf")}))
    assert await stores.users.find(ADA.id) is None


async def test_a_profile_is_a_copy(stores):
    profile = {"tags": ["a"]}
    await stores.users.add(replace(ADA, profile=profile))
    profile["tags"].append("b")
    assert (await stores.users.find(ADA.id)).profile == {"tags": ["a"]}


@pytest.mark.parametrize("key", ["ada", "ada@example.org"])
async def test_login_finds_by_username_and_by_email(stores, key):
    await stores.users.add(ADA)
    assert await stores.users.find_by_login(key) == ADA


@pytest.mark.parametrize(
    "key", ["", "Ada", "ad", "ada@example.com", "\ud800", "a\x00da", "ada\x00", "' OR 1=1 --", "%"]
)
async def test_login_finds_nothing_by_any_other_key(stores, key):
    await stores.users.add(ADA)
    assert await stores.users.find_by_login(key) is None


async def test_ids_that_no_row_can_hold_are_absent(stores):
    assert await stores.users.find("\ud800") is None
    assert await stores.users.disable("\ud800", now=NOW) == Change.ABSENT
    assert await stores.users.grant_role("\ud800", "\udfff") == Change.ABSENT
    assert await stores.users.delete("\ud800") == Change.ABSENT
    assert await stores.roles.delete("\ud800") == Change.ABSENT
    assert await stores.roles.has_members("\ud800") is False
    assert await stores.users.list(limit=5, after="\ud800") == []


async def test_text_that_no_row_can_hold_is_refused_and_not_half_stored(stores):
    with pytest.raises(UnicodeEncodeError):
        await stores.users.add(replace(ADA, username="\ud800"))
    assert await stores.users.find(ADA.id) is None


async def test_a_taken_username_is_refused(stores):
    await stores.users.add(ADA)
    assert await stores.users.add(some_user("ADA")) == Added.USERNAME_TAKEN
    assert await stores.users.add(some_user("Bob")) == Added.ADDED


async def test_a_taken_email_is_refused(stores):
    await stores.users.add(ADA)
    other = some_user("Bob", email="ADA@example.org", email_key="ada@example.org")
    assert await stores.users.add(other) == Added.EMAIL_TAKEN
    assert await stores.users.find(other.id) is None
    assert await stores.users.add(replace(other, email="bob@example.org", email_key="bob@example.org")) == Added.ADDED


async def test_a_taken_username_is_named_before_a_taken_email(stores):
    await stores.users.add(ADA)
    assert await stores.users.add(replace(ADA, id="other")) == Added.USERNAME_TAKEN


async def test_accounts_without_email_do_not_collide(stores):
    assert await stores.users.add(some_user("Ada")) == Added.ADDED
    assert await stores.users.add(some_user("Bob")) == Added.ADDED


async def test_the_same_id_twice_is_the_callers_mistake(stores):
    await stores.users.add(ADA)
    with pytest.raises(ValueError, match="exists"):
        await stores.users.add(some_user("Bob", id=ADA.id))
    assert await stores.users.find(ADA.id) == ADA


async def test_only_roles_that_exist_are_assigned(stores):
    await stores.roles.put(Role(name="editor"))
    await stores.roles.put(Role(name="admin"))
    await stores.users.add(replace(ADA, roles=("editor", "gone", "admin")))
    assert (await stores.users.find(ADA.id)).roles == ("admin", "editor")
    assert (await stores.users.find_by_login("ada")).roles == ("admin", "editor")


async def test_list_pages_through_all_accounts_in_the_order_of_their_ids(stores):
    await stores.roles.put(Role(name="a"))
    await stores.roles.put(Role(name="b"))
    people = [some_user(f"user{n}", id=f"id-{n}", roles=("a", "b")) for n in (3, 1, 5, 2, 4)]
    for user in people:
        await stores.users.add(user)
    people.sort(key=lambda user: user.id)
    assert await stores.users.list(limit=2) == people[:2]
    assert await stores.users.list(limit=2, after="id-2") == people[2:4]
    assert await stores.users.list(limit=2, after="id-4") == people[4:]
    assert await stores.users.list(limit=2, after="id-5") == []
    assert await stores.users.list(limit=0) == []


async def change_email(stores, email: str | None, user: User = ADA) -> Change:
    key = email and email.casefold()
    return await stores.users.change_profile(user.id, email=email, email_key=key, profile={"a": 1}, now=LATER)


async def test_change_profile_sets_email_and_profile(stores):
    await stores.users.add(replace(ADA, email_verified=True))
    assert await change_email(stores, "New@example.org") == Change.CHANGED
    expected = replace(
        ADA,
        email="New@example.org",
        email_key="new@example.org",
        profile={"a": 1},
        updated_at=LATER,
        email_verified=False,
    )
    assert await stores.users.find(ADA.id) == expected
    assert await stores.users.find_by_login("new@example.org") == expected
    assert await stores.users.find_by_login("ada@example.org") is None


async def test_change_profile_writes_nothing_over_what_is_left_out(stores):
    ada = replace(ADA, email_verified=True, profile={"a": 1})
    await stores.users.add(ada)
    assert await stores.users.change_profile(ADA.id, profile={"a": 2}, now=LATER) == Change.CHANGED
    expected = replace(ada, profile={"a": 2}, updated_at=LATER)
    assert await stores.users.find(ADA.id) == expected
    key = "new@example.org"
    assert await stores.users.change_profile(ADA.id, email=key, email_key=key, now=LATER) == Change.CHANGED
    expected = replace(expected, email=key, email_key=key, email_verified=False)
    assert await stores.users.find_by_login(key) == expected
    assert await stores.users.change_profile(ADA.id, now=LATER + MILLISECOND) == Change.CHANGED
    assert await stores.users.find(ADA.id) == replace(expected, updated_at=LATER + MILLISECOND)
    assert await stores.users.change_profile("nobody", profile={}, now=LATER) == Change.ABSENT


async def test_a_profile_that_is_not_as_expected_stays_and_so_does_the_email(stores):
    ada = replace(ADA, profile={"a": 1, "b": [True, None]})
    await stores.users.add(ada)
    change = partial(stores.users.change_profile, email=None, profile={"a": 2}, now=LATER)
    for other in ({}, {"a": 1}, {"a": 1, "b": [1, None]}, {"a": 1.0, "b": [True, None]}):
        assert await change(ADA.id, expected_profile=other) == Change.STALE
        assert await stores.users.find(ADA.id) == ada
    assert await change(ADA.id, expected_profile={"b": [True, None], "a": 1}) == Change.CHANGED
    assert (await stores.users.find(ADA.id)).profile == {"a": 2}
    assert await change("nobody", expected_profile={}) == Change.ABSENT


async def test_an_email_with_the_same_key_stays_verified(stores):
    await stores.users.add(replace(ADA, email_verified=True))
    assert await change_email(stores, "ADA@EXAMPLE.ORG") == Change.CHANGED
    assert (await stores.users.find(ADA.id)).email_verified is True
    assert (await stores.users.find(ADA.id)).email == "ADA@EXAMPLE.ORG"


async def test_an_email_that_is_taken_away_becomes_unverified_and_free(stores):
    await stores.users.add(replace(ADA, email_verified=True))
    assert await change_email(stores, None) == Change.CHANGED
    assert (await stores.users.find(ADA.id)).email_verified is False
    other = some_user("Bob")
    await stores.users.add(other)
    assert await change_email(stores, "ada@example.org", other) == Change.CHANGED


async def test_another_accounts_email_is_refused(stores):
    other = some_user("Bob", email="bob@example.org", email_key="bob@example.org")
    await stores.users.add(ADA)
    await stores.users.add(other)
    assert await change_email(stores, "bob@example.org") == Change.TAKEN
    assert await stores.users.find(ADA.id) == ADA
    assert await change_email(stores, "bob@example.org", some_user("Eve")) == Change.ABSENT


async def test_change_password_needs_the_expected_version(stores):
    await stores.users.add(ADA)
    change = stores.users.change_password
    assert await change(ADA.id, password_hash="x", expected_version=1, now=LATER) == Change.STALE
    assert await stores.users.find(ADA.id) == ADA
    assert await change(ADA.id, password_hash="x", expected_version=0, now=LATER) == Change.CHANGED
    assert await change(ADA.id, password_hash="y", expected_version=0, now=LATER) == Change.STALE
    assert await change("nobody", password_hash="x", expected_version=0, now=LATER) == Change.ABSENT
    assert await stores.users.find(ADA.id) == replace(ADA, password_hash="x", credential_version=1, updated_at=LATER)


async def test_upgrade_hash_needs_the_old_hash_and_keeps_the_version(stores):
    await stores.users.add(ADA)
    upgrade = stores.users.upgrade_hash
    assert await upgrade(ADA.id, old_hash="other", new_hash="x") == Change.STALE
    assert await upgrade(ADA.id, old_hash="not-a-hash", new_hash="x") == Change.CHANGED
    assert await upgrade(ADA.id, old_hash="not-a-hash", new_hash="y") == Change.STALE
    assert await upgrade("nobody", old_hash="not-a-hash", new_hash="x") == Change.ABSENT
    assert await stores.users.find(ADA.id) == replace(ADA, password_hash="x")


async def test_a_password_change_overtakes_an_upgrade_of_the_old_hash(stores):
    await stores.users.add(ADA)
    await stores.users.change_password(ADA.id, password_hash="new", expected_version=0, now=LATER)
    assert await stores.users.upgrade_hash(ADA.id, old_hash="not-a-hash", new_hash="old-again") == Change.STALE
    assert (await stores.users.find(ADA.id)).password_hash == "new"


async def test_disable_and_enable_each_happen_once(stores):
    await stores.users.add(ADA)
    assert await stores.users.enable(ADA.id, now=LATER) == Change.UNCHANGED
    assert await stores.users.disable(ADA.id, now=LATER) == Change.CHANGED
    assert await stores.users.disable(ADA.id, now=LATER + MILLISECOND) == Change.UNCHANGED
    disabled = replace(ADA, disabled_at=LATER, credential_version=1, updated_at=LATER)
    assert await stores.users.find(ADA.id) == disabled
    assert await stores.users.enable(ADA.id, now=LATER + DAY) == Change.CHANGED
    enabled = replace(ADA, credential_version=2, updated_at=LATER + DAY)
    assert await stores.users.find(ADA.id) == enabled
    assert await stores.users.disable("nobody", now=NOW) == Change.ABSENT
    assert await stores.users.enable("nobody", now=NOW) == Change.ABSENT


async def test_grant_and_withdraw_a_role(stores):
    await stores.users.add(ADA)
    assert await stores.users.grant_role(ADA.id, "editor") == Change.ABSENT
    await stores.roles.put(Role(name="editor"))
    assert await stores.users.grant_role("nobody", "editor") == Change.ABSENT
    assert await stores.users.grant_role(ADA.id, "editor") == Change.CHANGED
    assert await stores.users.grant_role(ADA.id, "editor") == Change.UNCHANGED
    assert (await stores.users.find(ADA.id)).roles == ("editor",)
    assert await stores.users.withdraw_role(ADA.id, "editor") == Change.CHANGED
    assert await stores.users.withdraw_role(ADA.id, "editor") == Change.UNCHANGED
    assert await stores.users.withdraw_role("nobody", "editor") == Change.ABSENT
    assert (await stores.users.find(ADA.id)).roles == ()


async def test_delete_frees_the_identifiers_and_leaves_tombstones(stores):
    session, family = some_session(ADA.id), some_family(ADA.id)
    await stores.roles.put(Role(name="editor"))
    await stores.users.add(replace(ADA, roles=("editor",)))
    await stores.sessions.add(session)
    await stores.families.add(family)
    assert await stores.users.delete(ADA.id) == Change.CHANGED
    assert await stores.users.delete(ADA.id) == Change.ABSENT
    assert await stores.users.find_by_login("ada") is None
    assert await stores.users.find_by_login("ada@example.org") is None
    assert await stores.roles.has_members("editor") is False
    assert await stores.sessions.find(ADA.id, session.id) == session
    assert await stores.families.find(ADA.id, family.id) == family
    assert await stores.users.add(ADA) == Added.ADDED
