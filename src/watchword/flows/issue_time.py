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
        InvalidClient: it was disabled or deleted. Else it was enabled again, and the token is to be accepted.
        StoreUnavailable: nothing is known of the client at present.
    """
    now = ctx.clock.now()
    issued_at = ctx.view.earliest_issue(subject, client.id, now=now)
    if client.id == ctx.client.id:
        return issued_at
    if issued_at > now:
        ctx.clients.forget(client.id)
    fresh = await ctx.clients.find(client.id)
    if fresh is None or fresh.disabled:
        raise InvalidClient(hint=f"client {client.id} has just been disabled or deleted")
    return issued_at
