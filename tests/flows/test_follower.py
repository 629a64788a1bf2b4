"""Following the feed: gaps, order, paging, outages (DESIGN section 6)."""

import asyncio
import logging
from datetime import timedelta

import pytest
from tests.flows import world as worlds_module
from tests.flows.doubles import Outage

from watchword.core.errors import InvalidToken, StoreUnavailable
from watchword.core.models.identity import Role
from watchword.core.models.sessions import Revocation, RevocationKind
from watchword.flows import admin, key_rotation, sessions
from watchword.flows.stale_alarm import StaleAlarm


class HideOnce:
    """A feed in which one entry becomes visible late, as when its transaction commits after a later one."""

    def __init__(self):
        self.hidden = {}
        self.read = []

    async def __call__(self, noun, verb, call):
        answer = await call()
        if (noun, verb) != ("revocations", "read"):
            return answer
        self.read.append(len(answer))
        visible = [entry for entry in answer if self.hidden.get(entry.sequence, 0) <= 0]
        self.hidden = {sequence: passes - 1 for sequence, passes in self.hidden.items()}
        return visible


async def append(world, *jtis, ttl=timedelta(minutes=10)):
    now = world.clock.now()
    entries = [Revocation(kind=RevocationKind.TOKEN, subject=jti, at=now, expires_at=now + ttl) for jti in jtis]
    await world.plain.revocations.append(entries)


def refused(world, *jtis):
    return [jti for jti in jtis if jti in world.ctx.view._tokens]


async def second_process(world, worlds, **options):
    return await worlds(stores=world.plain, clock=world.clock, **options)


async def test_what_one_process_revokes_the_other_refuses_after_its_next_pass(world, worlds):
    other = await second_process(world, worlds)
    user = await world.sign_up()
    answer = await world.login()
    assert (await other.who(answer)).subject == user.id
    await sessions.end_all_sessions(world.ctx, user.id, reason="logout")
    with pytest.raises(InvalidToken):
        await world.who(answer)
    await other.ctx.follower.catch_up()
    with pytest.raises(InvalidToken):
        await other.who(answer)


@pytest.mark.parametrize("passes", [1, 5, 20])
async def test_an_entry_that_becomes_visible_after_later_ones_is_not_lost(worlds, passes):
    feed = HideOnce()
    world = await worlds(around=feed)
    await append(world, "early", "late")
    feed.hidden = {1: passes}
    for _ in range(passes):
        await world.ctx.follower.catch_up()
        assert refused(world, "early", "late") == ["late"]
    await world.ctx.follower.catch_up()
    assert refused(world, "early", "late") == ["early", "late"]


async def test_an_idle_feed_is_soon_read_from_its_end_alone(worlds):
    feed = HideOnce()
    world = await worlds(around=feed)
    await append(world, *(f"jti{n}" for n in range(50)))
    for _ in range(30):
        await world.ctx.follower.catch_up()
    assert feed.read[1] == 50
    assert set(feed.read[2:]) == {0}
    assert len(world.ctx.view) == 50


@pytest.mark.parametrize("count", [999, 1000, 1001, 2500])
async def test_a_long_feed_is_read_page_by_page(world, count):
    await append(world, *(f"jti{n}" for n in range(count)))
    await world.ctx.follower.catch_up()
    assert len(world.ctx.view) == count


async def test_expired_entries_leave_the_view(world):
    await append(world, "jti", ttl=timedelta(seconds=5))
    await world.ctx.follower.catch_up()
    assert len(world.ctx.view) == 1
    world.clock.tick(5)
    await world.ctx.follower.catch_up()
    assert len(world.ctx.view) == 0


async def test_roles_and_keys_of_another_process_arrive_in_time(world, worlds):
    other = await second_process(world, worlds)
    await admin.put_role(world.ctx, Role(name="clerk", permissions=frozenset({"items:read"})))
    await key_rotation.rotate(world.ctx)
    world.clock.tick(1)
    await other.ctx.follower.catch_up()
    assert other.ctx.roles.permissions(("clerk",)) == {"items:read"}
    assert other.ctx.keys.ring.newest.generation == 1
    world.clock.tick(4)
    await other.ctx.follower.catch_up()
    assert other.ctx.keys.ring.newest.generation == 2


async def test_an_outage_keeps_the_last_view_and_its_age_grows(worlds):
    outage = Outage()
    world = await worlds(around=outage)
    user = await world.sign_up()
    dead, alive = await world.login(), await world.login()
    await world.revoke(dead.access_token)
    outage.down = {"*"}
    world.clock.tick(30)
    with pytest.raises(StoreUnavailable):
        await world.ctx.follower.catch_up()
    with pytest.raises(InvalidToken):
        await world.who(dead)
    assert (await world.who(alive)).subject == user.id
    assert world.ctx.view.staleness(world.clock.now()) == timedelta(seconds=30)
    outage.down = set()
    await world.ctx.follower.catch_up()
    assert world.ctx.view.staleness(world.clock.now()) == timedelta(0)


