"""The clock of this machine, and what comes of it when it is set (decision 0022)."""

import itertools
import logging
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.flows.world import World

from watchword.core.errors import InvalidGrant, InvalidToken
from watchword.flows.clock import HELD, SystemClock
from watchword.flows.housekeeping import purge_expired

SECOND = 1_000_000_000
NOON = 1_800_000_000 * SECOND
HOUR = 3600.0
DAY = 24 * HOUR


class Machine:
    """A machine whose clock can be set."""

    def __init__(self):
        self.wall, self.elapsed = NOON, 7 * SECOND
        self.clock = SystemClock(read=lambda: self.wall, elapsed=lambda: self.elapsed)

    def wait(self, seconds):
        self.wall += int(seconds * SECOND)
        self.elapsed += int(seconds * SECOND)
        return self.now()

    def set_back(self, seconds):
        self.wall -= int(seconds * SECOND)
        return self.now()

    def set_forward(self, seconds):
        return self.set_back(-seconds)

    def now(self):
        """The time in seconds since the test began."""
        return (self.clock.now() - at(NOON)).total_seconds()


def at(nanoseconds):
    return datetime.fromtimestamp(nanoseconds / SECOND, UTC)


@pytest.fixture
def machine():
    return Machine()


def test_the_time_is_aware_utc_cut_to_milliseconds():
    before = datetime.now(UTC)
    clock = SystemClock()
    now = clock.now()
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0
    assert abs((now - before).total_seconds()) < 60
    assert clock.ahead == timedelta(0)


def test_the_time_is_cut_to_milliseconds_and_not_rounded(machine):
    machine.wall += 1_999_999
    assert machine.clock.now() == at(NOON) + timedelta(milliseconds=1)


def test_it_passes_as_that_of_the_machine_does(machine):
    assert [machine.wait(seconds) for seconds in (0, 0.25, 10, DAY)] == [0, 0.25, 10.25, 10.25 + DAY]
    assert machine.clock.ahead == timedelta(0)


@pytest.mark.parametrize("back", [0.002, 0.5, 1, 60, HOUR])
def test_when_the_clock_is_set_back_time_goes_on_at_half_speed_until_it_has_caught_up(machine, back):
    assert machine.wait(100) == 100
    assert machine.set_back(back) == 100
    assert machine.wait(back) == pytest.approx(100 + back / 2, abs=0.001)
    assert machine.clock.ahead.total_seconds() == pytest.approx(back / 2)
    assert machine.wait(back) == pytest.approx(100 + back, abs=0.001)
    assert machine.clock.ahead == timedelta(0)
    assert machine.wait(10) == pytest.approx(110 + back, abs=0.001)


def test_a_clock_set_back_by_more_than_an_hour_is_followed_and_told_as_an_error(machine, caplog):
    machine.wait(3 * HOUR)
    assert machine.set_back(HELD.total_seconds() + 1) == 3 * HOUR - HOUR - 1
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "went back by 3601.0 s, which is followed" in caplog.text
    assert machine.wait(10) == 2 * HOUR + 9


def test_many_small_steps_back_are_held_up_to_an_hour_in_all(machine):
    times = [machine.wait(0) for _ in range(4000) if machine.set_back(0.999) is not None]
    assert sum(later < earlier for earlier, later in itertools.pairwise(times)) == 1
    assert max(times) == 0


def test_a_clock_set_back_is_told_with_what_to_do(machine, caplog):
    machine.wait(DAY)
    machine.set_back(60)
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "went back by 60.0 s; time goes on at half its speed for the next 120 s" in caplog.text
    machine.wait(200)
    machine.set_back(0.5)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("slip", [60, HOUR, 10 * 365 * DAY])
def test_a_clock_that_was_ahead_for_a_moment_freezes_nothing(machine, slip, caplog):
    machine.wait(10)
    assert machine.set_forward(slip) == 10 + slip
    assert machine.wait(30) == 40 + slip
    assert machine.set_back(slip) == 40
    assert machine.wait(30) == 70
    assert "as far as it had gone forward" in caplog.text


def test_a_slip_is_undone_once_and_no_further_than_it_went(machine):
    machine.wait(10)
    machine.set_forward(100)
    assert machine.set_back(160) == pytest.approx(10)
    assert machine.clock.ahead.total_seconds() == 60
    assert machine.wait(120) == 70
    assert machine.set_back(100) == 70


def test_a_slip_that_stood_for_more_than_an_hour_is_the_time(machine):
    machine.set_forward(60)
    assert machine.wait(HOUR + 1) == HOUR + 61
    assert machine.set_back(60) == HOUR + 61


def test_a_clock_that_returns_to_where_it_was_did_not_slip(machine):
    machine.wait(100)
    assert machine.set_back(60) == 100
    assert machine.set_forward(60) == 100
    assert machine.clock.ahead == timedelta(0)
    assert machine.set_back(60) == 100


def test_a_machine_that_slept_goes_on_at_the_time_of_day(machine):
    machine.wait(10)
    assert machine.set_forward(8 * HOUR) == 8 * HOUR + 10


STEPS = st.lists(st.tuples(st.floats(0, 1000), st.floats(-1000, 0)), max_size=3)


@given(STEPS)
def test_whenever_it_is_set_back_by_less_than_an_hour_in_all_it_never_goes_back_and_ends_right(steps):
    machine, seen = Machine(), [0.0]
    for seconds, step in steps:
        seen += [machine.wait(seconds), machine.set_forward(step)]
    assert seen == sorted(seen)
    machine.wait(2 * HOUR)
    machine.wait(2 * HOUR)
    assert machine.clock.now() == at(machine.wall // 1_000_000 * 1_000_000)


@pytest.fixture
async def service(machine):
    """A world that lives by the clock of a machine."""
    made = World(clock=machine.clock)
    await made.ctx.start(follow=False)
    yield made
    await made.ctx.close()


async def test_a_refresh_token_that_expired_untouched_does_not_live_again(machine, service):
    await service.sign_up()
    held = await service.login()
    idle = service.ctx.config.tokens.refresh_idle_ttl.total_seconds()
    machine.wait(idle + 1)
    machine.set_back(60)
    with pytest.raises(InvalidGrant):
        await service.refresh(held.refresh_token)


async def test_one_that_had_not_expired_goes_on_and_its_tokens_are_good_here(machine, service):
    user = await service.sign_up()
    held = await service.login()
    machine.wait(service.ctx.config.tokens.refresh_idle_ttl.total_seconds() - 1)
    machine.set_back(60)
    assert (await service.who(await service.refresh(held.refresh_token))).subject == user.id


async def test_a_token_whose_revocation_was_purged_does_not_live_again(machine, service):
    await service.sign_up()
    held = await service.login()
    await service.revoke(held.access_token)
    machine.wait(service.ctx.config.tokens.access_ttl.total_seconds() + 180)
    await service.ctx.follower.catch_up()
    await purge_expired(service.ctx)
    assert len(service.ctx.view) == 0
    assert list(await service.plain.revocations.read(after=0, limit=9, now=at(0))) == []
    machine.set_back(400)
    with pytest.raises(InvalidToken):
        await service.who(held)
