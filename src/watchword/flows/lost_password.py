"""A new password for somebody else: what an operator does for a person who has lost theirs."""

from watchword.core.account_errors import Conflict, NotFound
from watchword.core.accounts.password_policy import check_password
from watchword.core.models.events import PasswordChanged
from watchword.flows.account import shut_out
from watchword.flows.context import Context
from watchword.flows.revocations import tell_of_change
from watchword.ports.identity import Change


async def replace_password(ctx: Context, user_id: str, new: str) -> None:
    """Set a new password. Whoever knew the old one is out: every session ends, before the change and once more after.

    A disabled account stays disabled.

    Raises:
        NotFound: there is no such account.
        WeakPassword: the password breaks the policy; nothing is changed.
        Conflict: the account was changed meanwhile.
        Unavailable: some of it was not done; call again.
    """
    user = await ctx.stores.users.find(user_id)
    if user is None:
        raise NotFound(hint=f"no user {user_id}")
    context = (user.username, user.email or "")
    password_hash = await ctx.hasher.hash(check_password(new, policy=ctx.config.passwords, context=context))
    await shut_out(ctx, user_id, reason="password_changed")
    now = ctx.clock.now()
    change = await ctx.stores.users.change_password(
        user_id, password_hash=password_hash, expected_version=user.credential_version, now=now
    )
    if change is not Change.CHANGED:
        raise Conflict(hint=f"user {user_id}: {change.name}")
    ctx.events.publish(PasswordChanged(at=now, user_id=user_id))
    await tell_of_change(ctx, user_id)
    await shut_out(ctx, user_id, reason="password_changed")
