"""The first administrator: an invitation made at start, as long as nobody is one. No default account exists."""

import asyncio
from dataclasses import dataclass, field

from watchword.config import AuthConfig
from watchword.flows.admin import has_admin, new_first_invite
from watchword.flows.context import open_context
from watchword.stores.open import open_stores


@dataclass(frozen=True, slots=True)
class FirstAdmin:
    """Whether an administrator is missing, and the secret of an invitation for one, if it may be shown."""

    missing: bool
    invite: str | None = field(default=None, repr=False)


def prepare(config: AuthConfig, *, may_invite: bool) -> FirstAdmin:
    """Bring the database up to date (in production: check it), and make an invitation if nobody is administrator.

    Args:
        config: the configuration of the server that is about to start.
        may_invite: whether an invitation may be made.

    Raises:
        ConfigError: the schema is not that of this version.
        StoreUnavailable: the database cannot be reached.
    """
    return asyncio.run(_prepare(config, may_invite))


async def _prepare(config: AuthConfig, may_invite: bool) -> FirstAdmin:
    stores = open_stores(config.database_url)
    try:
        if config.environment == "development":
            await stores.migrate()
        await stores.check_schema()
        ctx = open_context(config, stores)
        try:
            await ctx.start(follow=False)
            if await has_admin(ctx):
                return FirstAdmin(missing=False)
            return FirstAdmin(missing=True, invite=await new_first_invite(ctx) if may_invite else None)
        finally:
            await ctx.close()
    finally:
        await stores.close()
