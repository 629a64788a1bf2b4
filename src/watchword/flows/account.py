"""What signed-in people do with their own account."""

from collections.abc import Callable, Mapping
from typing import Any

from watchword.core.account_errors import AccountDisabled, Conflict, EmailTaken, NotFound, WrongPassword
from watchword.core.accounts.identifiers import check_email, identifier_key
from watchword.core.accounts.password_policy import check_password
from watchword.core.errors import TooManyRequests
from watchword.core.models.events import EmailChanged, LimitReached, PasswordChanged, PasswordRefused, UserDeleted
from watchword.core.models.identity import Principal, User
from watchword.flows.browser_ends import end_all_browsers
from watchword.flows.context import Context
from watchword.flows.login import check_stored_password, count_attempt, forget_attempts, note_failure
from watchword.flows.revocations import revoke_access_of, tell_of_change
from watchword.flows.sessions import end_all_sessions
from watchword.ports.identity import Change, Keep

TAKEN_EMAILS = "taken-emails"
MOST_TRIES = 4
"""A profile that another request changed meanwhile is merged anew so often."""
Merge = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def find_account_now(ctx: Context, user_id: str) -> User | None:
    """Return what `get_account` would, where that takes no waiting; None means: await `get_account`."""
    now = ctx.clock.now()
    if ctx.view.staleness(now) > ctx.config.revocation_stale_after:
        return None
    return ctx.view.accounts.find(user_id, now=now)


async def get_account(ctx: Context, user_id: str) -> User:
    """Return an account as it was when last read; every change makes all processes read it anew (decision 0010).

    Raises:
        NotFound: there is none.
        AccountDisabled: it is disabled.
    """
    kept = find_account_now(ctx, user_id)
    if kept is not None:
        return kept
    ticket, now = ctx.view.accounts.ticket, ctx.clock.now()
    user = await read_account(ctx, user_id)
    ctx.view.accounts.keep(user, ticket=ticket, now=now)
    return user


async def read_account(ctx: Context, user_id: str) -> User:
    """Read an account from the store, as whatever decides on credentials must. Raises as `get_account` does."""
    user = await ctx.stores.users.find(user_id)
    if user is None:
        raise NotFound(hint=f"no user {user_id}")
    if user.disabled:
        raise AccountDisabled(hint=f"user {user_id} is disabled")
    return user


async def change_profile(
    ctx: Context, user_id: str, *, email: str | Keep | None = Keep.KEEP, merge: Merge | None = None
) -> User:
    """Set the e-mail address (None takes it away), the profile, or both, and return the account.

    Args:
        ctx: the context.
        user_id: whose.
        email: the new address; left out, nothing is written over what another request may have set.
        merge: returns the new profile for the stored one, validated; asked again if the profile changes meanwhile.

    Raises:
        InvalidEmail, EmailTaken: the address is malformed, or another account's.
        TooManyRequests: it was another's too often, which would be a way to learn who has an account.
        NotFound, AccountDisabled: the account is gone or disabled.
        Conflict: the profile kept changing.
    """
    address = email if email is None or isinstance(email, Keep) else await _check_address(ctx, user_id, email)
    key = identifier_key(address) if isinstance(address, str) else None
    for _ in range(MOST_TRIES):
        before = await read_account(ctx, user_id)
        profile = before.profile
        values = {"profile": merge(profile), "expected_profile": profile} if merge else {}
        change = await ctx.stores.users.change_profile(
            user_id, email=address, email_key=key, now=ctx.clock.now(), **values
        )
        if change is not Change.STALE:
            return await _after_change(ctx, before, change)
    raise Conflict(hint=f"the profile of user {user_id} keeps changing")


async def _check_address(ctx: Context, user_id: str, email: str) -> str:
    wait = await ctx.limiter.wait(TAKEN_EMAILS, user_id, ctx.config.limits.taken_emails)
    if wait:
        ctx.events.publish(LimitReached(at=ctx.clock.now(), limit="email", address="", subject=user_id))
        raise TooManyRequests(retry_after=wait, hint=f"user {user_id} asked for many addresses of others")
    return check_email(email)


async def _after_change(ctx: Context, before: User, change: Change) -> User:
    if change is Change.TAKEN:
        await ctx.limiter.hit(TAKEN_EMAILS, before.id, ctx.config.limits.taken_emails)
        raise EmailTaken(hint=f"user {before.id} asked for another's address")
    await tell_of_change(ctx, before.id)
    user = await read_account(ctx, before.id)
    if user.email_key != before.email_key:
        ctx.events.publish(EmailChanged(at=user.updated_at, user_id=user.id))
    return user


async def change_password(
    ctx: Context, principal: Principal, *, current: str, new: str, end_other_sessions: bool, address: str
) -> None:
    """Set a new password for someone who knows the current one.

    Other sessions are ended before the change, so that a store which fails leaves nothing half done, and after it once
    more, for logins that came in between.

    Raises:
        WrongPassword, WeakPassword: the current one is wrong; the new one breaks the policy.
        Conflict: the account was changed meanwhile.
        NotFound, AccountDisabled, TooManyRequests, Unavailable.
    """
    user = await read_account(ctx, principal.subject)
    await _check_current(ctx, user, current, address)
    context = (user.username, user.email or "")
    password_hash = await ctx.hasher.hash(check_password(new, policy=ctx.config.passwords, context=context))
    if end_other_sessions:
        await _end_others(ctx, principal)
    now = ctx.clock.now()
    change = await ctx.stores.users.change_password(
        user.id, password_hash=password_hash, expected_version=user.credential_version, now=now
    )
    if change is not Change.CHANGED:
        raise Conflict(hint=f"user {user.id}: {change.name}")
    ctx.events.publish(PasswordChanged(at=now, user_id=user.id))
    await tell_of_change(ctx, user.id)
    if end_other_sessions:
        await _end_others(ctx, principal)


async def delete_account(ctx: Context, user_id: str) -> None:
    """Remove an account for good. If the store fails in between, the same call does the rest.

    Raises:
        NotFound: there is none; whatever it left behind is dead now.
    """
    change = await ctx.stores.users.delete(user_id)
    await shut_out(ctx, user_id, reason="deleted")
    if change is Change.ABSENT:
        raise NotFound(hint=f"no user {user_id}")
    ctx.events.publish(UserDeleted(at=ctx.clock.now(), user_id=user_id))


async def shut_out(ctx: Context, user_id: str, *, reason: str) -> None:
    """End every session of a person and refuse their access tokens: the account is disabled, gone or no longer safe."""
    ctx.view.accounts.drop(user_id)
    await end_all_browsers(ctx, user_id)
    await end_all_sessions(ctx, user_id, reason=reason)
    await revoke_access_of(ctx, user_id)


async def _end_others(ctx: Context, principal: Principal) -> None:
    await end_all_browsers(ctx, principal.subject, except_session=principal.session_id)
    await end_all_sessions(ctx, principal.subject, except_session=principal.session_id, reason="password_changed")


async def _check_current(ctx: Context, user: User, current: str, address: str) -> None:
    """Count a try like a login, for a stolen access token must not become a way to guess."""
    await count_attempt(ctx, user.username_key, address)
    verdict = await check_stored_password(ctx, user, current)
    if not verdict.matches:
        await note_failure(ctx, address)
        ctx.events.publish(PasswordRefused(at=ctx.clock.now(), user_id=user.id, address=address))
        raise WrongPassword(hint=f"user {user.id}")
    await forget_attempts(ctx, user.username_key, address)
