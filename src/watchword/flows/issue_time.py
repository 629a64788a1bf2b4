"""The moment that a token is issued at, for a client that may have it still (decision 0011)."""

from datetime import datetime

from watchword.core.errors import InvalidClient
from watchword.core.models.grants import Client
from watchword.flows.context import Context


async def issue_time(ctx: Context, client: Client, subject: str) -> datetime:
    """Return the moment for the `jti`: now, or the first that no known cut-off refuses. Ask before the account is read.

    Where a cut-off has moved it on, the client is read anew: it may be the reason. Else this takes no I/O, for a client
    in use; one that is disabled from now on has a cut-off behind this moment.

    Raises:
        InvalidClient: it was disabled or deleted, or every secret was refused that it had. Else it was enabled again,
            and the token is to be accepted.
        StoreUnavailable: nothing is known of the client at present.
    """
    now = ctx.clock.now()
    issued_at = ctx.view.earliest_issue(subject, client.id, now=now)
    if client.id == ctx.client.id:
        return issued_at
    if issued_at > now:
        ctx.clients.forget(client.id)
    fresh = await ctx.clients.find(client.id)
    if fresh is None or fresh.disabled or not _may_be_proved_still(client, fresh):
        raise InvalidClient(hint=f"client {client.id} has just been disabled or deleted, or its secrets refused")
    return issued_at


def _may_be_proved_still(client: Client, fresh: Client) -> bool:
    """Whether a secret that the client had when it proved who it is counts yet: a leaked one is refused at once."""
    return not client.secret_hashes or not set(client.secret_hashes).isdisjoint(fresh.secret_hashes)
