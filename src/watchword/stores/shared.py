"""Opens what processes share beside the database. Its driver is imported only where it is configured."""

from watchword.config import AuthConfig
from watchword.core.errors import ConfigError
from watchword.ports.shared import Shared


def open_shared(config: AuthConfig) -> Shared | None:
    """Return what the Redis of the configuration does, or None where there is none. Opens no connection yet.

    Raises:
        ConfigError: the URL is none, or the driver is not installed.
    """
    if not config.redis_url:
        return None
    try:
        from watchword.stores.redis import open_redis
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] != "redis":
            raise
        raise ConfigError("WATCHWORD_REDIS_URL needs a driver: pip install 'watchword[redis]'.") from None
    return open_redis(config)
