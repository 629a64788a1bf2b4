"""The first administrator: an invitation made at start, as long as nobody is one. No default account exists."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from watchword.config import AuthConfig
from watchword.core.accounts.permissions import ADMIN
from watchword.flows.admin import has_admin, new_invite
from watchword.flows.context import open_context
from watchword.stores.open import open_stores

INVITE_TTL = timedelta(hours=24)
"""An invitation to be an administrator lives for a day at most, whatever other invitations do."""


def prepare(config: AuthConfig, *, invite: bool) -> str | None:
    """Bring the database up to date (in production: check it), and make an invitation if nobody is administrator.

    Args:
        config: the configuration of the server that is about to start.
        invite: whether an invitation may be made.

    Returns:
        The secret of the invitation, or None if there is an administrator or none may be made.

    Raises:
        ConfigError: the schema is not that of this version.
        StoreUnavailable: the database cannot be reached.
    """
    return asyncio.run(_prepare(replace(config, invite_ttl=min(config.invite_ttl, INVITE_TTL)), invite=invite))


async def _prepare(config: AuthConfig, *, invite: bool) -> str | None:
    stores = open_stores(config.database_url)
    try:
        if config.environment == "development":
            await stores.migrate()
        await stores.check_schema()
        ctx = open_context(config, stores)
        try:
            await ctx.start(follow=False)
            if not invite or await has_admin(ctx):
                return None
            return await new_invite(ctx, (ADMIN,))
        finally:
            await ctx.close()
    finally:
        await stores.close()
