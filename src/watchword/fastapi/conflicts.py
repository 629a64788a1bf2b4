"""What an application must not have when an `Auth` is installed: another one, or routes that would hide ours."""

from collections.abc import Iterable

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from watchword.core.errors import ConfigError
from watchword.fastapi.deny import guards_of
from watchword.fastapi.guard import UserGuard
from watchword.fastapi.scope import AuthScope


def refuse_second_auth(app: FastAPI) -> None:
    """Raise ConfigError if the application has an `Auth` already."""
    kinds: list[object] = [middleware.cls for middleware in app.user_middleware]
    if AuthScope in kinds:
        raise ConfigError("This application has an Auth already. Mount another application for another Auth.")


def refuse_hidden_routes(app: FastAPI, ours: Iterable[BaseRoute]) -> None:
    """Raise ConfigError if a route that the application has already would be found before one of ours."""
    taken = sorted(_paths(app.router.routes) & _paths(ours))
    if taken:
        names = ", ".join(taken)
        raise ConfigError(f"The application has routes of its own at {names}: set WATCHWORD_PREFIX to another path.")


def _paths(routes: Iterable[BaseRoute]) -> set[str]:
    return {context.path for context in iter_route_contexts(list(routes)) if context.path}


def refuse_accounts(app: FastAPI) -> None:
    """Raise ConfigError if a route of an application without accounts asks for one."""
    for context in iter_route_contexts(app.router.routes):
        dependant = getattr(context, "dependant", None)
        guards = guards_of(dependant) if isinstance(dependant, Dependant) else ()
        if any(isinstance(guard, UserGuard) for guard in guards):
            raise ConfigError(
                f"{context.path} takes CurrentUser, but Auth.remote(...) has no accounts: take CurrentPrincipal."
            )
