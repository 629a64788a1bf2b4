"""Default deny: every route asks for a principal unless it is marked `@public`.

Three rules, checked when the application starts and again when it gains routes:

1. Path operations, WebSocket routes and included routers get `deny_anonymous` as a dependency of the router itself.
2. Other routes of the application (mounts, plain Starlette routes) are wrapped where they are handled.
3. What neither reaches cannot be protected, so the application refuses to start and says which routes those are.

Nothing here matches a path: the router has chosen the route before either guard runs.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Mount
from starlette.types import Receive, Scope, Send

from watchword.core.errors import ConfigError, MissingToken
from watchword.fastapi.errors import Refusal
from watchword.fastapi.guard import MaybeGuard, PrincipalGuard, find_principal
from watchword.fastapi.public import is_public

Handle = Callable[[Scope, Receive, Send], Awaitable[None]]
_SEALED = "__watchword_sealed__"
_DOCUMENTATION = "fastapi.applications"
"""The module in which FastAPI defines the endpoints of its own documentation."""


async def deny_anonymous(connection: HTTPConnection) -> None:
    """Refuse a caller without a credential, unless the matched endpoint is public.

    Raises:
        Refusal: 401 for an anonymous caller or a bad credential.
    """
    if not is_public(connection.scope.get("endpoint")) and await find_principal(connection) is None:
        raise Refusal.of(MissingToken())


class DefaultDeny:
    """Keeps one application closed. `open_documentation` leaves /docs and /openapi.json to everyone (development)."""

    def __init__(self, app: FastAPI, *, open_documentation: bool) -> None:
        self._app = app
        self._open_documentation = open_documentation
        self._checked: list[tuple[list[BaseRoute], list[BaseRoute]]] = []
        app.router.dependencies.append(Depends(deny_anonymous))

    def check(self) -> None:
        """Wrap and check every route that has come since the last check; cheap when none has.

        Raises:
            ConfigError: naming the routes that cannot be protected.
        """
        if self._checked and all(routes == before for routes, before in self._checked):
            return
        for route in self._app.router.routes:
            self._seal(route)
        open_paths = sorted({path for path in self._find_open_paths() if path})
        if open_paths:
            raise ConfigError(
                f"default='deny' cannot protect {', '.join(open_paths)}: call auth.install(app) before adding routes, "
                "and add mounts and plain Starlette routes to the application itself, not to a router."
            )
        self._checked = [(routes, list(routes)) for routes in _route_lists(self._app.router.routes)]

    def _seal(self, route: BaseRoute) -> None:
        if hasattr(route, "original_router") or hasattr(route, "dependant") or hasattr(route, _SEALED):
            return
        if self._is_open(route):
            return
        setattr(route, "handle", _guarded(route.handle))  # noqa: B010  assigning a method is what mypy forbids
        setattr(route, _SEALED, True)

    def _find_open_paths(self) -> Iterator[str | None]:
        direct = {id(route) for route in self._app.router.routes}
        for context in iter_route_contexts(self._app.router.routes):
            dependant = getattr(context, "dependant", None)
            if isinstance(dependant, Dependant):
                if not (denies_anonymous(dependant) or is_guarded(dependant) or is_public(context.endpoint)):
                    yield context.path
            elif not self._is_open(context.original_route) and not (
                is_sealed(context.original_route) and id(context.original_route) in direct
            ):
                yield context.path
        if getattr(self._app.router.default, "__func__", None) is not type(self._app.router).not_found:
            yield "(what no route matches)"

    def _is_open(self, route: BaseRoute) -> bool:
        return is_public(_endpoint_of(route)) or (self._open_documentation and is_documentation(route))


def adds_nothing(app: FastAPI) -> bool:
    """Whether the application gives its routes no dependency but `deny_anonymous`, and no limit of its own."""
    router = app.router
    return router.max_body_size is None and all(each.dependency is deny_anonymous for each in router.dependencies)


def denies_anonymous(dependant: Dependant) -> bool:
    """Whether `deny_anonymous` is among the direct dependencies."""
    return any(dependency.call is deny_anonymous for dependency in dependant.dependencies)


def guards_of(dependant: Dependant) -> Iterator[PrincipalGuard]:
    """Yield every guard on the way to an endpoint."""
    for dependency in dependant.dependencies:
        if isinstance(dependency.call, PrincipalGuard):
            yield dependency.call
        yield from guards_of(dependency)


def is_guarded(dependant: Dependant) -> bool:
    """Whether a guard on the way to the endpoint refuses anonymous callers."""
    return any(not isinstance(guard, MaybeGuard) for guard in guards_of(dependant))


def is_documentation(route: BaseRoute) -> bool:
    """Whether FastAPI made this route for its own documentation. An application is no documentation, mounted or not."""
    endpoint = _endpoint_of(route)
    return inspect.isfunction(endpoint) and endpoint.__module__ == _DOCUMENTATION


def is_sealed(route: BaseRoute) -> bool:
    """Whether default deny has wrapped this route."""
    return hasattr(route, _SEALED)


def _route_lists(routes: list[BaseRoute]) -> Iterator[list[BaseRoute]]:
    """Yield this list of routes and those of all routers included in it."""
    yield routes
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _route_lists(inner.routes)


def _endpoint_of(route: BaseRoute) -> object:
    return route.app if isinstance(route, Mount) else getattr(route, "endpoint", None)


def _guarded(handle: Handle) -> Handle:
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if await find_principal(HTTPConnection(scope)) is None:
            raise Refusal.of(MissingToken())
        await handle(scope, receive, send)

    return guarded
