"""A router that turns away, at once, requests that cannot be for any of its routes.

FastAPI asks each included router to match each request, route by route. An application's own routes should not pay for
ours. This only ever says "none of mine": it opens nothing, and closes nothing.
"""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope


class ReservedRouter(APIRouter):
    """Its routes must all have a path that starts with one of `starts`."""

    def __init__(self, *, starts: Sequence[str], **options: Any) -> None:  # noqa: ANN401  those of APIRouter
        super().__init__(**options)
        self._starts = tuple(starts)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as any router does, but only where the path has one of the beginnings."""
        path: str = scope["path"]
        root_path: str = scope.get("root_path", "")
        if path.startswith(self._starts) or (root_path and path.removeprefix(root_path).startswith(self._starts)):
            return super().matches(scope)
        return Match.NONE, {}
