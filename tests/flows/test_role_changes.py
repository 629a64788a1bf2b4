"""Changes of roles: old access tokens die at once, new ones are good at once, others are spared (ATTACKS I10)."""

import json
from datetime import timedelta

import pytest
from tests.flows.world import PASSWORD

from watchword.core.errors import InvalidToken
from watchword.core.models.identity import Role
from watchword.core.models.sessions import RevocationKind
from watchword.core.tokens.compact import parse_compact
from watchword.flows import admin, clients
from watchword.flows.revocations import append_revocations, revocation_of, revoke_access_of_everyone

MANY = 30


@pytest.fixture
async def user(world):
    await admin.put_role(world.ctx, Role(name="editor"))
    return await world.sign_up()


async def change_roles_often(world, user):
    for _ in range(MANY // 2):
        await admin.grant_role(world.ctx, user.id, "editor")
        await admin.withdraw_role(world.ctx, user.id, "editor")


def issued_at(answer):
    return json.loads(parse_compact(answer.access_token).payload)["iat"]


async def test_a_person_whose_roles_changed_many_times_in_a_moment_can_log_in_at_once(world, user):
    await change_roles_often(world, user)
    answer = await world.login()
    assert (await world.who(answer)).subject == user.id
    assert issued_at(answer) == int(world.clock.now().timestamp())
    assert (await world.who(await world.refresh(answer.refresh_token))).subject == user.id


async def test_each_change_refuses_what_was_issued_since_the_last(world, user):
    for _ in range(5):
        between = await world.login()
        assert (await world.who(between)).subject == user.id
        await admin.grant_role(world.ctx, user.id, "editor")
        with pytest.raises(InvalidToken):
            await world.who(between)
    assert (await world.who(await world.login())).subject == user.id


async def test_a_role_that_goes_after_many_changes_locks_nobody_out(world, user):
    other = await world.sign_up("grace", password=PASSWORD)
    await change_roles_often(world, user)
    await admin.grant_role(world.ctx, user.id, "editor")
    before = [await world.login(), await world.login("grace")]
    await admin.delete_role(world.ctx, "editor")
    for answer in before:
        with pytest.raises(InvalidToken):
            await world.who(answer)
    assert (await world.who(await world.login())).subject == user.id
    assert (await world.who(await world.login("grace"))).subject == other.id


async def test_one_persons_cut_off_far_ahead_does_not_become_everyones(world, user):
    other = await world.sign_up("grace", password=PASSWORD)
    ahead = world.clock.now() + timedelta(minutes=5)
    await append_revocations(world.ctx, revocation_of(world.ctx, RevocationKind.USER, user.id, at=ahead))
    before = [await world.login(), await world.login("grace")]
    await revoke_access_of_everyone(world.ctx)
    for answer in before:
        with pytest.raises(InvalidToken):
            await world.who(answer)
    now = world.clock.now()
    assert world.ctx.view.earliest_issue(other.id, "first-party", now=now) < now + timedelta(seconds=1)
    assert (await world.who(await world.login("grace"))).subject == other.id


async def test_a_process_whose_clock_is_a_little_ahead_issues_nothing_that_survives(world, user, worlds):
    other = await worlds(stores=world.plain)
    other.clock.tick((world.clock.now() - other.clock.now()).total_seconds() + 0.09)
    token = await other.login()
    assert (await world.who(token)).subject == user.id
    await admin.grant_role(world.ctx, user.id, "editor")
    with pytest.raises(InvalidToken):
        await world.who(token)
    other.clock.tick(0.1)
    assert (await world.who(await other.login())).subject == user.id


async def test_a_client_that_is_disabled_and_enabled_many_times_gets_tokens_that_are_good(world):
    machine = await world.machine()
    for _ in range(MANY):
        await clients.disable_client(world.ctx, machine.id)
        await clients.enable_client(world.ctx, machine.id)
    answer = await machine.token()
    assert (await world.who(answer)).subject == machine.id
    assert issued_at(answer) == int(world.clock.now().timestamp())
