"""The callables that FastAPI runs for a guarded route: they find the principal and hold it to the rules."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.models import HTTPBearer
from fastapi.openapi.models import SecurityBase as SchemeModel
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection

from watchword.core.account_errors import AccessRefused
from watchword.core.errors import ConfigError, InsufficientScope, MissingToken, WatchwordError
from watchword.core.models.identity import Principal, User
from watchword.fastapi.credentials import find_bearer_token
from watchword.fastapi.errors import Refusal
from watchword.fastapi.rules import Rule
from watchword.fastapi.scope import PRINCIPAL_KEY, Installed, auth_of

scheme_model: ContextVar[SchemeModel] = ContextVar("watchword_scheme_model")
"""The scheme to show; set while an application that has an Auth makes its OpenAPI document."""


class PrincipalGuard(SecurityBase):
    """Finds the principal of a connection and holds it to one of `rules` (an empty tuple asks for any principal).

    Guards with equal rules are equal, so `app.dependency_overrides[requires(role="admin").dependency]` finds them all.
    """

    scheme_name = "Watchword"

    def __init__(self, rules: tuple[Rule, ...] = ()) -> None:
        self.rules = rules
        self.has_more_rules = len(rules) > 1 or any(rule.has_more_than_scopes for rule in rules)
        """Whether there is something to check besides the scopes that `requires` declares to FastAPI."""

    @property
    def model(self) -> SchemeModel:  # type: ignore[override]  # a plain attribute in FastAPI; here it depends on the app
        """The OpenAPI security scheme: that of the application whose document is being made."""
        return scheme_model.get(HTTPBearer(bearerFormat="JWT"))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PrincipalGuard) and (type(other), other.rules) == (type(self), self.rules)

    def __hash__(self) -> int:
        return hash((type(self), self.rules))

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> Any:  # noqa: ANN401
        """Return the principal (its subclasses: something else), or raise `Refusal` (401, 403, 503)."""
        return await self.admit(connection, await find_principal(connection), security_scopes.scopes)

    async def admit(self, connection: HTTPConnection, principal: Principal | None, scopes: Sequence[str]) -> Any:  # noqa: ANN401
        """Hold the principal to the scopes declared on the way here, then to the rules; return what is asked for."""
        return await self.check(connection, principal, scopes)

    async def check(self, connection: HTTPConnection, principal: Principal | None, scopes: Sequence[str]) -> Principal:
        """Return the principal if there is one and it may pass.

        Raises:
            Refusal: 401 or 403.
        """
        if principal is None:
            raise Refusal.of(MissingToken())
        check_declared_scopes(principal, scopes)
        if self.has_more_rules:
            await self._check_rules(principal, connection)
        return principal

    async def _check_rules(self, principal: Principal, connection: HTTPConnection) -> None:
        first: WatchwordError | None = None
        now = auth_of(connection).clock.now
        for rule in self.rules:
            breach = rule.find_breach(principal, now=now) or await _find_check_breach(rule, principal)
            if breach is None:
                return
            first = first or breach
        if first is not None:
            raise Refusal.of(first)


class MaybeGuard(PrincipalGuard):
    """Like `PrincipalGuard`, but a caller without any credential is None. A bad credential is still refused."""

    async def admit(
        self, connection: HTTPConnection, principal: Principal | None, scopes: Sequence[str]
    ) -> Principal | None:
        """Return the principal, None for an anonymous caller, or raise `Refusal`."""
        return None if principal is None else await self.check(connection, principal, scopes)


class UserGuard(PrincipalGuard):
    """Finds the principal, then its account."""

    async def admit(self, connection: HTTPConnection, principal: Principal | None, scopes: Sequence[str]) -> User:
        """Return the account, or raise `Refusal`: 401 if it is gone, 403 if it is disabled or no person's."""
        admitted = await self.check(connection, principal, scopes)
        try:
            return await auth_of(connection).load_user(admitted)
        except WatchwordError as error:
            raise Refusal.of(error) from error


async def find_principal(connection: HTTPConnection) -> Principal | None:
    """Return who is calling, or None without a credential; found once per connection.

    Raises:
        Refusal: for a credential that is malformed, expired, revoked, or of a disabled account.
    """
    override = _find_override(connection)
    return await principal_of(connection) if override is None else await _call(override)


async def principal_of(connection: HTTPConnection) -> Principal | None:
    """Do what `find_principal` does, for a caller that knows of no override."""
    scope = connection.scope
    if PRINCIPAL_KEY not in scope:
        scope[PRINCIPAL_KEY] = await _authenticate(connection)
    principal: Principal | None = scope[PRINCIPAL_KEY]
    return principal


def check_declared_scopes(principal: Principal, scopes: Sequence[str]) -> None:
    """Hold the principal to every scope that `Security(...)` declares on the way to this guard.

    Raises:
        Refusal: 403 insufficient_scope, naming all of them and those that are missing.
    """
    missing = [scope for scope in scopes if scope not in principal.scopes]
    if missing:
        needed = tuple(sorted(scopes))
        raise Refusal.of(InsufficientScope(scopes=needed, missing=tuple(sorted(missing))))


async def _authenticate(connection: HTTPConnection) -> Principal | None:
    try:
        token = find_bearer_token(connection.scope["headers"])
        if token is None:
            return None
        auth = auth_of(connection)
        return auth.recall(token) or await auth.authenticate(token)
    except WatchwordError as error:
        raise Refusal.of(error) from error


async def _find_check_breach(rule: Rule, principal: Principal) -> WatchwordError | None:
    if rule.check is None:
        return None
    verdict = rule.check(principal)
    if inspect.isawaitable(verdict):
        verdict = await verdict
    return None if verdict is True else AccessRefused(hint="the route's own check refused")


def has_overrides(app: FastAPI, auth: Installed) -> bool:
    """Whether tests have replaced dependencies of this application, or of the one that has this Auth."""
    return bool(app.dependency_overrides or (auth.app is not None and auth.app.dependency_overrides))


def _find_override(connection: HTTPConnection) -> Callable[..., Any] | None:
    """Look for `app.dependency_overrides[current_principal]`, so that it reaches every kind of guard."""
    app: Any = connection.scope.get("app")
    auth = auth_of(connection)
    if app is None or not has_overrides(app, auth):
        return None
    installed_in = auth.app if auth.app is not None else app
    overrides: Mapping[Any, Callable[..., Any]] = app.dependency_overrides or installed_in.dependency_overrides
    return overrides.get(current_principal)


async def _call(override: Callable[..., Any]) -> Principal | None:
    parameters = len(inspect.signature(override).parameters)
    if parameters > 1:
        raise ConfigError("An override of current_principal takes nothing, or the SecurityScopes alone.")
    principal = override(SecurityScopes()) if parameters else override()
    if inspect.isawaitable(principal):
        principal = await principal
    if principal is not None and not isinstance(principal, Principal):
        raise ConfigError("An override of current_principal must return a Principal or None.")
    return principal


current_principal = PrincipalGuard()
maybe_principal = MaybeGuard()
current_user = UserGuard()
