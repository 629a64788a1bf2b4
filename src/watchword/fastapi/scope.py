"""How a request finds its `Auth`: a pure ASGI wrapper puts it into the scope, so mounted applications find it too."""

from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from watchword.core.errors import ConfigError, WatchwordError
from watchword.fastapi.errors import problem

if TYPE_CHECKING:
    from watchword.fastapi.auth import AnyAuth

KEY = "watchword.auth"
PRINCIPAL_KEY = "watchword.principal"
"""Where a connection's principal is remembered; it is that of the `Auth` under `KEY`, and of no other."""


class AuthScope:
    """Outermost middleware: every connection below it carries the `Auth` of its application.

    The innermost installation wins, so an application mounted inside another may have its own.
    """

    def __init__(self, app: ASGIApp, auth: "AnyAuth") -> None:
        self.app = app
        self.auth = auth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on, with the `Auth` in its scope."""
        if scope["type"] != "lifespan":
            if scope.get(KEY) is not self.auth:
                scope.pop(PRINCIPAL_KEY, None)
            scope[KEY] = self.auth
            if not self.auth.lifecycle.idle:
                try:
                    await self.auth.lifecycle.attend()
                except WatchwordError as error:
                    await problem(error)(scope, receive, send)
                    return
        await self.app(scope, receive, send)


def auth_of(connection: HTTPConnection) -> "AnyAuth":
    """Return the `Auth` that was installed into this connection's application.

    Raises:
        ConfigError: if none was. The route stays closed.
    """
    auth: AnyAuth | None = connection.scope.get(KEY)
    if auth is None:
        raise ConfigError("A guarded route was called, but no Auth is installed: call auth.install(app) first.")
    return auth
