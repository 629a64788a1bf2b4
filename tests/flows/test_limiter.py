"""Rate limits of one process."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from watchword.core.models.limits import Limit
from watchword.flows.limiter import LocalRateLimiter, NoRateLimiter
from watchword.flows.limiter_windows import BoundedWindows

FIVE_A_MINUTE = Limit(5, 60)


class StoppedClock:
    def __init__(self):
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self):
        return self.at

    def tick(self, seconds):
        self.at += timedelta(seconds=seconds)


@pytest.fixture(name="clock")
def _clock():
    return StoppedClock()


@pytest.fixture(name="limiter")
def _limiter(clock):
    return LocalRateLimiter(clock)


async def hits(limiter, count, *, bucket="login", key="alice", limit=FIVE_A_MINUTE):
    return [await limiter.hit(bucket, key, limit) for _ in range(count)]


async def test_hits_up_to_the_limit_are_allowed_and_the_next_waits_for_the_window(limiter):
    assert await hits(limiter, 7) == [0, 0, 0, 0, 0, 60, 60]


async def test_the_window_moves_with_the_oldest_hit(limiter, clock):
    await hits(limiter, 1)
    clock.tick(50)
    assert await hits(limiter, 5) == [0, 0, 0, 0, 10]
    clock.tick(10)
    assert await hits(limiter, 2) == [0, 50]


async def test_whoever_waits_as_long_as_told_gets_through(limiter, clock):
    await hits(limiter, 5)
    clock.tick(0.7)
    assert await hits(limiter, 1) == [60]
    clock.tick(60)
    assert await hits(limiter, 1) == [0]


async def test_the_wait_is_whole_seconds_and_at_least_one(limiter, clock):
    await hits(limiter, 5)
    clock.tick(59.999)
    assert await hits(limiter, 1) == [1]


async def test_refused_hits_do_not_prolong_the_wait(limiter, clock):
    await hits(limiter, 500)
    clock.tick(60)
    assert await hits(limiter, 6) == [0, 0, 0, 0, 0, 60]


async def test_of_200_parallel_hits_only_the_limit_is_allowed(limiter):
    answers = await asyncio.gather(*(limiter.hit("login", "alice", FIVE_A_MINUTE) for _ in range(200)))
    assert answers.count(0) == 5


async def test_keys_and_buckets_are_counted_apart(limiter):
    await hits(limiter, 5)
    assert await hits(limiter, 1) == [60]
    assert await hits(limiter, 1, key="bob") == [0]
    assert await hits(limiter, 1, bucket="signup") == [0]
    assert await hits(limiter, 1, bucket="login/alice", key="") == [0]


async def test_clear_forgets_one_key_alone(limiter):
    await hits(limiter, 5)
    await hits(limiter, 5, key="bob")
    await limiter.clear("login", "alice", FIVE_A_MINUTE)
    await limiter.clear("login", "nobody", FIVE_A_MINUTE)
    assert await hits(limiter, 6) == [0, 0, 0, 0, 0, 60]
    assert await hits(limiter, 1, key="bob") == [60]


@pytest.mark.parametrize("key", ["", "a\x00b", "\ud800", "x" * 500_000, "{key}/%s:*"])
async def test_any_text_is_a_key(limiter, key):
    assert await hits(limiter, 6, key=key) == [0, 0, 0, 0, 0, 60]


async def test_no_key_is_kept_in_the_clear(limiter):
    await hits(limiter, 1, key="canary@example.org")
    assert "canary" not in repr(vars(limiter._windows))


async def test_a_flood_of_names_is_held_to_the_most_keys_and_drops_the_longest_unused(clock):
    limiter = LocalRateLimiter(clock, most_keys=100)
    await hits(limiter, 5)
    for number in range(1000):
        await limiter.hit("login", f"flood {number}", FIVE_A_MINUTE)
        if number % 50 == 0:
            assert await hits(limiter, 1) == [60]
    assert len(limiter._windows) == 100
    assert await hits(limiter, 1, key="flood 0") == [0]


async def test_windows_that_are_over_are_swept_by_later_hits(limiter, clock):
    for number in range(1000):
        await limiter.hit("login", f"flood {number}", FIVE_A_MINUTE)
    assert len(limiter._windows) == 1000
    clock.tick(60)
    for _ in range(500):
        await limiter.hit("login", "alice", FIVE_A_MINUTE)
    assert len(limiter._windows) == 1


def test_a_limiter_serves_several_event_loops(limiter):
    assert asyncio.run(hits(limiter, 5)) == [0, 0, 0, 0, 0]
    assert asyncio.run(hits(limiter, 1)) == [60]


async def test_no_limiter_allows_everything():
    limiter = NoRateLimiter()
    assert await hits(limiter, 50) == [0] * 50
    await limiter.clear("login", "alice", FIVE_A_MINUTE)
    assert await hits(limiter, 1) == [0]


def test_a_window_is_waited_for_until_its_oldest_hit_leaves_it(clock):
    windows, two = BoundedWindows(clock), Limit(2, 60)
    assert [windows.wait("key", two), windows.hit("key", two)] == [0, 0]
    clock.tick(20)
    assert [windows.wait("key", two), windows.hit("key", two)] == [0, 0]
    assert [windows.wait("key", two), windows.hit("key", two)] == [40, 40]
    clock.tick(39.5)
    assert [windows.wait("key", two), windows.hit("key", two)] == [0.5, 0.5]
    clock.tick(0.5)
    assert [windows.wait("key", two), windows.hit("key", two)] == [0, 0]


async def test_a_limit_of_none_allows_none(limiter):
    assert await hits(limiter, 2, limit=Limit(0, 60)) == [60, 60]


async def test_buckets_and_limits_count_apart(limiter):
    assert await hits(limiter, 5) == [0] * 5
    assert await hits(limiter, 5, bucket="sign-up") == [0] * 5
    assert await hits(limiter, 5, limit=Limit(5, 30)) == [0] * 5
    assert await hits(limiter, 1) == [60]
