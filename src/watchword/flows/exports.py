"""Reads every account for a file: our own format, which an import takes back."""

from collections.abc import AsyncIterator
from typing import Any

from watchword.core.models.events import AccountsExported
from watchword.core.models.identity import User
from watchword.core.record_codec import encode_time
from watchword.flows.context import Context

PAGE = 1000


async def scan_users(ctx: Context, page: int = PAGE) -> AsyncIterator[User]:
    """Yield every account in the order of ids, each as it is when its page is read."""
    after: str | None = None
    while users := await ctx.stores.users.list(limit=page, after=after):
        for user in users:
            yield user
        after = users[-1].id


async def export_users(ctx: Context, *, password_hashes: bool) -> AsyncIterator[dict[str, Any]]:
    """Yield each account as a JSON object; with its password hash only where that was asked for."""
    count = 0
    async for user in scan_users(ctx):
        count += 1
        yield row_of(user, password_hashes=password_hashes)
    ctx.events.publish(AccountsExported(at=ctx.clock.now(), count=count, password_hashes=password_hashes))


def row_of(user: User, *, password_hashes: bool) -> dict[str, Any]:
    """Return an account in our own format."""
    row: dict[str, Any] = {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "roles": list(user.roles),
        "profile": dict(user.profile),
        "created_at": encode_time(user.created_at),
        "disabled": user.disabled,
    }
    return {**row, "password_hash": user.password_hash} if password_hashes else row
