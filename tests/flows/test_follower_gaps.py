"""What a pass of the follower reads: all that commits late, and hardly anything else (DESIGN section 6)."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.flows.world import World

from watchword.core.errors import StoreUnavailable
from watchword.core.models.sessions import FeedEntry, Revocation, RevocationKind
from watchword.flows import follower
from watchword.flows.feed_gaps import FeedGaps
from watchword.testing.clock import FakeClock

OVERLAP = follower.OVERLAP.total_seconds()
LATEST = OVERLAP - 0.01
"""A writer commits before this, or is given up by the store."""


@dataclass
class SlowFeed:
    """A feed whose entries become visible some time after their sequence was handed out, as with concurrent writers."""

    clock: FakeClock
    visible_at: dict[int, float] = field(default_factory=dict)
    entries: dict[int, FeedEntry] = field(default_factory=dict)
    elapsed: float = 0.0
    sequence: int = 0
    rows_read: int = 0
    fails: bool = False

    def begin(self, delay: float | None, ttl: timedelta = timedelta(minutes=10)) -> int:
        """Hand out a sequence; the entry is visible after `delay` seconds, or never."""
        self.sequence += 1
        now = self.clock.now()
        entry = Revocation(
            kind=RevocationKind.TOKEN, subject=f"jti-{self.sequence}", at=now - timedelta(hours=1), expires_at=now + ttl
        )
        if delay is not None:
            self.visible_at[self.sequence] = self.elapsed + delay
            self.entries[self.sequence] = FeedEntry(sequence=self.sequence, revocation=entry)
        return self.sequence

    def pass_time(self, seconds: float) -> None:
        self.elapsed += seconds
        self.clock.tick(seconds)

    async def read(self, *, after, limit, now):
        if self.fails:
            raise StoreUnavailable(hint="the test pulled the plug")
        page = [entry for sequence, entry in sorted(self.entries.items()) if self._is_visible(sequence, after, now)]
        self.rows_read += len(page[:limit])
        return page[:limit]

    def _is_visible(self, sequence, after, now):
        expires_at = self.entries[sequence].revocation.expires_at
        return sequence > after and self.visible_at[sequence] <= self.elapsed and expires_at > now

    def purge(self):
        now = self.clock.now()
        for sequence in [n for n, entry in self.entries.items() if entry.revocation.expires_at <= now]:
            del self.entries[sequence]

    def visible(self):
        now = self.clock.now()
        return {e.revocation.subject for n, e in self.entries.items() if self._is_visible(n, 0, now)}


class Process:
    """A follower over that feed, as in a process that has just started."""

    def __init__(self, feed):
        self.follower = World(clock=feed.clock).ctx.follower
        self.follower._feed, self.feed = feed, feed
        self.follower._elapsed = lambda: feed.elapsed
        self.view = self.follower._view

    async def rows_of_a_pass(self):
        before = self.feed.rows_read
        await self.follower.catch_up()
        return self.feed.rows_read - before

    @property
    def knows(self):
        return set(self.view._tokens)


@pytest.fixture
def feed():
    return SlowFeed(FakeClock())


@pytest.fixture
async def process(feed):
    return Process(feed)


DELAYS = st.sampled_from([None, 0.0, 0.0, 0.5, 6.0, LATEST])
TTLS = st.sampled_from([timedelta(seconds=20), timedelta(minutes=10)])
STEPS = st.one_of(
    st.tuples(st.just("append"), st.lists(st.tuples(DELAYS, TTLS), min_size=1, max_size=4)),
    st.tuples(st.just("time"), st.sampled_from([0.1, 1.0, 5.0, OVERLAP])),
    st.tuples(st.just("step"), st.integers(-600, 600)),
    st.tuples(st.sampled_from(["restart", "purge", "outage"]), st.none()),
)


class History:
    """Does what a plan says, with a pass after each step."""

    def __init__(self):
        self.feed = SlowFeed(FakeClock())
        self.process = Process(self.feed)

    async def run(self, plan):
        for verb, what in plan:
            await getattr(self, verb)(what)
        for _ in range(3):
            self.feed.pass_time(OVERLAP)
            await self.process.follower.catch_up()

    async def append(self, entries):
        for delay, ttl in entries:
            self.feed.begin(delay, ttl)
        await self.process.follower.catch_up()

    async def time(self, seconds):
        self.feed.pass_time(seconds)
        await self.process.follower.catch_up()

    async def step(self, seconds):
        """The clock of the day steps; by it only entries expire."""
        self.feed.clock.tick(seconds)
        await self.process.follower.catch_up()

    async def restart(self, _):
        self.process = Process(self.feed)
        await self.process.follower.catch_up()

    async def purge(self, _):
        self.feed.purge()

    async def outage(self, _):
        self.feed.fails = True
        with pytest.raises(StoreUnavailable):
            await self.process.follower.catch_up()
        self.feed.fails = False


@settings(max_examples=500, deadline=None)
@given(plan=st.lists(STEPS, min_size=3, max_size=20), recent=st.sampled_from([1, follower.RECENT]))
async def test_whatever_order_writers_commit_in_nothing_is_lost(plan, recent):
    history = History()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(follower, "RECENT", recent)
        await history.run(plan)
    assert history.feed.visible() - history.process.knows == set()


@pytest.mark.parametrize("delay", [0.5, 3.0, LATEST])
async def test_an_entry_that_commits_late_arrives_with_the_next_pass(feed, process, delay):
    await process.follower.catch_up()
    feed.begin(delay)
    feed.begin(0)
    await process.follower.catch_up()
    assert process.knows == {"jti-2"}
    feed.pass_time(delay)
    await process.follower.catch_up()
    assert process.knows == {"jti-1", "jti-2"}


async def test_a_late_entry_just_below_the_end_is_not_lost_to_a_process_that_starts_meanwhile(feed, process):
    for _ in range(300):
        feed.begin(0)
    late = f"jti-{feed.begin(2.0)}"
    for _ in range(50):
        feed.begin(0)
    assert await process.rows_of_a_pass() == 350
    feed.pass_time(2.0)
    assert await process.rows_of_a_pass() == 51
    assert late in process.knows


async def test_a_late_entry_far_below_the_end_comes_when_the_whole_feed_is_read_again(feed, process):
    late = f"jti-{feed.begin(2.0)}"
    for _ in range(300):
        feed.begin(0)
    await process.follower.catch_up()
    feed.pass_time(2.0)
    assert await process.rows_of_a_pass() == 0
    assert late not in process.knows
    feed.pass_time(OVERLAP)
    assert await process.rows_of_a_pass() == 301
    assert late in process.knows
    feed.pass_time(OVERLAP)
    assert await process.rows_of_a_pass() == 0


async def test_the_second_reading_of_the_whole_feed_is_made_good_after_an_outage(feed, process):
    feed.begin(0)
    await process.follower.catch_up()
    feed.pass_time(OVERLAP)
    feed.fails = True
    with pytest.raises(StoreUnavailable):
        await process.follower.catch_up()
    feed.fails = False
    assert [await process.rows_of_a_pass(), await process.rows_of_a_pass()] == [1, 0]


async def test_after_the_first_pass_over_a_thousand_revocations_only_what_is_new_is_read(feed, process):
    for _ in range(1000):
        feed.begin(0)
    rows = [await process.rows_of_a_pass()]
    for _ in range(10):
        feed.begin(0)
        feed.pass_time(0.5)
        rows.append(await process.rows_of_a_pass())
    assert rows == [1000] + [1] * 10
    assert len(process.knows) == 1010


async def test_what_expired_leaves_gaps_that_cost_a_new_process_little(feed, process):
    for number in range(3000):
        feed.begin(0, timedelta(seconds=1 if number % 3 else 600))
    feed.pass_time(1)
    rows = [await process.rows_of_a_pass() for _ in range(4)]
    assert rows[0] == 1000
    assert max(rows[1:]) <= follower.RECENT


async def test_a_clock_that_went_ahead_and_back_loses_no_revocation(feed, process):
    feed.begin(0)
    await process.follower.catch_up()
    feed.clock.tick(3600)
    await process.follower.catch_up()
    assert process.knows == set()
    feed.clock.tick(-3600)
    await process.follower.catch_up()
    assert process.knows == {"jti-1"}


async def test_a_writer_that_failed_costs_a_second_reading_for_the_overlap_alone(feed, process):
    await process.follower.catch_up()
    feed.begin(None)
    feed.begin(0)
    rows = []
    for _ in range(4):
        rows.append(await process.rows_of_a_pass())
        feed.pass_time(OVERLAP / 2)
    assert rows == [1, 1, 2, 0]


def test_known_sequences_are_not_new_and_a_gap_is_filled_once():
    gaps = FeedGaps()
    answers = [gaps.take(number, at=0.0) for number in (1, 2, 6, 2, 6, 4, 4, 3, 5, 5, 7)]
    assert answers == [True, True, True, False, False, True, False, True, True, False, True]
    assert (gaps.newest, gaps.cursor, len(gaps)) == (7, 7, 0)


def test_the_cursor_stays_below_the_lowest_open_gap():
    gaps = FeedGaps()
    for number, at in ((1, 0.0), (3, 1.0), (5, 2.0)):
        gaps.take(number, at=at)
    assert gaps.cursor == 1
    gaps.close(until=1.0)
    assert gaps.cursor == 3
    gaps.forget_below(5)
    assert gaps.cursor == 5
