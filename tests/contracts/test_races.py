"""Many callers at once in one process: exactly one wins."""

import asyncio
from collections import Counter
from functools import partial

import pytest
from tests.contracts.records import (
    DAY,
    NOW,
    some_family,
    some_invite,
    some_key,
    some_revocation,
    some_session,
    some_user,
)

from watchword.core.models.identity import Role
from watchword.ports.grants import KeyAdded, Rotation
from watchword.ports.identity import Added, Change, Redemption

TASKS = 64


async def outcomes(attempt) -> Counter:
    return Counter(await asyncio.gather(*(attempt(n) for n in range(TASKS))))


async def test_rotate_has_exactly_one_winner(stores):
    family = some_family()
    await stores.families.add(family)

    async def attempt(generation):
        return await stores.families.rotate(
            family.user_id, family.id, generation=generation, scopes=family.scopes, idle_expires_at=NOW + DAY, now=NOW
        )

    for generation in range(1, 6):
        expected = {Rotation.ROTATED: 1, Rotation.STALE: TASKS - 1}
        assert await outcomes(lambda _, g=generation: attempt(g)) == expected
    assert (await stores.families.find(family.user_id, family.id)).generation == 6


async def test_redeem_has_exactly_one_winner(stores):
    invite = some_invite()
    await stores.invites.add(invite)
    won = await outcomes(lambda n: stores.invites.redeem(invite.secret_hash, user_id=f"user-{n}", now=NOW))
    assert won == {Redemption.REDEEMED: 1, Redemption.SPENT: TASKS - 1}


async def test_end_has_exactly_one_winner(stores):
    session = some_session()
    await stores.sessions.add(session)
    won = await outcomes(lambda _: stores.sessions.end(session.user_id, session.id, now=NOW))
    assert won == {True: 1, False: TASKS - 1}


async def test_revoke_of_a_family_has_exactly_one_winner(stores):
    family = some_family()
    await stores.families.add(family)
    won = await outcomes(lambda _: stores.families.revoke(family.user_id, family.id))
    assert won == {True: 1, False: TASKS - 1}


@pytest.mark.parametrize("spelling", ["ada", "ADA", "Ada", "aDa"])
async def test_a_username_has_exactly_one_winner(stores, spelling):
    won = await outcomes(lambda n: stores.users.add(some_user(spelling, email=f"{n}@a.org", email_key=f"{n}@a.org")))
    assert won == {Added.ADDED: 1, Added.USERNAME_TAKEN: TASKS - 1}
    assert len(await stores.users.list(limit=TASKS)) == 1


async def test_an_email_has_exactly_one_winner(stores):
    won = await outcomes(lambda n: stores.users.add(some_user(f"user{n}", email="a@a.org", email_key="a@a.org")))
    assert won == {Added.ADDED: 1, Added.EMAIL_TAKEN: TASKS - 1}


async def test_a_changed_email_has_exactly_one_winner(stores):
    people = [some_user(f"user{n}") for n in range(TASKS)]
    for user in people:
        await stores.users.add(user)
    won = await outcomes(
        lambda n: stores.users.change_profile(people[n].id, email="a@a.org", email_key="a@a.org", profile={}, now=NOW)
    )
    assert won == {Change.CHANGED: 1, Change.TAKEN: TASKS - 1}


async def test_of_changes_to_one_expected_profile_exactly_one_wins(stores):
    user = some_user("ada", profile={"n": -1})
    await stores.users.add(user)
    change = partial(stores.users.change_profile, user.id, expected_profile={"n": -1}, now=NOW)
    assert await outcomes(lambda n: change(profile={"n": n})) == {Change.CHANGED: 1, Change.STALE: TASKS - 1}


async def test_a_key_generation_has_exactly_one_winner(stores):
    won = await outcomes(lambda _: stores.keys.add(some_key(1)))
    assert won == {KeyAdded.ADDED: 1, KeyAdded.GENERATION_TAKEN: TASKS - 1}
    assert len(await stores.keys.list()) == 1


async def test_change_password_has_exactly_one_winner(stores):
    user = some_user()
    await stores.users.add(user)
    won = await outcomes(
        lambda n: stores.users.change_password(user.id, password_hash=f"hash-{n}", expected_version=0, now=NOW)
    )
    assert won == {Change.CHANGED: 1, Change.STALE: TASKS - 1}
    assert (await stores.users.find(user.id)).credential_version == 1


async def test_disable_and_grant_each_have_exactly_one_winner(stores):
    user = some_user()
    await stores.users.add(user)
    await stores.roles.put(Role(name="editor"))
    once = {Change.CHANGED: 1, Change.UNCHANGED: TASKS - 1}
    assert await outcomes(lambda _: stores.users.disable(user.id, now=NOW)) == once
    assert await outcomes(lambda _: stores.users.grant_role(user.id, "editor")) == once
    assert await outcomes(lambda _: stores.users.withdraw_role(user.id, "editor")) == once
    assert await outcomes(lambda _: stores.roles.put(Role(name="reader"))) == once


async def test_appends_at_once_lose_nothing(stores):
    await asyncio.gather(*(stores.revocations.append([some_revocation(f"s{n}")]) for n in range(TASKS)))
    entries = await stores.revocations.read(after=0, limit=2 * TASKS, now=NOW)
    assert {entry.revocation.subject for entry in entries} == {f"s{n}" for n in range(TASKS)}
    assert len({entry.sequence for entry in entries}) == TASKS
