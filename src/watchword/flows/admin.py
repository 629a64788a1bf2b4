"""What administrators and the operator do: accounts, roles, invitations."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from watchword.core.account_errors import Conflict, NotFound
from watchword.core.accounts.identifiers import identifier_key
from watchword.core.accounts.permissions import ADMIN, FIRST_ADMIN, check_permission, check_role_name
from watchword.core.models.events import InviteMade, RoleDeleted, RolesChanged, RoleStored, UserDisabled, UserEnabled
from watchword.core.models.identity import Invite, Role, User
from watchword.core.tokens.opaque import hash_secret, new_secret
from watchword.flows.account import delete_account, shut_out
from watchword.flows.context import Context
from watchword.flows.login import is_storable
from watchword.flows.revocations import revoke_access_of, revoke_access_of_everyone, tell_of_change
from watchword.flows.signup import INVITE_KIND, SignUp, prepare_user, store_user
from watchword.ports.identity import Change

FIRST_INVITE_TTL = timedelta(hours=24)
"""An invitation to be the first administrator lives for a day at most, whatever other invitations do."""


async def list_users(ctx: Context, limit: int, after: str | None = None) -> Sequence[User]:
    """Return up to `limit` accounts in the order of their ids, from behind the id `after`."""
    return await ctx.stores.users.list(limit=limit, after=after)


async def get_user(ctx: Context, user_id_or_name: str) -> User:
    """Return an account by id, username or e-mail, disabled or not. Raises `NotFound`."""
    key = identifier_key(user_id_or_name)
    if is_storable(user_id_or_name, key):
        user = await ctx.stores.users.find(key) if _is_id(key) else None
        user = user or await ctx.stores.users.find_by_login(key)
        if user is not None:
            return user
    raise NotFound(hint="no such user")


async def add_user(ctx: Context, request: SignUp, roles: tuple[str, ...] = ()) -> User:
    """Make an account whatever the sign-up mode. Raises as `sign_up` does, and `NotFound` for an unknown role."""
    await _check_roles(ctx, roles)
    return await store_user(ctx, await prepare_user(ctx, request, roles=roles))


async def disable_user(ctx: Context, user_id: str) -> User:
    """Disable an account and end all it has, now. Again is harmless: it finishes what a failing store left undone."""
    now = ctx.clock.now()
    change = _found(await ctx.stores.users.disable(user_id, now=now), user_id)
    await shut_out(ctx, user_id, reason="disabled")
    if change is Change.CHANGED:
        ctx.events.publish(UserDisabled(at=now, user_id=user_id))
    return await get_user(ctx, user_id)


async def enable_user(ctx: Context, user_id: str) -> User:
    """Enable an account again. Tokens from before stay dead."""
    now = ctx.clock.now()
    if _found(await ctx.stores.users.enable(user_id, now=now), user_id) is Change.CHANGED:
        ctx.events.publish(UserEnabled(at=now, user_id=user_id))
    await tell_of_change(ctx, user_id)
    return await get_user(ctx, user_id)


async def remove_user(ctx: Context, user_id: str) -> None:
    """Remove an account for good. Raises `NotFound`."""
    await delete_account(ctx, user_id)


async def list_roles(ctx: Context) -> Sequence[Role]:
    """Return all roles by name."""
    return await ctx.stores.roles.list()


async def put_role(ctx: Context, role: Role) -> Role:
    """Make or replace a role; `admin` keeps its permission `admin`.

    Permissions change everywhere within a second. A restricted scope that a token was granted by an old permission
    stays in that token until it expires.

    Raises:
        InvalidInput: the name or a permission is malformed.
    """
    given = frozenset(check_permission(name) for name in role.permissions)
    wanted = replace(role, name=check_role_name(role.name), permissions=given)
    if wanted.name == ADMIN:
        wanted = replace(wanted, permissions=given | {ADMIN})
    change = await ctx.stores.roles.put(wanted)
    if change is Change.CHANGED:
        permissions = tuple(sorted(wanted.permissions))
        ctx.events.publish(RoleStored(at=ctx.clock.now(), role=wanted.name, permissions=permissions))
    await ctx.roles.reload()
    return wanted


async def delete_role(ctx: Context, name: str) -> None:
    """Remove a role and take it from everyone; if anyone had it, every access token of before must be refreshed.

    Raises:
        NotFound: there is none.
        Conflict: it is `admin`.
    """
    if name == ADMIN:
        raise Conflict("The role admin cannot be removed.")
    held = await ctx.stores.roles.has_members(name)
    if await ctx.stores.roles.delete(name) is Change.ABSENT:
        raise NotFound(hint=f"no role {name!r}")
    ctx.events.publish(RoleDeleted(at=ctx.clock.now(), role=name))
    await tell_of_change(ctx, "")
    await ctx.roles.reload()
    if held:
        await revoke_access_of_everyone(ctx)


async def grant_role(ctx: Context, user_id: str, role: str) -> User:
    """Give a person a role. Their access tokens must be refreshed; their sessions go on. Raises `NotFound`."""
    return await _after_role_change(ctx, user_id, await ctx.stores.users.grant_role(user_id, role))


async def withdraw_role(ctx: Context, user_id: str, role: str) -> User:
    """Take a role from a person. Their access tokens must be refreshed; their sessions go on. Raises `NotFound`."""
    return await _after_role_change(ctx, user_id, await ctx.stores.users.withdraw_role(user_id, role))


async def new_invite(ctx: Context, roles: tuple[str, ...] = ()) -> str:
    """Make an invitation and return its secret, which is shown once and stored as a hash. Raises `NotFound`."""
    await _check_roles(ctx, roles)
    secret, now = new_secret(INVITE_KIND), ctx.clock.now()
    expires_at = now + ctx.config.invite_ttl
    invite = Invite(secret_hash=hash_secret(secret), created_at=now, expires_at=expires_at, roles=tuple(roles))
    await ctx.stores.invites.add(invite)
    ctx.events.publish(InviteMade(at=now, roles=invite.roles, expires_at=expires_at))
    return secret


async def new_first_invite(ctx: Context) -> str:
    """Make the invitation for a first administrator; every earlier one is void. It counts while nobody is one."""
    roles, now, secret = (ADMIN, FIRST_ADMIN), ctx.clock.now(), new_secret(INVITE_KIND)
    expires_at = now + min(ctx.config.invite_ttl, FIRST_INVITE_TTL)
    await ctx.stores.invites.void(roles, now=now)
    await ctx.stores.invites.add(
        Invite(secret_hash=hash_secret(secret), created_at=now, expires_at=expires_at, roles=roles)
    )
    return secret


async def has_admin(ctx: Context) -> bool:
    """Whether anyone holds the role `admin`."""
    return await ctx.stores.roles.has_members(ADMIN)


async def _after_role_change(ctx: Context, user_id: str, change: Change) -> User:
    """Make a change of roles effective; an unchanged one too, for a failing store may have left that undone."""
    _found(change, user_id)
    ctx.view.accounts.drop(user_id)
    await revoke_access_of(ctx, user_id)
    user = await get_user(ctx, user_id)
    if change is Change.CHANGED:
        ctx.events.publish(RolesChanged(at=ctx.clock.now(), user_id=user_id, roles=user.roles))
    return user


async def _check_roles(ctx: Context, roles: Sequence[str]) -> None:
    await ctx.roles.reload()
    for role in roles:
        if not ctx.roles.has(role):
            raise NotFound("There is no such role.", hint=f"no role {role!r}")


def _found(change: Change, user_id: str) -> Change:
    if change is Change.ABSENT:
        raise NotFound(hint=f"no user {user_id}, or no such role")
    return change


def _is_id(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
