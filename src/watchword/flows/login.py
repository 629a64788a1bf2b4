"""Login by password: throttled before it is hashed, the same for everyone who fails (RFC 6749 section 4.3)."""

from typing import NamedTuple, TypeGuard

from watchword.core.accounts.identifiers import identifier_key
from watchword.core.accounts.login_rules import check_login
from watchword.core.accounts.password_policy import LONGEST_PASSWORD, normalise_password
from watchword.core.errors import InvalidGrant, TooManyRequests
from watchword.core.ids import new_id
from watchword.core.models.events import LimitReached, LoginRefused
from watchword.core.models.grants import Client, RefreshFamily
from watchword.core.models.identity import User
from watchword.core.models.sessions import Session
from watchword.core.models.verdict import Verdict
from watchword.core.network import network_of
from watchword.flows.access_tokens import Grantee, allowed_scopes
from watchword.flows.context import Context
from watchword.flows.issue_time import issue_time
from watchword.flows.lifetimes import refresh_idle_ttl, refresh_max_ttl
from watchword.flows.revocations import tell_of_change
from watchword.flows.sessions import end_session

ACCOUNT, ACCOUNT_ANYWHERE, ADDRESS = "login-account", "login-account-anywhere", "login-address"
LONGEST_NAME = 320
LONGEST_USER_AGENT = 256


class Begun(NamedTuple):
    """A session that has just begun: whom it is for, and its refresh family."""

    grantee: Grantee
    family: RefreshFamily


async def authenticate_password(ctx: Context, name: str, password: str, address: str) -> User:
    """Return the account that a username or e-mail and a password belong to.

    Unknown account, wrong password, no password, disabled account: the same error after the same work.

    Raises:
        InvalidGrant: they belong to no account that may log in.
        TooManyRequests: too many attempts on this account, or too many failures from this address.
        Overloaded: the queue of hashes is full; nothing was checked.
    """
    key = identifier_key(name)
    user = await ctx.stores.users.find_by_login(key) if is_storable(name, key) else None
    await count_attempt(ctx, key, address)  # as typed: a shared count would tell which name goes with which e-mail
    verdict = await check_stored_password(ctx, user, password)
    try:
        found = check_login(user, verdict)
    except InvalidGrant as refusal:
        await note_failure(ctx, address)
        user_id = user.id if user else None
        ctx.events.publish(LoginRefused(at=ctx.clock.now(), user_id=user_id, reason=refusal.hint, address=address))
        raise
    await forget_attempts(ctx, key, address)
    await _upgrade_hash(ctx, found, verdict)
    return found


async def start_session(ctx: Context, user: User, scopes: frozenset[str], *, client: Client, user_agent: str) -> Begun:
    """Begin a session with its refresh family, for a person who has just proved who they are.

    The account comes back as it is when both are stored. A change of password or a disabling either comes before that
    and is seen here, or comes later and finds the session, which it ends. So does a change of roles that leaves fewer
    scopes than the family was stored with.

    Raises:
        InvalidGrant: the account was changed, disabled or deleted meanwhile.
        InvalidClient: so was the client.
    """
    session = _new_session(ctx, user, client, user_agent)
    family = _new_family(ctx, client, session, allowed_scopes(ctx, scopes, user=user, client=client))
    issued_at = await issue_time(ctx, client, user.id)
    fresh = await ctx.stores.sessions.begin(session, family)
    if not is_unchanged(fresh, user) or not family.scopes <= allowed_scopes(ctx, scopes, user=fresh, client=client):
        await end_session(ctx, user.id, session.id, reason="revoked")
        raise InvalidGrant(hint=f"user {user.id} changed during the login")
    return Begun(Grantee(fresh, session, client, issued_at), family)


def is_unchanged(fresh: User | None, user: User) -> TypeGuard[User]:
    """Whether an account that was read again is enabled, and has the credentials it had before."""
    return fresh is not None and not fresh.disabled and fresh.credential_version == user.credential_version


def _new_session(ctx: Context, user: User, client: Client, user_agent: str) -> Session:
    now = ctx.clock.now()
    return Session(
        user_id=user.id,
        id=new_id(now),
        client_id=client.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + refresh_max_ttl(ctx, client),
        auth_time=now,
        user_agent=shown_user_agent(user_agent),
    )


def _new_family(ctx: Context, client: Client, session: Session, scopes: frozenset[str]) -> RefreshFamily:
    return RefreshFamily(
        user_id=session.user_id,
        id=new_id(session.created_at),
        session_id=session.id,
        client_id=session.client_id,
        scopes=scopes,
        created_at=session.created_at,
        idle_expires_at=session.created_at + refresh_idle_ttl(ctx, client),
        expires_at=session.expires_at,
    )


async def count_attempt(ctx: Context, account: str, address: str) -> None:
    """Count an attempt on an account before anything is hashed, so that a hundred at once get no more than the limit.

    Raises:
        TooManyRequests: the account has had its attempts, from here or in all, or the address its failures.
    """
    limits, place = ctx.config.limits, network_of(address)
    wait = await ctx.limiter.wait(ADDRESS, place, limits.login_per_address)
    wait = wait or await ctx.limiter.hit(ACCOUNT, f"{place} {account}", limits.login_per_account)
    wait = wait or await ctx.limiter.hit(ACCOUNT_ANYWHERE, account, limits.login_per_account_anywhere)
    if wait:
        ctx.events.publish(LimitReached(at=ctx.clock.now(), limit="login", address=address))
        raise TooManyRequests(retry_after=wait, hint="too many logins")


async def check_stored_password(ctx: Context, user: User | None, password: str) -> Verdict:
    """Check a password against an account's, or against nothing in the same time. Absurdly long ones cost nothing."""
    if len(password) > LONGEST_PASSWORD:
        return Verdict(matches=False, hint="an overlong password")
    return await ctx.hasher.verify(normalise_password(password), user.password_hash if user else None)


def is_storable(name: str, key: str) -> bool:
    """Whether a database could hold this key at all: no NUL, no half of a surrogate pair, not overlong."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return len(name) <= LONGEST_NAME and "\0" not in key


async def note_failure(ctx: Context, address: str) -> None:
    """Count a failure against an address."""
    await ctx.limiter.hit(ADDRESS, network_of(address), ctx.config.limits.login_per_address)


async def forget_attempts(ctx: Context, account: str, address: str) -> None:
    """Clear the counts of an account whose password was right."""
    limits = ctx.config.limits
    await ctx.limiter.clear(ACCOUNT, f"{network_of(address)} {account}", limits.login_per_account)
    await ctx.limiter.clear(ACCOUNT_ANYWHERE, account, limits.login_per_account_anywhere)


async def _upgrade_hash(ctx: Context, user: User, verdict: Verdict) -> None:
    """Store the better hash that the check may have made, unless the password was changed since."""
    if verdict.upgraded_hash is not None and user.password_hash is not None:
        await ctx.stores.users.upgrade_hash(user.id, old_hash=user.password_hash, new_hash=verdict.upgraded_hash)
        await tell_of_change(ctx, user.id)


def shown_user_agent(text: str) -> str:
    """Return what a client or a browser calls itself, as it may be stored and shown."""
    return "".join(char if char.isprintable() else "?" for char in text[:LONGEST_USER_AGENT])
