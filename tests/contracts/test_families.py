"""Refresh families: rotation, revocation, replay."""

from dataclasses import replace

import pytest
from tests.contracts.records import DAY, MILLISECOND, NOW, some_family, some_session, some_user

from watchword.core.models.grants import FamilyStatus
from watchword.core.models.identity import Role
from watchword.ports.grants import Rotation

FAMILY = some_family(resource=("https://api.example.org",), cnf="thumbprint")
ME, ID = FAMILY.user_id, FAMILY.id
LESS = frozenset({"me"})
IDLE = NOW + DAY + DAY / 2


async def rotate(stores, generation=1, *, user_id=ME, family_id=ID, now=NOW):
    return await stores.families.rotate(
        user_id, family_id, generation=generation, scopes=LESS, idle_expires_at=IDLE, now=now
    )


async def test_a_stored_family_comes_back_as_it_was(stores):
    await stores.families.add(FAMILY)
    assert await stores.families.find(ME, ID) == FAMILY
    assert await stores.families.find("other", ID) is None
    assert await stores.families.find(ME, "other") is None


async def test_a_family_is_found_with_its_session_and_its_person(stores):
    user = some_user(profile={"city": "Bern"})
    session = some_session(user.id)
    family = some_family(user.id, session_id=session.id)
    await stores.roles.put(Role(name="editor"))
    await stores.users.add(user)
    await stores.users.grant_role(user.id, "editor")
    await stores.sessions.begin(session, family)
    await stores.sessions.begin(some_session(user.id), some_family(user.id))
    assert await stores.families.find_holding(user.id, family.id) == (family, session, replace(user, roles=("editor",)))
    assert await stores.families.find_holding(user.id, "other") == (None, None, replace(user, roles=("editor",)))
    assert await stores.families.find_holding("other", family.id) == (None, None, None)
    assert await stores.families.find_holding("\ud800", "\ud800") == (None, None, None)


async def test_what_a_family_needs_may_be_missing(stores):
    await stores.families.add(FAMILY)
    assert await stores.families.find_holding(ME, ID) == (FAMILY, None, None)


async def test_the_same_id_twice_is_the_callers_mistake(stores):
    await stores.families.add(FAMILY)
    with pytest.raises(ValueError, match="exists"):
        await stores.families.add(FAMILY)


async def test_rotate_goes_to_the_next_generation_and_never_extends_the_absolute_expiry(stores):
    await stores.families.add(FAMILY)
    assert await rotate(stores) == Rotation.ROTATED
    expected = replace(FAMILY, generation=2, rotated_at=NOW, rotated_scopes=LESS, idle_expires_at=IDLE)
    assert await stores.families.find(ME, ID) == expected
    assert await rotate(stores, 2) == Rotation.ROTATED


async def test_rotate_from_another_generation_is_stale(stores):
    await stores.families.add(FAMILY)
    await rotate(stores)
    assert await rotate(stores, 1) == Rotation.STALE
    assert await rotate(stores, 3) == Rotation.STALE
    assert await rotate(stores, 10**30) == Rotation.STALE
    assert (await stores.families.find(ME, ID)).generation == 2


async def test_rotate_of_an_unknown_family_is_absent(stores):
    await stores.families.add(FAMILY)
    assert await rotate(stores, user_id="other") == Rotation.ABSENT
    assert await rotate(stores, family_id="other") == Rotation.ABSENT
    assert await rotate(stores, family_id="\ud800") == Rotation.ABSENT


async def test_a_revoked_family_never_rotates_again(stores):
    await stores.families.add(FAMILY)
    assert await stores.families.revoke(ME, ID) is True
    assert await stores.families.revoke(ME, ID) is False
    assert await stores.families.revoke("other", ID) is False
    assert await rotate(stores) == Rotation.REVOKED
    assert await rotate(stores, 7) == Rotation.REVOKED
    assert await stores.families.find(ME, ID) == replace(FAMILY, status=FamilyStatus.REVOKED)


@pytest.mark.parametrize("field", ["idle_expires_at", "expires_at"])
async def test_rotate_works_until_just_before_each_expiry(stores, field):
    await stores.families.add(replace(FAMILY, **{field: NOW}))
    assert await rotate(stores, now=NOW + MILLISECOND) == Rotation.EXPIRED
    assert await rotate(stores, now=NOW) == Rotation.EXPIRED
    assert await rotate(stores, now=NOW - MILLISECOND) == Rotation.ROTATED


async def test_a_replay_is_told_from_expiry(stores):
    await stores.families.add(FAMILY)
    await rotate(stores)
    assert await rotate(stores, 1, now=FAMILY.expires_at + DAY) == Rotation.STALE


async def test_revoke_session_marks_every_family_of_the_session(stores):
    families = [some_family(), some_family(), some_family(session_id="session-2"), some_family("other")]
    for family in families:
        await stores.families.add(family)
    await stores.families.revoke(ME, families[0].id)
    assert await stores.families.revoke_session(ME, "session-1") == 1
    assert await stores.families.revoke_session(ME, "session-1") == 0
    found = [(await stores.families.find(f.user_id, f.id)).status for f in families]
    assert found == [FamilyStatus.REVOKED, FamilyStatus.REVOKED, FamilyStatus.ACTIVE, FamilyStatus.ACTIVE]


async def test_revoke_user_marks_every_family_of_the_person(stores):
    families = [some_family(), some_family(session_id="session-2"), some_family("other")]
    for family in families:
        await stores.families.add(family)
    assert await stores.families.revoke_user(ME) == 2
    assert await stores.families.revoke_user(ME) == 0
    assert (await stores.families.find("other", families[2].id)).status == FamilyStatus.ACTIVE


async def test_purge_deletes_families_past_their_absolute_expiry_up_to_the_limit(stores):
    before = NOW + DAY
    dead = [some_family(expires_at=before - MILLISECOND) for _ in range(3)]
    kept = some_family(expires_at=before, idle_expires_at=NOW - DAY)
    for family in (*dead, kept):
        await stores.families.add(family)
    assert await stores.families.purge(before=before, limit=2) == 2
    assert await stores.families.purge(before=before, limit=9) == 1
    assert await stores.families.find(ME, kept.id) == kept
