"""Reads a whole database for a backup, while it is in use.

Each record is as it was at one moment between beginning and end, and no two need be of the same. That is enough, as a
restore brings back nothing that depends on the order of events: no session, token, invitation, key or revocation. What
is left are accounts, clients and roles; and the roles, which accounts refer to, are read after the accounts.
"""

from collections.abc import AsyncIterator, Sequence

from watchword.core.backup_archive import ArchiveWriter, Header
from watchword.core.errors import ConfigError
from watchword.core.models.authorizations import Resource
from watchword.core.models.events import AccountsExported
from watchword.core.models.grants import Client
from watchword.flows.context import Context
from watchword.flows.exports import scan_users
from watchword.version import __version__

PAGE = 200


async def backup_lines(ctx: Context, writer: ArchiveWriter) -> AsyncIterator[bytes]:
    """Yield the lines of a backup. `writer.counts` says how much has been read.

    Raises:
        StoreUnavailable: what was yielded is no whole backup.
    """
    yield writer.header(Header(made_at=ctx.clock.now(), version=__version__, store=ctx.stores.kind))
    async for user in scan_users(ctx):
        yield writer.record("user", user)
    async for client in _scan_clients(ctx):
        yield writer.record("client", client)
    for resource in await list_resources(ctx):
        yield writer.record("resource", resource)
    for role in await ctx.stores.roles.list():
        yield writer.record("role", role)
    yield writer.end()
    ctx.events.publish(AccountsExported(at=ctx.clock.now(), count=writer.counts["user"], password_hashes=True))


async def list_resources(ctx: Context) -> Sequence[Resource]:
    """Return the registered resources; none where the database cannot keep any."""
    try:
        return await ctx.stores.resources.list()
    except ConfigError:
        return ()


async def _scan_clients(ctx: Context) -> AsyncIterator[Client]:
    after: str | None = None
    while clients := await ctx.stores.clients.list(limit=PAGE, after=after):
        for client in clients:
            yield client
        after = clients[-1].id
