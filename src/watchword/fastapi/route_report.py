"""What `watchword routes` prints: each route of an application and what it asks of its caller."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from watchword.fastapi.deny import denies_anonymous, guards_of, is_documentation, is_guarded, is_sealed
from watchword.fastapi.public import is_public

Status = Literal["guarded", "public", "unguarded"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteReport:
    """One route. `kind` is `http`, `websocket`, `mount` or `documentation`; names are sorted.

    `scopes`, `roles` and `permissions` are those of all alternatives of all guards together.
    """

    path: str
    methods: tuple[str, ...]
    kind: str
    status: Status
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()


def report(app: Starlette) -> list[RouteReport]:
    """Describe every route of the application and of the applications mounted in it, in their order."""
    return list(_walk(app.routes, prefix=""))


def _walk(routes: Sequence[BaseRoute], prefix: str) -> Iterator[RouteReport]:
    for context in iter_route_contexts(routes):
        route = context.original_route
        if isinstance(route, Mount) and isinstance(route.app, FastAPI) and not is_sealed(route):
            yield from _walk(route.app.routes, prefix + route.path)
        else:
            yield _describe(context, prefix)


def _describe(context: RouteContext, prefix: str) -> RouteReport:
    dependant = getattr(context, "dependant", None)
    guards = list(guards_of(dependant)) if isinstance(dependant, Dependant) else []
    rules = [rule for guard in guards for rule in guard.rules]
    declared = _declared_scopes(dependant) if isinstance(dependant, Dependant) else set()
    return RouteReport(
        path=prefix + (context.path or "/"),
        methods=tuple(sorted(context.methods or ())),
        kind=_kind(context),
        status=_status(context, dependant),
        scopes=tuple(sorted(declared.union(*(rule.scopes for rule in rules)))),
        roles=tuple(sorted({role for rule in rules for role in rule.roles})),
        permissions=tuple(sorted({name for rule in rules for name in rule.permissions})),
        schemes=tuple(sorted({guard.scheme_name for guard in guards})),
    )


def _status(context: RouteContext, dependant: object) -> Status:
    route = context.original_route
    endpoint = route.app if isinstance(route, Mount) else context.endpoint
    if is_public(endpoint):
        return "public"
    closed = isinstance(dependant, Dependant) and (denies_anonymous(dependant) or is_guarded(dependant))
    if closed or is_sealed(route):
        return "guarded"
    return "public" if is_documentation(route) else "unguarded"


def _kind(context: RouteContext) -> str:
    route = context.original_route
    if is_documentation(route):
        return "documentation"
    if isinstance(route, Mount):
        return "mount"
    return "http" if context.methods else "websocket"


def _declared_scopes(dependant: Dependant) -> set[str]:
    scopes = set(dependant.own_oauth_scopes or [])
    for dependency in dependant.dependencies:
        scopes |= _declared_scopes(dependency)
    return scopes
