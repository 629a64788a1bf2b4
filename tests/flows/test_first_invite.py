"""The invitation for a first administrator: the last one alone, and only while nobody is administrator."""

import pytest

from watchword.core.account_errors import InvalidInvite
from watchword.flows import admin
from watchword.flows.signup import SignUp, sign_up

PASSWORD = "paper lantern over wet gravel"


def by_invite(name, invite):
    return SignUp(username=name, password=PASSWORD, invite=invite)


async def test_of_three_starts_only_the_last_invitation_works(world):
    first, second, last = [await admin.new_first_invite(world.ctx) for _ in range(3)]
    for old in (first, second):
        with pytest.raises(InvalidInvite):
            await sign_up(world.ctx, by_invite("mallory", old))
    assert (await sign_up(world.ctx, by_invite("ada", last))).roles == ("admin",)


async def test_once_somebody_is_administrator_no_first_invitation_works_but_others_do(world):
    printed = await admin.new_first_invite(world.ctx)
    shared = await admin.new_invite(world.ctx, ("admin",))
    await admin.add_user(world.ctx, SignUp(username="ada", password=PASSWORD), ("admin",))
    with pytest.raises(InvalidInvite):
        await sign_up(world.ctx, by_invite("mallory", printed))
    assert (await sign_up(world.ctx, by_invite("grace", shared))).roles == ("admin",)


async def test_a_first_invitation_voids_none_that_the_operator_made(world):
    shared = await admin.new_invite(world.ctx, ("admin",))
    await admin.new_first_invite(world.ctx)
    assert (await sign_up(world.ctx, by_invite("grace", shared))).roles == ("admin",)


async def test_a_first_invitation_lives_for_a_day(world):
    late = await admin.new_first_invite(world.ctx)
    world.clock.tick(86_400)
    with pytest.raises(InvalidInvite):
        await sign_up(world.ctx, by_invite("mallory", late))
    good = await admin.new_first_invite(world.ctx)
    world.clock.tick(86_340)
    assert (await sign_up(world.ctx, by_invite("ada", good))).roles == ("admin",)
