"""`Auth`: the one object an application makes, and `install`, which joins it to a FastAPI application."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from fastapi import FastAPI
from fastapi.openapi.models import SecurityBase as SchemeModel
from pydantic import BaseModel
from typing_extensions import TypeVar as DefaultedTypeVar

from watchword.config import AuthConfig
from watchword.core.errors import ConfigError
from watchword.core.models.events import Event
from watchword.core.models.identity import Principal, Scope, User
from watchword.core.oauth.capabilities import NOTHING
from watchword.fastapi.conflicts import refuse_hidden_routes, refuse_second_auth
from watchword.fastapi.declared_scopes import with_scopes
from watchword.fastapi.deny import DefaultDeny, adds_nothing
from watchword.fastapi.docs_login import offer_code_login
from watchword.fastapi.errors import install_handlers
from watchword.fastapi.installation import Installation
from watchword.fastapi.openapi import bearer_scheme, describe_guards, oauth_scheme
from watchword.fastapi.public import public
from watchword.fastapi.scope import AuthScope

if TYPE_CHECKING:  # making an Auth loads these; `import watchword` does not
    from watchword.fastapi.backends import Backend
    from watchword.flows.context import Context
    from watchword.flows.events import Handler
    from watchword.ports.bundle import Stores
    from watchword.ports.outside import Clock, HttpFetcher

P = DefaultedTypeVar("P", bound=BaseModel, default=BaseModel)
E = TypeVar("E", bound=Event)
Default = Literal["allow", "deny"]


class Auth(Generic[P]):
    """Authentication and authorization of one application.

        app = FastAPI()
        auth = Auth(scopes={"items:read": "Read the items"})
        auth.install(app)

    Args:
        config: the configuration; by default that of the `WATCHWORD_*` settings.
        scopes: the scopes this application grants, name to description or `Scope`. `admin` is always among them.
        default_scopes: what a login without a `scope` parameter asks for.
        profile: a Pydantic model of the application's own fields of an account.
        stores: the stores to use; by default those of `config.database_url`.
        clock: the time; by default that of the system.

    Raises:
        ConfigError: if the settings are unsafe or contradictory; the message says what to do.
    """

    def __init__(
        self,
        config: AuthConfig | None = None,
        *,
        scopes: Mapping[str, str | Scope] | None = None,
        default_scopes: Sequence[str] | None = None,
        profile: type[P] | None = None,
        stores: "Stores | None" = None,
        clock: "Clock | None" = None,
    ) -> None:
        from watchword.fastapi.backends import LocalBackend
        from watchword.flows.clock import SystemClock
        from watchword.flows.events import EventBus
        from watchword.settings import Settings
        from watchword.stores.open import open_stores

        settled = with_scopes(config or Settings.load().to_config(), scopes, default_scopes)
        events = EventBus()
        self._config: AuthConfig | None = settled
        self._profile = profile
        self._events: EventBus | None = events
        opened = stores or open_stores(settled.database_url)
        self._begin(LocalBackend(settled, opened, clock=clock or SystemClock(), events=events))

    @classmethod
    def remote(
        cls,
        *,
        issuer: str,
        audience: str | Sequence[str],
        clock: "Clock | None" = None,
        fetcher: "HttpFetcher | None" = None,
        allow_private_addresses: bool | None = None,
        **options: Any,  # noqa: ANN401  RemoteVerifier types and checks them
    ) -> "Auth[P]":
        """Make the guard of a resource server: the same annotations over the access tokens of any issuer.

        Args:
            issuer: the issuer's URL, exactly as in its tokens.
            audience: what `aud` must hold: this application's identifier at the issuer, or several.
            clock: the time; by default that of the system.
            fetcher: how keys are fetched; by default over HTTP, never from special-use addresses.
            allow_private_addresses: by default as `WATCHWORD_ALLOW_PRIVATE_ADDRESSES`; development may reach loopback.
            options: further keywords of `watchword.remote.verifier.RemoteVerifier`.

        Raises:
            ConfigError: if an argument is missing or unsafe, or the extra `watchword[remote]` is not installed.
        """
        from watchword.fastapi.remote_backend import remote_backend
        from watchword.flows.clock import SystemClock

        auth = cls.__new__(cls)
        auth._config = auth._profile = auth._events = None
        auth._begin(
            remote_backend(
                issuer,
                audience,
                clock=clock or SystemClock(),
                fetcher=fetcher,
                allow_private_addresses=allow_private_addresses,
                **options,
            )
        )
        return auth

    def _begin(self, backend: "Backend") -> None:
        self.backend = backend
        self.installation = Installation(backend, self._events, self._profile)

    @property
    def config(self) -> AuthConfig:
        """The configuration in force.

        Raises:
            ConfigError: for `Auth.remote(...)`, which has none.
        """
        if self._config is None:
            raise ConfigError("Auth.remote(...) verifies another issuer's tokens; it has no accounts of its own.")
        return self._config

    @property
    def context(self) -> "Context":
        """What the use cases run in; there while the application runs."""
        return self.backend.context

    @property
    def clock(self) -> "Clock":
        """The time this `Auth` lives by."""
        return self.backend.clock

    @property
    def profile_model(self) -> type[P] | None:
        """The model of the application's own fields of an account, or None."""
        return self._profile

    def profile_of(self, user: User) -> P:
        """Return the account's profile as an instance of the application's model.

        Raises:
            ConfigError: if no model was given to `Auth(profile=...)`.
        """
        if self._profile is None:
            raise ConfigError("Give the model to Auth(profile=...) to read profiles.")
        return self._profile.model_validate(dict(user.profile))

    def install(self, app: FastAPI, *, default: Default = "allow", provider: bool = False) -> None:
        """Join the application: its routes, lifespan, error answers, documentation.

        Args:
            app: the application. With `default="deny"` its routes must be added after this call.
            default: `deny` protects every route that is not marked `@public`.
            provider: become an authorization server for other applications too, with hosted pages for login and
                consent (OAuth 2.1, OpenID Connect). Needs the extra `watchword[pages]`.

        Raises:
            ConfigError: if this `Auth` is installed already, the application has one, or a path of ours is taken.
        """
        from watchword.fastapi.docs_page import serve_docs_offline

        if self.installation.app is not None:
            raise ConfigError("This Auth is installed already; make another for another application.")
        refuse_second_auth(app)
        if provider or (self._config is not None and self._config.provider.enabled):
            self._config = self.installation.become_provider(self.config, app)
        if default == "deny":
            self.installation.deny = DefaultDeny(app, open_documentation=self.backend.in_development)
            public(app)
        prefix, scheme = self._add_routes(app)
        install_handlers(app)
        serve_docs_offline(app, prefix)
        describe_guards(app, scheme)
        app.add_middleware(AuthScope, auth=self.installation)
        self.installation.join(app)

    def _add_routes(self, app: FastAPI) -> tuple[str, SchemeModel]:
        """Add our routes, if there are any; return their prefix and the scheme that documents the guards."""
        from watchword.fastapi.routes.build import build_router

        if self._config is None:
            return "/auth", bearer_scheme()
        installed = self.installation
        offered = installed.provider.capabilities if installed.is_provider else NOTHING
        router = build_router(self._config, self._profile, offered)
        refuse_hidden_routes(app, router.routes)
        router.direct = adds_nothing(app)
        app.include_router(router)
        if installed.is_provider:
            offer_code_login(app, self._config)
        return self._config.prefix, oauth_scheme(self._config, code=installed.is_provider)

    async def start(self, *, follow: bool = True) -> None:
        """Open what the application needs; its lifespan does this. Without one, the first request does.

        Raises:
            ConfigError: if the schema is not of this version or a route cannot be protected.
            StoreUnavailable: if the database cannot be reached.
        """
        await self.installation.start(follow=follow)

    async def close(self) -> None:
        """Let event handlers finish, then free everything that `start` opened."""
        await self.installation.close()

    async def authenticate(self, token: str) -> Principal:
        """Return what an access token proves.

        Raises:
            InvalidToken: if it is malformed, expired, revoked or not for this application.
            AccountDisabled: if it is good but its account is disabled.
            Unavailable: if that cannot be told at present.
        """
        return await self.backend.authenticate(token)

    async def load_user(self, principal: Principal) -> User:
        """Return the account of a principal.

        Raises:
            InvalidToken: if the account is gone.
            AccountDisabled: if it is disabled.
            AccessRefused: if the principal is a client.
        """
        return await self.backend.load_user(principal)

    def on(self, event_type: type[E]) -> "Callable[[Handler[E]], Handler[E]]":
        """Register an async handler of an event and of its subclasses, run after the fact is durable.

            @auth.on(UserSignedUp)
            async def welcome(event: UserSignedUp) -> None: ...

        A handler that fails is logged; it harms neither the request nor other handlers.
        """
        if self._events is None:
            raise ConfigError("Auth.remote(...) has no accounts, so it has no events.")
        return self._events.on(event_type)
