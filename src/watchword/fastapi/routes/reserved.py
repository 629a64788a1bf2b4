"""A router that finds its fixed paths in a table, and turns away at once what cannot be for any of its routes.

FastAPI asks each included router to match each request, route by route, and asks again on the way in. An application's
own routes should not pay for ours, nor ours for each other. Turning away only ever says "none of mine": it opens
nothing. The table leads to the same route objects, with the guards they were made with.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from watchword.fastapi.problem_route import OAuthRoute


class ReservedRouter(APIRouter):
    """Its routes must all have a path that starts with one of `starts`."""

    def __init__(self, *, starts: Sequence[str], **options: Any) -> None:  # noqa: ANN401  those of APIRouter
        super().__init__(**options)
        self._starts = tuple(starts)
        self._table: dict[tuple[str, str], tuple[APIRoute, ASGIApp]] = {}
        self.direct = False
        """Whether fixed paths are answered from the table: only where the application adds nothing to its routes."""

    def include(self, router: APIRouter, *, prefix: str = "") -> None:
        """Include a router of ours, and enter its fixed paths into the table."""
        self.include_router(router, prefix=prefix)
        for route in router.routes:
            if isinstance(route, APIRoute) and "{" not in route.path:
                entry = (route, route.plain_app() if isinstance(route, OAuthRoute) else route.app)
                self._table.update({(method, prefix + route.path): entry for method in route.methods or ()})

    def _find(self, scope: Scope) -> tuple[APIRoute, ASGIApp] | None:
        if not self.direct or scope["type"] != "http":
            return None
        return self._table.get((scope["method"], _path_of(scope)))

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as any router does, but only where the path has one of the beginnings."""
        if not _path_of(scope).startswith(self._starts):
            return Match.NONE, {}
        if self._find(scope) is not None:
            return Match.FULL, {}
        return super().matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from the table, or as any router does."""
        entry = self._find(scope)
        if entry is None:
            await super().handle(scope, receive, send)
            return
        route, app = entry
        scope["endpoint"], scope["route"], scope["path_params"] = route.endpoint, route, {}
        await app(scope, receive, send)


def _path_of(scope: Scope) -> str:
    """Return the path below the one that the application is mounted at."""
    path: str = scope["path"]
    root_path: str = scope.get("root_path", "")
    return path.removeprefix(root_path) if root_path else path
