"""Signing in without a password: `as_user` for the tests of an application."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI
from fastapi.security import SecurityScopes

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
    """Make every request to `app` come from this person, until the block ends. Rules still apply to them.

        with as_user(app, "ada", scopes=["items:read"]):
            assert client.get("/items").status_code == 200

    It wraps `app.dependency_overrides`, so it needs no database, key or token, and restores what was there before.

    Args:
        app: the application whose routes are called.
        username: the person's username.
        scopes: scopes of their token.
        roles: their roles.
        permissions: what their roles allow.
        amr: how they authenticated (RFC 8176); give `("pwd", "otp", "mfa")` for a second factor.
        logged_in_at: when they authenticated, for `requires(fresh=...)`; by default just now.
        email: their e-mail address, taken as verified.
        profile: the application's own fields.

    Yields:
        The account that `CurrentUser` receives.
    """
    now = datetime.now(UTC)
    user = _new_user(username, tuple(sorted(roles)), email, dict(profile or {}), now)
    principal = Principal(
        subject=user.id,
        client_id="test",
        scopes=frozenset(scopes),
        roles=frozenset(user.roles),
        permissions=frozenset(permissions),
        session_id=new_id(now),
        auth_time=logged_in_at or now,
        amr=tuple(amr),
    )
    before = dict(app.dependency_overrides)

    def override_principal(security_scopes: SecurityScopes) -> Principal:
        check_declared_scopes(principal, security_scopes)
        return principal

    def override_user(security_scopes: SecurityScopes) -> User:
        check_declared_scopes(principal, security_scopes)
        return user

    app.dependency_overrides[current_principal] = override_principal
    app.dependency_overrides[current_user] = override_user
    try:
        yield user
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
