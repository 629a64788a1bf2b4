"""Redis killed, emptied, hanging: nothing revoked becomes valid, logins go on, limits degrade as documented."""

import asyncio
import time

import pytest
from starlette.testclient import TestClient
from tests.flows.world import PASSWORD, World, config

from watchword.config import LimitConfig
from watchword.core.errors import InvalidGrant, InvalidToken, TooManyRequests, Unavailable
from watchword.core.models.limits import Limit
from watchword.flows import sessions
from watchword.flows.context import open_context
from watchword.flows.limiter import LocalRateLimiter
from watchword.flows.shared_limiter import SharedRateLimiter
from watchword.server.app import create_app
from watchword.settings import Settings
from watchword.stores.redis.server import ANSWERS_WITHIN, LEFT_ALONE
from watchword.stores.shared import open_shared
from watchword.testing.clock import FakeClock

TEN_A_MINUTE = Limit(10, 60)


class Moments:
    """Seconds that pass when told to, for the circuit breaker."""

    def __init__(self, shared):
        self.now = 0.0
        shared.limiter._server._elapsed = lambda: self.now

    def pass_the_pause(self):
        self.now += LEFT_ALONE


@pytest.fixture
def moments(shared):
    return Moments(shared)


def limiter_over(shared, *, processes=1, strict=False):
    return SharedRateLimiter(shared.limiter, LocalRateLimiter(FakeClock()), processes=lambda: processes, strict=strict)


async def hits(limiter, count, key="alice"):
    return [await limiter.hit("login", key, TEN_A_MINUTE) for _ in range(count)]


class SharedWorld(World):
    """A service with a Redis and its limits on."""

    def __init__(self, redis, stores=None, **limits):
        super().__init__(stores=stores)
        settings = config(redis_url=redis.url, limits=LimitConfig(**limits))
        self.shared = open_shared(settings)
        self.ctx = open_context(settings, self.stores, clock=self.clock, shared=self.shared)
        self.moments = Moments(self.shared)

    async def close(self):
        await self.ctx.close()
        await self.shared.close()


@pytest.fixture
async def make_world(redis):
    made = []

    async def make(stores=None, **limits):
        made.append(SharedWorld(redis, stores, **limits))
        await made[-1].ctx.start(follow=False)
        return made[-1]

    yield make
    for world in made:
        await world.close()


async def test_a_killed_redis_leaves_each_process_its_share_and_says_so_once(redis, shared, moments, caplog):
    limiter = limiter_over(shared, processes=4)
    assert (await hits(limiter, 11)).count(0) == 10
    redis.kill()
    assert (await hits(limiter, 11)).count(0) == 10 // 4
    assert (limiter.outages, limiter.decided_alone) == (1, 11)
    assert caplog.text.count("Redis does not answer (ConnectionError): each of 4 processes limits its share") == 1


async def test_a_share_is_at_least_one(redis, shared):
    redis.kill()
    assert (await hits(limiter_over(shared, processes=1000), 3)).count(0) == 1


async def test_a_redis_that_is_back_counts_again_after_the_pause(redis, shared, moments, caplog):
    limiter = limiter_over(shared)
    redis.kill()
    await hits(limiter, 10)
    assert await hits(limiter, 1) == [60]
    redis.start()
    assert await hits(limiter, 1) == [60]
    moments.pass_the_pause()
    assert (await hits(limiter, 11)).count(0) == 10
    assert caplog.text.count("Redis answers again") == 1
    assert limiter.outages == 1


async def test_a_redis_that_was_restarted_between_two_hits_is_no_outage(redis, shared):
    limiter = limiter_over(shared)
    await hits(limiter, 1)
    redis.kill()
    redis.start()
    assert await hits(limiter, 1) == [0]
    assert limiter.outages == 0


async def test_strict_limits_refuse_while_redis_is_gone_and_allow_when_it_is_back(redis, shared, moments):
    limiter = limiter_over(shared, strict=True)
    redis.kill()
    for attempt in (limiter.hit, limiter.wait):
        with pytest.raises(Unavailable) as refusal:
            await attempt("login", "alice", TEN_A_MINUTE)
        assert (refusal.value.status, refusal.value.retry_after) == (503, 5)
    await limiter.clear("login", "alice", TEN_A_MINUTE)
    redis.start()
    moments.pass_the_pause()
    assert await hits(limiter, 1) == [0]


