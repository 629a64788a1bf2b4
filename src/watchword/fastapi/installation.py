"""An `Auth` at work in its application: what guards and routes find, and when it starts and stops.

It starts with the application's lifespan, or with the first request where there is none.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from fastapi import FastAPI
from pydantic import BaseModel

from watchword.config import AuthConfig
from watchword.core.errors import ConfigError
from watchword.fastapi.conflicts import refuse_accounts
from watchword.fastapi.deny import DefaultDeny
from watchword.fastapi.docs_login import docs_client
from watchword.fastapi.lean_routes import make_lean

if TYPE_CHECKING:
    from watchword.fastapi.backends import Backend
    from watchword.fastapi.provider import Provider
    from watchword.flows.context import Context
    from watchword.flows.events import EventBus
    from watchword.ports.outside import Clock


class Installation:
    """What `scope.Installed` promises. `events` is None where there are no accounts."""

    def __init__(
        self, backend: "Backend", events: "EventBus | None", profile_model: type[BaseModel] | None = None
    ) -> None:
        self.app: FastAPI | None = None
        self.backend = backend
        self.profile_model = profile_model
        self.recall = backend.recall
        self.authenticate = backend.authenticate
        self.load_user = backend.load_user
        self.deny: DefaultDeny | None = None
        self._provider: Provider | None = None
        self._events = events
        self._running = False
        self._starting: asyncio.Lock | None = None
        self.idle = False
        """Whether `attend` has nothing to do, so that requests need not call it."""

    @property
    def is_provider(self) -> bool:
        """Whether this is an authorization server with hosted pages."""
        return self._provider is not None

    @property
    def provider(self) -> "Provider":
        """Its pages and what it can do. Raises ConfigError where there is none."""
        if self._provider is None:
            raise ConfigError("This application is no authorization server: auth.install(app, provider=True).")
        return self._provider

    def become_provider(self, config: AuthConfig, app: FastAPI) -> AuthConfig:
        """Get ready to be an authorization server, and return the configuration of it.

        Raises:
            ConfigError: the extra `watchword[pages]` is not installed, or there are no accounts.
        """
        try:
            from watchword.fastapi.provider import Provider
        except ModuleNotFoundError as error:
            if error.name != "jinja2":
                raise
            raise ConfigError("Hosted pages need Jinja2: install `watchword[pages]`.") from None
        enabled = replace(config, provider=replace(config.provider, enabled=True))
        self._provider = Provider(enabled)
        self.backend.become_provider(enabled, docs_client(enabled, app))
        return enabled

    @property
    def clock(self) -> "Clock":
        """The time that this `Auth` lives by."""
        return self.backend.clock

    @property
    def context(self) -> "Context":
        """What the use cases run in. Raises ConfigError where there are no accounts, or before `start`."""
        return self.backend.context

    async def start(self, *, follow: bool = True) -> None:
        """Open what the application needs.

        Raises:
            ConfigError: if the schema is not of this version or a route cannot be protected.
            StoreUnavailable: if the database cannot be reached.
        """
        if self.app is not None:
            make_lean(self.app.router.routes)
            if not self.backend.has_accounts:
                refuse_accounts(self.app)
        self.check_routes()
        await self.backend.start(follow=follow)
        self._running = True
        self.idle = follow and self.deny is None

    async def close(self) -> None:
        """Let event handlers finish, then free everything that `start` opened."""
        self._running = self.idle = False
        if self._events is not None:
            await self._events.close()
        await self.backend.close()

    async def attend(self) -> None:
        """Before each request: nothing, while the lifespan runs; else start, and catch up with revocations."""
        self.check_routes()
        if self.backend.following:
            return
        if not self._running:
            await self._start_late()
        await self.backend.attend()

    def check_routes(self) -> None:
        """Raise ConfigError if default deny cannot protect a route; cheap while no route was added."""
        if self.deny is not None:
            self.deny.check()

    async def _start_late(self) -> None:
        self._starting = self._starting or asyncio.Lock()
        async with self._starting:
            if not self._running:
                await self.start(follow=False)

    def join(self, app: FastAPI) -> None:
        """Start before the application's own lifespan and close after it."""
        self.app = app
        inner = app.router.lifespan_context

        @asynccontextmanager
        async def lifespan(application: FastAPI) -> AsyncIterator[Any]:
            await self.start()
            try:
                async with inner(application) as state:
                    yield state
            finally:
                await self.close()

        app.router.lifespan_context = cast("Any", lifespan)
