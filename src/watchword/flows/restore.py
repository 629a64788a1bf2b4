"""Fills an empty database from a backup, and begins a new epoch: nothing that was signed or granted before is good."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from watchword.core.account_errors import Conflict
from watchword.core.accounts.permissions import ADMIN
from watchword.core.backup_archive import BadArchive, Header, Kept, read_archive
from watchword.core.errors import ConfigError
from watchword.core.models.authorizations import Resource
from watchword.core.models.events import AccountsImported
from watchword.core.models.grants import Client
from watchword.core.models.identity import Role, User
from watchword.flows.backup import list_resources
from watchword.flows.context import Context
from watchword.flows.key_rotation import revoke_key, rotate
from watchword.flows.revocations import revoke_access_of_everyone
from watchword.ports.identity import Added

Opener = Callable[[], Iterable[bytes]]
BATCH = 1000
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
GRANTED = ("families", "sessions", "browsers", "codes", "devices", "invites")
"""What a careless emptying of a database may have left behind; accounts keep their ids, so it would be theirs again."""
NOT_EMPTY = "The database is not empty: a backup is restored only into a new one, after `watchword migrate`."
CLASH = (
    "Two accounts of the backup have the same user name or e-mail address; the database is not whole, make a new one."
)


async def restore(ctx: Context, open_lines: Opener) -> Header:
    """Restore a backup. It is read twice: whole, before anything is written, and again to be stored.

    Args:
        ctx: the context of an empty database, which no other process uses.
        open_lines: returns the lines of the archive from the start.

    Raises:
        BadArchive: it is damaged; nothing was written.
        Conflict: the database is not empty; nothing was written.
        StoreUnavailable: the database is not whole; make a new one.
    """
    await _check_empty(ctx)
    header, roles = _check_whole(open_lines())
    await begin_new_epoch(ctx)
    for role in roles:  # before the people who have them
        await ctx.stores.roles.put(role)
    await ctx.roles.reload()
    count = await _store(ctx, read_archive(open_lines()))
    ctx.events.publish(AccountsImported(at=ctx.clock.now(), count=count, file_format="backup"))
    return header


async def begin_new_epoch(ctx: Context) -> None:
    """Make everything void that was signed or granted until now: sessions, refresh tokens, access tokens, keys."""
    old = [key.kid for key in await ctx.stores.keys.list() if key.revoked_at is None]
    await rotate(ctx, immediately=True)
    for kid in old:
        await revoke_key(ctx, kid)
    for noun in GRANTED:
        await _purge_all(getattr(ctx.stores, noun))
    await revoke_access_of_everyone(ctx)


async def _check_empty(ctx: Context) -> None:
    stores = ctx.stores
    roles = {role.name for role in await stores.roles.list()} - {ADMIN}
    if roles or await list_resources(ctx) or await stores.users.list(limit=1) or await stores.clients.list(limit=1):
        raise Conflict(NOT_EMPTY)


def _check_whole(lines: Iterable[bytes]) -> tuple[Header, list[Role]]:
    """Read the archive to its end; return its header and its roles, which are few."""
    records = read_archive(lines)
    header = next(records)
    if not isinstance(header, Header):
        raise BadArchive("This is no backup of Watchword.")
    return header, [record for record in records if isinstance(record, Role)]


async def _store(ctx: Context, records: Iterator[Header | Kept]) -> int:
    count = 0
    while batch := list(islice(records, BATCH)):
        users = [record for record in batch if isinstance(record, User)]
        if users and any(added is not Added.ADDED for added in await ctx.stores.users.add_many(users)):
            raise Conflict(CLASH)
        for record in batch:
            if isinstance(record, Client):
                await ctx.stores.clients.add(record)
            elif isinstance(record, Resource):
                await ctx.stores.resources.put(record)
        count += len(users)
    return count


async def _purge_all(store: Any) -> None:  # noqa: ANN401  one of several ports that can do this
    try:
        purge = store.purge
    except ConfigError:  # a database that keeps none
        return
    while await purge(before=FOREVER, limit=BATCH):
        pass