async def test_a_strict_guard_refuses_to_guess_when_the_view_is_too_old(worlds):
    outage = Outage()
    world = await worlds(around=outage, strict_revocation=True)
    await world.sign_up()
    answer = await world.login()
    outage.down = {"*"}
    world.clock.tick(10)
    assert (await world.who(answer)).scopes == {"read", "write"}
    world.clock.tick(timedelta(milliseconds=1))
    with pytest.raises(StoreUnavailable):
        await world.who(answer)
    outage.down = set()
    await world.ctx.follower.catch_up()
    assert (await world.who(answer)).scopes == {"read", "write"}


async def test_a_chore_that_fails_keeps_no_other_from_its_turn(world):
    done, broken = [], True

    async def failing():
        if broken:
            raise RuntimeError("a chore's bug")
        done.append("failing")

    async def good():
        done.append("good")

    world.ctx.follower.add_chore(failing)
    world.ctx.follower.add_chore(good)
    with pytest.raises(RuntimeError, match="a chore's bug"):
        await world.ctx.follower.catch_up()
    assert done == ["good"]
    broken = False
    await world.ctx.follower.catch_up()
    assert done == ["good", "failing"]


class Passes:
    """Counts the passes of the background task, and may make them fail."""

    def __init__(self):
        self.errors = []
        self.count = 0
        self.reached = asyncio.Event()
        self.wanted = 0

    async def __call__(self, noun, verb, call):
        if (noun, verb) == ("revocations", "read"):
            self.count += 1
            if self.wanted and self.count >= self.wanted:
                self.reached.set()
            if self.errors:
                raise self.errors.pop()
        return await call()


async def test_the_background_task_survives_outages_and_worse_and_says_so(worlds, caplog):
    passes = Passes()
    world = await worlds(around=passes, revocation_poll=timedelta(milliseconds=10))
    caplog.set_level(logging.ERROR, "watchword.follower")
    passes.errors = [RuntimeError("a driver's bug"), StoreUnavailable(), StoreUnavailable()]
    passes.wanted = passes.count + 5
    world.clock.tick(60)
    world.ctx.follower.start()
    await asyncio.wait_for(passes.reached.wait(), 10)
    assert world.ctx.follower.running
    await world.ctx.close()
    assert not world.ctx.follower.running
    assert passes.errors == []
    messages = {record.getMessage() for record in caplog.records if record.name == "watchword.follower"}
    assert messages == {
        "revocations were last read 60 s ago: the store does not answer",
        "a pass of the follower failed",
    }


async def test_an_outage_that_lasts_is_an_alarm(worlds, caplog):
    outage, passes = Outage(), Passes()

    async def both(noun, verb, call):
        return await passes(noun, verb, lambda: outage(noun, verb, call))

    world = await worlds(around=both, revocation_poll=timedelta(milliseconds=10))
    world.ctx.follower.start()
    outage.down = {"*"}
    world.clock.tick(11)
    passes.wanted = passes.count + 3
    await asyncio.wait_for(passes.reached.wait(), 10)
    assert caplog.text.count("revocations were last read 11 s ago") == 1
    assert "read again" not in caplog.text
    outage.down = set()
    passes.wanted = passes.count + 3
    passes.reached.clear()
    await asyncio.wait_for(passes.reached.wait(), 10)
    assert caplog.text.count("revocations are read again") == 1


def test_an_outage_is_told_when_it_begins_once_a_minute_and_when_it_ends(caplog):
    now = [0.0]
    alarm = StaleAlarm(timedelta(seconds=10), elapsed=lambda: now[0])
    caplog.set_level(logging.INFO, "watchword.follower")
    for second in range(0, 100, 5):
        now[0] = float(second)
        alarm.missed(timedelta(seconds=second))
    assert [record.getMessage()[:34] for record in caplog.records] == [
        "revocations were last read 15 s ag",
        "revocations were last read 75 s ag",
    ]
    alarm.made()
    alarm.made()
    assert [record.getMessage() for record in caplog.records[2:]] == ["revocations are read again"]
    alarm.missed(timedelta(seconds=11))
    assert len(caplog.records) == 4


async def test_starting_twice_makes_one_task(world):
    await world.ctx.start(follow=True)
    task = world.ctx.follower._task
    await world.ctx.start(follow=True)
    assert world.ctx.follower._task is task
    assert worlds_module.config().revocation_poll == timedelta(milliseconds=500)