async def test_a_cleared_key_is_forgotten_here_too(redis, shared):
    limiter = limiter_over(shared)
    redis.kill()
    await hits(limiter, 10)
    await limiter.clear("login", "alice", TEN_A_MINUTE)
    assert await limiter.wait("login", "alice", TEN_A_MINUTE) == 0
    assert await hits(limiter, 1) == [0]


async def timed(attempt):
    began = time.monotonic()
    await attempt
    return time.monotonic() - began


async def test_a_paused_redis_delays_by_its_time_limit_once_and_then_nobody(redis, shared, moments):
    limiter = limiter_over(shared)
    await hits(limiter, 1)
    redis.pause()
    first = await asyncio.gather(*(timed(hits(limiter, 1)) for _ in range(20)))
    assert max(first) < ANSWERS_WITHIN + 0.3
    assert max(first) >= ANSWERS_WITHIN - 0.05
    assert await timed(hits(limiter, 100)) < ANSWERS_WITHIN
    moments.pass_the_pause()
    again = await asyncio.gather(*(timed(hits(limiter, 1)) for _ in range(20)))
    assert sorted(again)[-2] < ANSWERS_WITHIN / 2
    redis.resume()
    moments.pass_the_pause()
    assert await hits(limiter, 1, key="bob") == [0]
    assert limiter.outages == 1


@pytest.mark.parametrize("fault", ["kill", "flush", "pause"])
async def test_nothing_revoked_becomes_valid_and_logins_go_on(redis, make_world, fault):
    world = await make_world()
    user = await world.sign_up()
    dead, alive = await world.login(), await world.login()
    await world.revoke(dead.access_token)
    getattr(redis, fault)()
    with pytest.raises(InvalidToken):
        await world.who(dead)
    assert (await world.who(alive)).subject == user.id
    later = await world.login()
    assert (await world.who(later)).subject == user.id
    assert (await world.refresh(later.refresh_token)).refresh_token != later.refresh_token
    await sessions.end_all_sessions(world.ctx, user.id, reason="logout")
    for answer in (dead, alive, later):
        with pytest.raises(InvalidToken):
            await world.who(answer)
    if fault == "pause":
        redis.resume()


async def guess(world, count, password="an obviously wrong guess"):
    refusals = []
    for _ in range(count):
        with pytest.raises((InvalidGrant, TooManyRequests)) as refusal:
            await world.login(password=password)
        refusals.append(refusal.type)
    return refusals.count(InvalidGrant)


async def test_guesses_are_limited_together_then_alone_and_together_again(redis, make_world):
    one = await make_world()
    other = await make_world(one.stores)
    await one.sign_up()
    assert (await guess(one, 6), await guess(other, 6)) == (6, 4)
    redis.kill()
    assert (await guess(one, 12), await guess(other, 12)) == (10, 10)
    redis.start()
    for world in (one, other):
        world.moments.pass_the_pause()
    assert (await guess(one, 6), await guess(other, 6)) == (6, 4)


async def test_a_redis_that_lost_everything_forgets_attempts_and_nothing_else(redis, make_world):
    world = await make_world()
    await world.sign_up()
    assert await guess(world, 12) == 10
    redis.flush()
    assert (await world.login(password=PASSWORD)).refresh_token


async def test_strict_limits_make_logins_503_and_leave_tokens_working(redis, make_world):
    world = await make_world(strict=True)
    user = await world.sign_up()
    answer = await world.login()
    redis.kill()
    with pytest.raises(Unavailable):
        await world.login()
    assert (await world.who(answer)).subject == user.id
    assert (await world.refresh(answer.refresh_token)).access_token
    redis.start()
    world.moments.pass_the_pause()
    assert (await world.login()).access_token


def test_a_server_without_its_redis_is_degraded_and_ready(redis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings(database_url="memory://", redis_url=redis.url, argon2_memory_kib=64, argon2_time_cost=1)
    with TestClient(create_app(settings)) as client:
        assert client.get("/readyz").json() == {"status": "ok"}
        redis.kill()
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"status": "degraded"})
        person = {"username": "ada", "password": PASSWORD}
        assert client.post("/auth/signup", json=person).status_code == 201
        assert client.post("/auth/token", data={"grant_type": "password", **person}).status_code == 200


def test_a_server_starts_without_its_redis(redis, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    redis.kill()
    settings = Settings(database_url="memory://", redis_url=redis.url, argon2_memory_kib=64, argon2_time_cost=1)
    with TestClient(create_app(settings)) as client:
        assert client.get("/readyz").json() == {"status": "degraded"}
