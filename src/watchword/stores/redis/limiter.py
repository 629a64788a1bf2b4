"""Rate limits that all processes count together, in moving windows (OWASP ASVS 6.3.1)."""

import hashlib
from collections.abc import Awaitable
from math import ceil
from typing import cast

from watchword.core.models.limits import Limit
from watchword.stores.redis.server import RedisServer

_DIGEST_LENGTH = 16

DECIDE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local count, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local oldest = tonumber(redis.call('LINDEX', KEYS[1], 0))
while oldest and (oldest <= now - window or oldest > now + window) do
  redis.call('LPOP', KEYS[1])
  oldest = tonumber(redis.call('LINDEX', KEYS[1], 0))
end
local hits = redis.call('LLEN', KEYS[1])
if hits >= count then
  return math.max(1, tonumber(redis.call('LINDEX', KEYS[1], hits - count)) + window - now)
end
if ARGV[3] == '1' then
  redis.call('RPUSH', KEYS[1], now)
  redis.call('PEXPIRE', KEYS[1], window)
end
return 0
"""
"""Answers 0, or the milliseconds until the next attempt is allowed.

The times of the allowed attempts are a list, oldest first, of at most `count`. They are of the clock of Redis, the one
clock that all machines share.
"""


class RedisRateLimiter:
    """Implements `ports.outside.RateLimiter` in Redis; every method may raise `ports.shared.Unreachable`.

    An attempt is judged and counted in one step of a script, so parallel attempts of any number of processes cannot
    slip past. One that is refused is not counted. Every key expires with its window. Names and addresses are kept only
    as keyed digests.

    Args:
        server: where it is counted.
        prefix: what every key begins with.
        digest_key: the same in all processes, 16 to 64 bytes.
    """

    def __init__(self, server: RedisServer, *, prefix: str, digest_key: bytes) -> None:
        self._server = server
        self._prefix = prefix
        self._digest_key = digest_key
        self._decide = server.client.register_script(DECIDE)

    async def hit(self, bucket: str, key: str, limit: Limit) -> int:
        """Count one attempt. Returns 0 if it is allowed, else the whole seconds until the next is, at least 1."""
        return await self._ask(bucket, key, limit, count=True)

    async def wait(self, bucket: str, key: str, limit: Limit) -> int:
        """Return what `hit` would, but count nothing."""
        return await self._ask(bucket, key, limit, count=False)

    async def clear(self, bucket: str, key: str, limit: Limit) -> None:  # noqa: ARG002  the port's names
        """Forget the attempts under this key."""
        name = self._name(bucket, key)
        await self._server.call(lambda: cast("Awaitable[object]", self._server.client.delete(name)))

    async def _ask(self, bucket: str, key: str, limit: Limit, *, count: bool) -> int:
        name = self._name(bucket, key)
        arguments = (limit.count, limit.seconds * 1000, int(count))
        answer = await self._server.call(lambda: self._decide(keys=(name,), args=arguments))
        return ceil(int(answer) / 1000)

    def _name(self, bucket: str, key: str) -> str:
        octets = key.encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(octets, digest_size=_DIGEST_LENGTH, key=self._digest_key).hexdigest()
        return f"{self._prefix}:{bucket}:{digest}"
