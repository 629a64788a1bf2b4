"""Sign-up: open, by invitation, or closed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from watchword.core.account_errors import EmailTaken, InvalidInvite, SignupClosed, UsernameTaken
from watchword.core.accounts.identifiers import check_email, check_username, identifier_key
from watchword.core.accounts.password_policy import check_password
from watchword.core.accounts.permissions import ADMIN, FIRST_ADMIN
from watchword.core.errors import TooManyRequests, WatchwordError
from watchword.core.ids import new_id
from watchword.core.models.events import InviteRedeemed, LimitReached, UserSignedUp
from watchword.core.models.identity import EMPTY, Invite, User
from watchword.core.network import network_of
from watchword.core.tokens.opaque import check_secret, hash_secret
from watchword.flows.context import Context
from watchword.ports.identity import Added, Redemption

BUCKET = "signup-address"
INVITE_KIND = "wwiv"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """What a person sends to get an account. `profile` is validated already; `address` is the peer's."""

    username: str
    password: str = field(repr=False)
    email: str | None = None
    profile: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    invite: str | None = field(default=None, repr=False)
    address: str = ""


_TAKEN: Mapping[Added, type[WatchwordError]] = MappingProxyType(
    {Added.USERNAME_TAKEN: UsernameTaken, Added.EMAIL_TAKEN: EmailTaken}
)


async def sign_up(ctx: Context, request: SignUp) -> User:
    """Make an account, with the roles of the invitation if one is shown.

    An invitation counts in open mode too: the first administrator is made by one. It is checked, then redeemed, then
    the account is made; it is released only if the store says that the account was not made. If the store fails in
    between, nobody can know, and the invitation stays spent.

    Raises:
        SignupClosed, InvalidInvite: sign-up is not open to this request.
        InvalidUsername, InvalidEmail, WeakPassword: a field breaks its rule.
        UsernameTaken, EmailTaken: another account has it.
        TooManyRequests, Unavailable: not now.
    """
    await _throttle(ctx, request.address)
    invite = await _check_invite(ctx, request)
    user = await prepare_user(ctx, request, roles=invite.roles if invite else ())
    if invite is not None:
        await _redeem(ctx, invite, user)
    try:
        await store_user(ctx, user)
    except (UsernameTaken, EmailTaken):
        if invite is not None:
            await ctx.stores.invites.release(invite.secret_hash, user_id=user.id)
        raise
    if invite is not None:
        ctx.events.publish(InviteRedeemed(at=user.created_at, user_id=user.id, roles=user.roles))
    return user


async def prepare_user(ctx: Context, request: SignUp, *, roles: tuple[str, ...]) -> User:
    """Check every field, hash the password, and return the account, which is not stored yet."""
    username = check_username(request.username)
    email = check_email(request.email) if request.email is not None else None
    context = (username, email or "")
    password = check_password(request.password, policy=ctx.config.passwords, context=context)
    password_hash = await ctx.hasher.hash(password)
    now = ctx.clock.now()
    return User(
        id=new_id(now),
        username=username,
        username_key=identifier_key(username),
        email=email,
        email_key=identifier_key(email) if email is not None else None,
        password_hash=password_hash,
        roles=tuple(sorted({role for role in roles if ctx.roles.has(role)})),
        profile=request.profile,
        created_at=now,
        updated_at=now,
    )


async def store_user(ctx: Context, user: User) -> User:
    """Store a prepared account; of several with one identifier exactly one is stored.

    Raises:
        UsernameTaken, EmailTaken: another account has it.
    """
    added = await ctx.stores.users.add(user)
    if added is not Added.ADDED:
        raise _TAKEN[added](hint=f"user {user.id} was not made")
    ctx.events.publish(UserSignedUp(at=user.created_at, user_id=user.id, username=user.username))
    return user


async def _throttle(ctx: Context, address: str) -> None:
    wait = await ctx.limiter.hit(BUCKET, network_of(address), ctx.config.limits.signup_per_address)
    if wait:
        ctx.events.publish(LimitReached(at=ctx.clock.now(), limit="signup", address=address))
        raise TooManyRequests(retry_after=wait, hint="too many sign-ups from one address")


async def _check_invite(ctx: Context, request: SignUp) -> Invite | None:
    """Return the invitation if one is shown and good. Spends nothing."""
    if ctx.config.signup == "closed" or (ctx.config.signup == "invite" and not request.invite):
        raise SignupClosed(hint=f"sign-up is {ctx.config.signup}")
    if not request.invite:
        return None
    try:
        secret_hash = hash_secret(check_secret(request.invite, INVITE_KIND))
    except ValueError:
        raise InvalidInvite(hint="malformed invitation") from None
    invite = await ctx.stores.invites.find(secret_hash)
    if invite is None or invite.redeemed_at is not None or invite.expires_at <= ctx.clock.now():
        raise InvalidInvite(hint="unknown, spent or expired invitation")
    if FIRST_ADMIN in invite.roles and await ctx.stores.roles.has_members(ADMIN):
        raise InvalidInvite(hint="an invitation for the first administrator, and there is one")
    return invite


async def _redeem(ctx: Context, invite: Invite, user: User) -> None:
    outcome = await ctx.stores.invites.redeem(invite.secret_hash, user_id=user.id, now=ctx.clock.now())
    if outcome is not Redemption.REDEEMED:
        raise InvalidInvite(hint=f"invitation: {outcome.name} meanwhile")
