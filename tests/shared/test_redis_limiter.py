"""Rate limits in Redis: of all processes together, by the clock of Redis, in keys that say nothing."""

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest
from tests.flows.world import SECRET

from watchword.core.models.limits import Limit
from watchword.ports.shared import Unreachable

FIVE_A_MINUTE = Limit(5, 60)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def limiter(shared):
    return shared.limiter


async def hits(limiter, count, bucket="login", key="alice", limit=FIVE_A_MINUTE):
    return [await limiter.hit(bucket, key, limit) for _ in range(count)]


AGE = """
for _, key in ipairs(redis.call('KEYS', '*:limit:*')) do
  for place = 0, redis.call('LLEN', key) - 1 do
    redis.call('LSET', key, place, redis.call('LINDEX', key, place) - ARGV[1])
  end
end
return 'aged'
"""


def age(redis, seconds):
    """Let attempts lie further back, as if time had passed."""
    assert redis.ask("EVAL", AGE, "0", str(round(seconds * 1000))).endswith("aged")


async def test_hits_up_to_the_limit_are_allowed_and_the_next_waits_for_the_window(limiter):
    assert await hits(limiter, 7) == [0, 0, 0, 0, 0, 60, 60]


async def test_the_window_moves_with_the_oldest_hit(limiter, redis):
    await hits(limiter, 1)
    age(redis, 50)
    assert await hits(limiter, 5) == [0, 0, 0, 0, 10]
    age(redis, 10)
    assert await hits(limiter, 2) == [0, 50]


async def test_refused_hits_do_not_prolong_the_wait(limiter, redis):
    await hits(limiter, 100)
    age(redis, 60)
    assert await hits(limiter, 6) == [0, 0, 0, 0, 0, 60]


async def test_wait_answers_as_hit_would_and_counts_nothing(limiter):
    assert [await limiter.wait("login", "alice", FIVE_A_MINUTE) for _ in range(9)] == [0] * 9
    await hits(limiter, 5)
    assert await limiter.wait("login", "alice", FIVE_A_MINUTE) == 60


async def test_clear_forgets_one_key_alone(limiter):
    await hits(limiter, 5)
    await hits(limiter, 5, key="bob")
    await limiter.clear("login", "alice", FIVE_A_MINUTE)
    await limiter.clear("login", "nobody", FIVE_A_MINUTE)
    assert await hits(limiter, 1) == [0]
    assert await hits(limiter, 1, key="bob") == [60]


async def test_keys_and_buckets_are_counted_apart(limiter):
    await hits(limiter, 5)
    assert await hits(limiter, 1) == [60]
    assert await hits(limiter, 1, key="bob") == [0]
    assert await hits(limiter, 1, bucket="signup") == [0]


async def test_a_limit_that_was_lowered_waits_for_as_many_hits_as_are_too_many(limiter, redis):
    await hits(limiter, 1)
    age(redis, 20)
    await hits(limiter, 4)
    assert await limiter.wait("login", "alice", Limit(5, 60)) == 40
    assert await limiter.wait("login", "alice", Limit(2, 60)) == 60


@pytest.mark.parametrize("key", ["", "a\x00b", "\ud800", "x" * 500_000, "{key}/%s:*"])
async def test_any_text_is_a_key(limiter, key):
    assert await hits(limiter, 6, key=key) == [0, 0, 0, 0, 0, 60]


async def test_no_key_is_kept_in_the_clear_and_every_key_expires(limiter, redis):
    await hits(limiter, 1, key="canary@example.org")
    names = [line for line in redis.ask("KEYS", "*").splitlines() if line.startswith("watchword:")]
    assert len(names) == 1
    assert "canary" not in names[0]
    assert 0 < int(redis.ask("PTTL", names[0]).removeprefix(":")) <= 60_000


async def test_processes_with_one_secret_count_together_and_others_apart(open_on):
    one, same = open_on().limiter, open_on().limiter
    other = open_on(secrets=(SECRET[::-1],)).limiter
    elsewhere = open_on(issuer="https://other.example").limiter
    await hits(one, 5)
    assert await hits(same, 1) == [60]
    assert await hits(other, 1) == [0]
    assert await hits(elsewhere, 1) == [0]


async def test_a_hit_that_seems_to_come_from_the_future_is_not_counted(limiter, redis):
    await hits(limiter, 5)
    age(redis, -3600)
    assert await hits(limiter, 1) == [0]


async def test_a_script_that_redis_forgot_is_loaded_again(limiter, redis):
    await hits(limiter, 5)
    redis.ask("SCRIPT", "FLUSH")
    assert await hits(limiter, 1) == [60]


async def test_an_answer_that_is_an_error_is_unreachable(limiter, redis):
    redis.ask("CONFIG", "SET", "maxmemory", "1")
    with pytest.raises(Unreachable):
        await limiter.hit("login", "alice", FIVE_A_MINUTE)


PROGRAM = """
import asyncio, json, sys, time
from watchword.config import AuthConfig
from watchword.core.models.limits import Limit
from watchword.stores.shared import open_shared

async def main(url, secret, minutes, count):
    true_time = time.time
    time.time = lambda: true_time() + 60 * int(minutes)
    shared = open_shared(AuthConfig(issuer="https://id.example", secrets=(secret.encode(),), redis_url=url))
    await shared.ping()
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    limit = Limit(10, 60)
    answers = await asyncio.gather(*(shared.limiter.hit("login", "alice", limit) for _ in range(int(count))))
    await shared.close()
    print(json.dumps(answers), flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


async def processes_hit(url, *minutes, count=32):
    """Let one process for each clock hit at the same moment; return the answers of each."""
    pipe = asyncio.subprocess.PIPE
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", PROGRAM, url, SECRET.decode(), str(ahead), str(count),
            stdin=pipe, stdout=pipe, cwd=ROOT,
        )
        for ahead in minutes
    ]  # fmt: skip
    for process in started:
        assert await process.stdout.readline() == b"ready\n"
    said = await asyncio.gather(*(process.communicate(b"go\n") for process in started))
    return [json.loads(out) for out, _ in said]


async def test_of_64_parallel_hits_of_two_processes_exactly_the_limit_is_allowed(redis):
    for _ in range(3):
        redis.flush()
        answers = await processes_hit(redis.url, 0, 0)
        assert [len(one) for one in answers] == [32, 32]
        assert [*answers[0], *answers[1]].count(0) == 10


async def test_clocks_a_minute_apart_share_one_window(redis):
    answers = await processes_hit(redis.url, -1, 1)
    everything = [*answers[0], *answers[1]]
    assert everything.count(0) == 10
    assert set(everything) - {0} <= {59, 60}


async def test_a_decision_takes_little_time(limiter, capsys):
    times = []
    for number in range(300):
        began = time.perf_counter()
        await limiter.hit("login", f"name {number}", FIVE_A_MINUTE)
        times.append(time.perf_counter() - began)
    times.sort()
    with capsys.disabled():
        sys.stdout.write(f"\none decision in Redis: p50 {times[150] * 1e6:.0f} us, p99 {times[297] * 1e6:.0f} us\n")
    assert times[150] < 0.1
