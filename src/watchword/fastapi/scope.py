"""How a request finds its `Auth`: a pure ASGI wrapper puts it into the scope, so mounted applications find it too."""

from typing import TYPE_CHECKING, Protocol

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from watchword.core.errors import ConfigError, WatchwordError
from watchword.core.models.identity import Principal, User
from watchword.fastapi.errors import problem

if TYPE_CHECKING:
    from watchword.fastapi.provider import Provider
    from watchword.flows.context import Context
    from watchword.ports.outside import Clock

KEY = "watchword.auth"
PRINCIPAL_KEY = "watchword.principal"
"""Where a connection's principal is remembered; it is that of the `Auth` under `KEY`, and of no other."""


class Installed(Protocol):
    """What guards and routes need of the `Auth` of their application: installation.py has it."""

    @property
    def app(self) -> FastAPI | None: ...  # noqa: D102
    @property
    def clock(self) -> "Clock": ...  # noqa: D102
    @property
    def context(self) -> "Context": ...  # noqa: D102
    @property
    def profile_model(self) -> type[BaseModel] | None: ...  # noqa: D102
    @property
    def is_provider(self) -> bool: ...  # noqa: D102
    @property
    def provider(self) -> "Provider": ...  # noqa: D102
    @property
    def idle(self) -> bool:
        """Whether requests need not call `attend`."""

    async def attend(self) -> None:
        """Start, catch up with revocations, check new routes: whatever must be done before a request."""

    def recall(self, token: str) -> Principal | None:
        """Return what a token proves if that is known without waiting; None says nothing."""

    async def authenticate(self, token: str) -> Principal: ...  # noqa: D102
    async def load_user(self, principal: Principal) -> User: ...  # noqa: D102


class AuthScope:
    """Outermost middleware: every connection below it carries the `Auth` of its application.

    The innermost installation wins, so an application mounted inside another may have its own.
    """

    def __init__(self, app: ASGIApp, auth: Installed) -> None:
        self.app = app
        self.auth = auth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the connection on, with the `Auth` in its scope."""
        if scope["type"] != "lifespan":
            if scope.get(KEY) is not self.auth:
                scope.pop(PRINCIPAL_KEY, None)
            scope[KEY] = self.auth
            if not self.auth.idle:
                try:
                    await self.auth.attend()
                except WatchwordError as error:
                    await problem(error)(scope, receive, send)
                    return
        await self.app(scope, receive, send)


def auth_of(connection: HTTPConnection) -> Installed:
    """Return the `Auth` that was installed into this connection's application.

    Raises:
        ConfigError: if none was. The route stays closed.
    """
    auth: Installed | None = connection.scope.get(KEY)
    if auth is None:
        raise ConfigError("A guarded route was called, but no Auth is installed: call auth.install(app) first.")
    return auth
