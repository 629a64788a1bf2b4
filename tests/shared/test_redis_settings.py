"""The settings of Redis: which URLs are taken, and that neither they nor the driver turn up where they should not."""

import logging
import subprocess
import sys

import pytest
from tests.flows.world import config

from watchword.config import LimitConfig
from watchword.core.errors import ConfigError
from watchword.flows.context import open_context
from watchword.flows.limiter import LocalRateLimiter, NoRateLimiter
from watchword.flows.shared_limiter import SharedRateLimiter
from watchword.settings import Settings
from watchword.settings.by_hand import check_config
from watchword.stores.open import open_stores
from watchword.stores.shared import open_shared

GOOD = [
    "redis://localhost",
    "redis://localhost:6379/0",
    "redis://:a-fake-password@cache.internal:6380/15",
    "redis://user:a-fake-password@[2001:db8::1]:6379",
    "rediss://user:a-fake-password@cache.internal:6380/2",
    "rediss://cache.internal?ssl_ca_certs=/etc/ssl/cache.pem",
    "unix:///run/redis/redis.sock",
    "unix://user:a-fake-password@/run/redis/redis.sock?db=3",
]
BAD = [
    "localhost:6379",
    "redis:localhost",
    "REDIS://localhost",
    "http://localhost",
    "redis://",
    "redis:///0",
    "redis://canary one:6379",
    "redis://localhost:99999",
    "redis://localhost:0",
    "redis://localhost/first",
    "redis://localhost/-1",
    "redis://one,two:6379",
    "redis://localhost/0#canary",
    "redis://localhost?socket_timeout=canary",
    "rediss://localhost?ssl_cert_reqs=none",
    "rediss://localhost?ssl_check_hostname=false",
    "redis+sentinel://localhost",
    "redis-cluster://localhost",
    "unix://",
    "unix:///run/redis.sock?db=canary",
    "redis://[canary",
]


@pytest.mark.parametrize("url", GOOD)
async def test_a_redis_by_tcp_tls_or_unix_socket_is_taken(url):
    settings = Settings(redis_url=url)
    assert settings.to_config().redis_url == url
    shared = open_shared(config(redis_url=url))
    await shared.close()


@pytest.mark.parametrize("url", BAD)
def test_any_other_url_is_refused_with_the_forms_that_work_and_never_repeated(url):
    with pytest.raises(ConfigError) as refusal:
        Settings(redis_url=url)
    assert str(refusal.value).startswith("WATCHWORD_REDIS_URL ")
    assert "redis://host:6379/0" in str(refusal.value)
    assert "canary" not in str(refusal.value)
    with pytest.raises(ConfigError, match="WATCHWORD_REDIS_URL"):
        check_config(config(redis_url=url))
    with pytest.raises(ConfigError, match="WATCHWORD_REDIS_URL"):
        open_shared(config(redis_url=url))


def test_the_password_is_in_no_repr_and_no_log(caplog):
    caplog.set_level(logging.DEBUG)
    url = "redis://:a-fake-password@cache.internal:6379/0"
    shared = open_shared(config(redis_url=url))
    for thing in (Settings(redis_url=url), config(redis_url=url), shared):
        assert "a-fake-password" not in repr(thing)
    assert "a-fake-password" not in caplog.text


def test_strict_limits_need_a_redis():
    with pytest.raises(ConfigError, match="WATCHWORD_STRICT_RATE_LIMITS needs WATCHWORD_REDIS_URL"):
        Settings(strict_rate_limits=True)
    assert Settings(strict_rate_limits=True, redis_url="redis://localhost").to_config().limits.strict


def test_a_missing_driver_names_the_extra(monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("redis", "watchword.stores.redis."))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "watchword.stores.redis", raising=False)
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigError, match=r"pip install 'watchword\[redis\]'"):
        open_shared(config(redis_url="redis://localhost"))
    assert open_shared(config()) is None


def test_the_driver_is_not_imported_where_no_redis_is_configured():
    program = (
        "import sys\nfrom watchword import Auth\nfrom watchword.settings import Settings\n"
        "Auth(Settings(secret_key='only for tests: thirty-two bytes or more', database_url='memory://').to_config())\n"
        "print('redis' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"


async def test_the_limiter_is_of_all_processes_only_where_there_is_a_redis_and_limits_are_on():
    shared = open_shared(config(redis_url="redis://localhost"))
    made = {
        (limits, bool(redis)): open_context(
            config(limits=LimitConfig(enabled=limits)), open_stores("memory://"), shared=redis
        )
        for limits in (True, False)
        for redis in (shared, None)
    }
    kinds = {how: type(ctx.limiter) for how, ctx in made.items()}
    assert kinds == {
        (True, True): SharedRateLimiter,
        (True, False): LocalRateLimiter,
        (False, True): NoRateLimiter,
        (False, False): NoRateLimiter,
    }
    assert made[True, True].signal is shared.signal
    assert made[True, False].signal is made[True, False].stores.signal
    for ctx in made.values():
        await ctx.close()
    await shared.close()
