"""Redis: rate limits of all processes together, and push of the revocation feed."""

import hashlib

from watchword.config import AuthConfig
from watchword.core.tokens.secrets import Secrets
from watchword.ports.shared import Shared
from watchword.stores.redis.limiter import RedisRateLimiter
from watchword.stores.redis.server import RedisServer
from watchword.stores.redis.signal import RedisSignal

PURPOSE = "rate-limits"


def open_redis(config: AuthConfig) -> Shared:
    """Return what the Redis of the configuration does. Opens no connection yet.

    Deployments that share one Redis are kept apart by their issuer, and names in keys are digests under a key that
    comes of `WATCHWORD_SECRET_KEY`: the processes of one deployment agree on both without being told.

    Raises:
        ConfigError: the URL is none.
    """
    server = RedisServer(config.redis_url)
    prefix = f"watchword:{hashlib.sha256(config.issuer.encode()).hexdigest()[:16]}"
    digest_key = Secrets(config.secrets).mac(b"keys of Redis", purpose=PURPOSE)
    signal = RedisSignal(server, channel=f"{prefix}:feed")

    async def close() -> None:
        await signal.close()
        await server.close()

    return Shared(
        limiter=RedisRateLimiter(server, prefix=f"{prefix}:limit", digest_key=digest_key),
        signal=signal,
        processes=lambda: signal.processes,
        ping=server.ping,
        close=close,
    )
