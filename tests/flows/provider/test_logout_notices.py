"""Notices of logouts under way: slow receivers, and the end of the process (ATTACKS I16; Back-Channel Logout 2.8)."""

import asyncio

import pytest
from tests.flows.provider.outside import FakeOutside

from watchword.flows.logout_notifier import AT_ONCE, AT_ONCE_PER_HOST, BackgroundNotifier

SLOW, GOOD = "https://slow.example/told", "https://good.example/told"


class SlowOutside(FakeOutside):
    """`slow.example` answers when `answering` is set."""

    def __init__(self):
        super().__init__()
        self.answering, self.under_way, self.most = asyncio.Event(), 0, 0

    async def post(self, url, *, form):
        if url != SLOW:
            return await super().post(url, form=form)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await self.answering.wait()
        self.under_way -= 1
        return await super().post(url, form=form)


@pytest.fixture
def outside():
    return SlowOutside()


async def no_sleep(_seconds):
    pass


def told(outside):
    return [url for url, _ in outside.posted]


async def test_a_thousand_notices_for_a_slow_client_hold_up_no_other(outside):
    notifier = BackgroundNotifier(outside.ways, sleep=no_sleep)
    for _ in range(1000):
        notifier.notify(SLOW, "a token")
    notifier.notify(GOOD, "a token")
    for _ in range(20):  # turns of the loop: a delivery takes a few
        await asyncio.sleep(0)
    assert told(outside) == [GOOD]
    assert outside.most == AT_ONCE_PER_HOST < AT_ONCE
    outside.answering.set()
    await notifier.drain()
    assert len(outside.posted) == 1001


async def test_at_the_end_what_is_under_way_is_waited_for(outside, caplog):
    notifier = BackgroundNotifier(outside.ways, sleep=no_sleep, close_within=60)
    notifier.notify(SLOW, "a token")
    closing = asyncio.create_task(notifier.close())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not closing.done()
    outside.answering.set()
    await closing
    assert (told(outside), caplog.text) == ([SLOW], "")


@pytest.mark.parametrize(("answers", "posts"), [([503, 200], 2), ([503, 503, 200], 2), ([0, 400], 2)])
async def test_at_the_end_what_waits_for_another_try_has_it_at_once(answers, posts, caplog):
    outside, asleep = FakeOutside(), asyncio.Event()
    outside.answers = list(answers)

    async def sleep(seconds):
        if seconds:
            asleep.set()
            await asyncio.Event().wait()

    notifier = BackgroundNotifier(outside.ways, sleep=sleep, close_within=60)
    notifier.notify(GOOD, "a secret token")
    await asleep.wait()
    await notifier.close()
    assert len(outside.posted) == posts
    lost = "stopped before a logout was told to: good.example (1)" in caplog.text
    assert lost is (answers[1] != 200)
    assert "secret" not in caplog.text


async def test_what_takes_too_long_is_given_up_and_the_log_says_whom_it_was_for(outside, caplog):
    notifier = BackgroundNotifier(outside.ways, sleep=no_sleep, close_within=0.05)
    for url in (SLOW, SLOW, GOOD):
        notifier.notify(url, "a secret token")
    await notifier.close()
    await notifier.drain()
    assert "stopped before a logout was told to: slow.example (2)" in caplog.text
    assert "secret" not in caplog.text
    assert GOOD in told(outside)


async def test_a_notifier_that_was_closed_can_be_used_again(outside):
    notifier = BackgroundNotifier(outside.ways, sleep=no_sleep)
    await notifier.close()
    outside.answers = [503, 503, 200]
    notifier.notify(GOOD, "a token")
    await notifier.drain()
    assert told(outside) == [GOOD] * 3
