"""What other machines wrote tells of a clock that is behind (decision 0022)."""

from datetime import timedelta

import pytest
from tests.flows.world import World

from watchword.core.models.sessions import Revocation, RevocationKind
from watchword.flows.clock_check import check_clock
from watchword.testing.clock import FakeClock

SKEW = timedelta(minutes=1)
MILLISECOND = timedelta(milliseconds=1)


async def revoke(world, *, ahead):
    at = world.clock.now() + ahead
    token = Revocation(kind=RevocationKind.TOKEN, subject="jti", at=at, expires_at=at + timedelta(hours=1))
    await world.plain.revocations.append([token])


@pytest.mark.parametrize(("ahead", "told"), [(SKEW, False), (SKEW + MILLISECOND, True)])
async def test_a_revocation_of_the_future_is_told_once_it_is_further_than_clocks_may_differ(world, caplog, ahead, told):
    await revoke(world, ahead=ahead)
    await world.ctx.follower.catch_up()
    assert await check_clock(world.ctx) == ahead
    assert ("the database holds a revocation of" in caplog.text) is told


async def test_a_signing_key_of_the_future_is_told_when_the_process_starts(world, caplog):
    assert caplog.text == ""
    clock = FakeClock()
    clock.tick(-timedelta(days=1))
    late = World(stores=world.plain, clock=clock)
    await late.ctx.start(follow=False)
    await late.ctx.close()
    assert "a signing key of" in caplog.text
    assert "86400 s in the future" in caplog.text


async def test_a_node_that_is_right_says_nothing(world, caplog):
    await revoke(world, ahead=timedelta(0))
    world.clock.tick(timedelta(minutes=2))
    await world.ctx.follower.catch_up()
    assert await check_clock(world.ctx) == timedelta(0)
    assert caplog.text == ""


async def test_it_is_looked_at_again_while_the_process_runs(world, caplog):
    await revoke(world, ahead=timedelta(minutes=10))
    world.clock.tick(timedelta(minutes=2))
    await world.ctx.follower.catch_up()
    assert "480 s in the future" in caplog.text
