"""Signing in without a password: `as_user` for the tests of an application."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from fastapi.security import SecurityScopes

from watchword.config import FIRST_PARTY_CLIENT_ID
from watchword.core.accounts.identifiers import identifier_key
from watchword.core.ids import new_id
from watchword.core.models.identity import Principal, User
from watchword.fastapi.guard import check_declared_scopes, current_principal, current_user


@contextmanager
def as_user(
    app: FastAPI,
    username: str = "ada",
    *,
    scopes: Iterable[str] = (),
    roles: Iterable[str] = (),
    permissions: Iterable[str] = (),
    amr: Iterable[str] = ("pwd",),
    logged_in_at: datetime | None = None,
    email: str | None = None,
    profile: Mapping[str, Any] | None = None,
) -> Iterator[User]:
    """Make every request to `app` come from this person until the block ends; the routes' rules apply to them.

        with as_user(app, "ada", scopes=["items:read"]):
            assert client.get("/items").status_code == 200

    It sets `app.dependency_overrides` and restores them: no database, key or token is needed. `amr` says how they
    authenticated (RFC 8176; `("pwd", "otp", "mfa")` is a second factor) and `logged_in_at` when, by default just now.
    Yields the account that `CurrentUser` receives.
    """
    now = datetime.now(UTC)
    user = _new_user(username, tuple(sorted(roles)), email, dict(profile or {}), now)
    principal = Principal(
        subject=user.id,
        client_id=FIRST_PARTY_CLIENT_ID,
        scopes=frozenset(scopes),
        roles=frozenset(user.roles),
        permissions=frozenset(permissions),
        session_id=new_id(now),
        auth_time=logged_in_at or now,
        amr=tuple(amr),
    )
    with _overriding(app, user, principal):
        yield user


@contextmanager
def _overriding(app: FastAPI, user: User, principal: Principal) -> Iterator[None]:
    def override_principal(security_scopes: SecurityScopes) -> Principal:
        check_declared_scopes(principal, security_scopes.scopes)
        return principal

    def override_user(security_scopes: SecurityScopes) -> User:
        check_declared_scopes(principal, security_scopes.scopes)
        return user

    before = dict(app.dependency_overrides)
    app.dependency_overrides[current_principal] = override_principal
    app.dependency_overrides[current_user] = override_user
    try:
        yield
    finally:
        app.dependency_overrides.clear()
        app.dependency_overrides.update(before)


def _new_user(
    username: str, roles: tuple[str, ...], email: str | None, profile: Mapping[str, Any], now: datetime
) -> User:
    return User(
        id=new_id(now),
        username=username,
        username_key=identifier_key(username),
        email=email,
        email_key=identifier_key(email) if email else None,
        email_verified=email is not None,
        roles=roles,
        profile=profile,
        created_at=now,
        updated_at=now,
    )
