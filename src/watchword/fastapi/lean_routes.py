"""Routes whose guards run just before FastAPI's dependency solver instead of inside it: the same checks, sooner.

For each dependency the solver builds and reads much that a guard has no use for; that costs more than the guard. So a
path operation's handler is made twice: in full, and lean, without the guards that stand directly on the route. Lean
handlers exist only inside `_guarded`, which runs those guards first, so there is no way to a lean one past them.

Whatever does not fit (WebSockets, generators, a route class of the application's own, handlers that were made before
the application started, a FastAPI that works differently inside) keeps its full handler and its guards in the solver.
So do all requests while `dependency_overrides` holds anything.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from fastapi import routing
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, request_response
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from watchword.core.errors import MissingToken
from watchword.core.models.identity import Principal
from watchword.fastapi.deny import deny_anonymous
from watchword.fastapi.errors import Refusal
from watchword.fastapi.guard import PrincipalGuard, has_overrides, principal_of
from watchword.fastapi.plain_endpoint import TELEMETRY, Answering, find_answering
from watchword.fastapi.public import is_public
from watchword.fastapi.scope import KEY, Installed
from watchword.fastapi.unguarded import VALUES, remaining, without_guards

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
_included = getattr(routing, "_effective_route_context_var", None)
"""Where FastAPI keeps the route as its inclusion made it, while it makes the handler of an included route."""


def make_lean(routes: Sequence[BaseRoute]) -> None:
    """Let the path operations among these routes make lean handlers, those of included routers too."""
    if _included is None:
        return
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            make_lean(inner.routes)
        elif isinstance(route, APIRoute) and _is_plain(route):
            setattr(route, "get_route_handler", partial(make_handler, route))  # noqa: B010  mypy forbids the assignment
            route.app = request_response(route.get_route_handler())


def _is_plain(route: APIRoute) -> bool:
    unchanged = type(route).get_route_handler is APIRoute.get_route_handler
    return unchanged and "get_route_handler" not in vars(route) and route.max_body_size is None


@dataclass(frozen=True, slots=True)
class _Post:
    """One guard of a route: the scopes declared for it, and the parameter that takes what it returns."""

    guard: PrincipalGuard
    scopes: tuple[str, ...]
    name: str | None


def make_handler(route: APIRoute) -> Handler:
    """Return the route's handler: lean, with its guards before it, or in full where that does not fit."""
    full = APIRoute.get_route_handler(route)
    target = _target_of(route)
    dependant: Dependant = target.dependant
    guarding = [each for each in dependant.dependencies if _is_guard(each)]
    if not guarding or not _is_simple(dependant.call):
        return full
    posts = [_post_of(each) for each in guarding if each.call is not deny_anonymous]
    closed = len(posts) < len(guarding) and not is_public(dependant.call)
    plain = find_answering(target, replace(dependant, dependencies=remaining(dependant, guarding)))
    target.dependant = without_guards(dependant, guarding, takes=any(post.name is not None for post in posts))
    try:
        lean = APIRoute.get_route_handler(route)
    finally:
        target.dependant = dependant
    return _guarded(posts, _after_guards(lean, plain), full, closed=closed)


def bare_handler(route: APIRoute) -> Handler | None:
    """Return the endpoint of a public route of ours, which takes the request alone; None if it has dependencies.

    An application may have given dependencies to all of its routes; those of ours must run them too.
    """
    dependencies = _target_of(route).dependant.dependencies
    if not is_public(route.endpoint) or any(each.call is not deny_anonymous for each in dependencies):
        return None
    handler: Handler = route.endpoint
    return handler


def _target_of(route: APIRoute) -> Any:  # noqa: ANN401  the route, or FastAPI's record of its inclusion
    context = _included.get() if _included is not None else None
    return context if context is not None and context.original_route is route else route


def _after_guards(lean: Handler, plain: Answering | None) -> Answering:
    """Return what runs once the guards have passed: FastAPI's lean handler, or less where nothing is left to solve."""

    async def handle(request: Request, values: Mapping[str, Any]) -> Response:
        request.scope[VALUES] = values
        return await lean(request)

    if plain is None:
        return handle
    straight: Answering = plain

    async def handle_plain(request: Request, values: Mapping[str, Any]) -> Response:
        if request.scope.get(TELEMETRY) is not None:
            return await handle(request, values)
        return await straight(request, values)

    return handle_plain


def _guarded(posts: Sequence[_Post], answer: Answering, full: Handler, *, closed: bool) -> Handler:
    """Run the guards, then answer. `closed` asks for a principal whatever the guards say.

    A public route asks for none, so a token that is sent along is not looked at, be it good or not.
    """
    names = [post.name for post in posts if post.name is not None]
    scopes, asks = _scopes_alone(posts), bool(posts) or closed

    async def handle(request: Request) -> Response:
        scope = request.scope
        auth: Installed | None = scope.get(KEY)
        if auth is None or has_overrides(scope["app"], auth):
            return await full(request)
        principal = await principal_of(request) if asks else None
        if scopes is not None and principal is not None and scopes <= principal.scopes:
            return await answer(request, dict.fromkeys(names, principal))
        if closed and principal is None:
            raise Refusal.of(MissingToken())
        return await answer(request, await _admit(posts, request, principal))

    return handle


def _scopes_alone(posts: Sequence[_Post]) -> frozenset[str] | None:
    """Return all scopes that are asked for, if the guards ask a principal for nothing else and return it; or None."""
    if all(type(post.guard) is PrincipalGuard and not post.guard.has_more_rules for post in posts):
        return frozenset(scope for post in posts for scope in post.scopes)
    return None


async def _admit(posts: Sequence[_Post], request: Request, principal: Principal | None) -> dict[str, Any]:
    """Run each guard; return what those with a parameter found."""
    values: dict[str, Any] = {}
    for post in posts:
        value = await post.guard.admit(request, principal, post.scopes)
        if post.name is not None:
            values[post.name] = value
    return values


def _is_guard(dependant: Dependant) -> bool:
    return isinstance(dependant.call, PrincipalGuard) or dependant.call is deny_anonymous


def _is_simple(call: Callable[..., Any] | None) -> bool:
    """Whether this is a function whose one result is the answer."""
    generates = inspect.isgeneratorfunction(call) or inspect.isasyncgenfunction(call)
    return inspect.isfunction(call) and not generates


def _post_of(dependant: Dependant) -> _Post:
    guard: Any = dependant.call
    scopes = dict.fromkeys([*(dependant.parent_oauth_scopes or []), *(dependant.own_oauth_scopes or [])])
    return _Post(guard, tuple(scopes), dependant.name)
