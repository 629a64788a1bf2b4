"""Opens the database and the context for one command, and closes them whatever happens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from typing import TypeVar

from watchword.flows.context import Context, open_context
from watchword.ports.outside import Outside
from watchword.settings import Settings
from watchword.stores.open import open_stores
from watchword.stores.shared import open_shared

T = TypeVar("T")


def with_context(job: Callable[[Context], Awaitable[T]], *, ends_sessions: bool = False) -> T:
    """Run a job with an open context and return its result.

    What `ends_sessions` tells the clients of that by back-channel, for some seconds, before this returns.

    Raises:
        ConfigError: a setting is refused, or in production the schema is not that of this version.
        StoreUnavailable: the database cannot be reached.
    """
    settings = Settings()

    async def work() -> T:
        async with opened(settings, outside=_way_out() if ends_sessions else None) as ctx:
            return await job(ctx)

    return asyncio.run(work())


@asynccontextmanager
async def opened(settings: Settings, *, outside: Outside | None = None) -> AsyncIterator[Context]:
    """Open stores and context without following the revocation feed. Development migrates by itself."""
    config = settings.to_config()
    stores, shared = open_stores(config.database_url), open_shared(config)
    try:
        await (stores.check_schema() if settings.production else stores.migrate())
        ctx = open_context(config, stores, shared=shared, outside=outside)
        try:
            await ctx.start(follow=False)
            yield ctx
        finally:
            await ctx.close()
    finally:
        if shared is not None:
            await shared.close()
        await stores.close()


def _way_out() -> Outside | None:
    """Return the way to other servers, which takes a while to load, or None where its extra is not installed."""
    if find_spec("httpx2") is None:
        return None
    from watchword.fastapi.outgoing import address_policy
    from watchword.remote.fetcher import Fetcher
    from watchword.settings.outgoing import OutgoingSettings

    fetcher = Fetcher(address_policy(OutgoingSettings()))
    return Outside(fetcher=fetcher, poster=fetcher)
