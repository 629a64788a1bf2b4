"""What stands behind an `Auth`: the application's own accounts, or the tokens of another issuer."""

from dataclasses import replace
from typing import Protocol

from watchword.config import AuthConfig
from watchword.core.account_errors import AccessRefused, NotFound
from watchword.core.errors import ConfigError, InvalidToken
from watchword.core.models.grants import Client
from watchword.core.models.identity import Principal, User
from watchword.fastapi.outgoing import address_policy
from watchword.flows import access, account
from watchword.flows.context import FIRST_PARTY, Context, open_context
from watchword.flows.events import EventBus
from watchword.ports.bundle import Stores
from watchword.ports.outside import Clock, Outside
from watchword.remote.fetcher import Fetcher
from watchword.settings.by_hand import check_config
from watchword.settings.outgoing import OutgoingSettings
from watchword.stores.shared import open_shared


class Backend(Protocol):
    """Starts and stops with the application and judges its credentials."""

    clock: Clock
    has_accounts: bool
    in_development: bool
    """Whether documentation may be open to everyone."""
    following: bool
    """Whether a background task keeps revocations and keys current; else `attend` must run before each request."""

    @property
    def context(self) -> Context:
        """What the use cases run in. Raises ConfigError where there are none, or before `start`."""

    def become_provider(self, config: AuthConfig, client: Client) -> None:
        """Be an authorization server from the next start on, with this built-in client.

        Raises ConfigError where there are no accounts.
        """

    async def start(self, *, follow: bool) -> None:
        """Get ready. Raises ConfigError or StoreUnavailable."""

    async def attend(self) -> None:
        """Bring what is kept in memory up to date."""

    async def close(self) -> None:
        """Free everything; `start` may be called again."""

    def recall(self, token: str) -> Principal | None:
        """Return what an access token proves if it was verified before and is good still; None says nothing."""

    async def authenticate(self, token: str) -> Principal:
        """Return what an access token proves, or raise InvalidToken, AccountDisabled or Unavailable."""

    async def load_user(self, principal: Principal) -> User:
        """Return the person's account, or raise InvalidToken, AccountDisabled or AccessRefused."""


class LocalBackend:
    """Accounts, keys and tokens of this application's own."""

    has_accounts = True

    def __init__(self, config: AuthConfig, stores: Stores, *, clock: Clock, events: EventBus) -> None:
        self.clock = clock
        self.in_development = config.environment == "development"
        self.following = False
        self._config = check_config(config)
        self._stores = stores
        self._events = events
        self._outside: Outside | None = None
        self._client = FIRST_PARTY
        self._context: Context | None = None

    @property
    def context(self) -> Context:
        """The running context.

        Raises:
            ConfigError: before `start`.
        """
        if self._context is None:
            raise ConfigError("Auth has not started: run the application's lifespan, or await auth.start().")
        return self._context

    def become_provider(self, config: AuthConfig, client: Client) -> None:
        """Take the configuration of an authorization server. What it fetches and sends out goes through one fetcher."""
        self._config, self._client = check_config(config), client
        fetcher = Fetcher(address_policy(OutgoingSettings()))
        self._outside = Outside(fetcher=fetcher, poster=fetcher)

    async def start(self, *, follow: bool) -> None:
        """Check the schema (in development: bring it up to date), then load keys, roles and revocations."""
        if self._config.environment == "development":
            await self._stores.migrate()
        await self._stores.check_schema()
        shared = open_shared(self._config)
        context = open_context(
            self._config,
            self._stores,
            clock=self.clock,
            events=self._events,
            shared=shared,
            outside=self._outside,
        )
        context = replace(context, client=self._client)
        await context.start(follow=follow)
        self._context = context
        self.following = follow

    async def attend(self) -> None:
        """Read the revocation feed once."""
        await self.context.follower.catch_up()

    async def close(self) -> None:
        """Stop the background task and close the connections."""
        context, self._context, self.following = self._context, None, False
        if context is not None:
            await context.close()
            if context.shared is not None:
                await context.shared.close()
        await self._stores.close()

    def recall(self, token: str) -> Principal | None:
        """Return the principal of a token that was verified before; everything that can change is asked again."""
        return access.authenticate_now(self.context, token)

    async def authenticate(self, token: str) -> Principal:
        """Verify one of our own access tokens; without I/O where it is good."""
        return await access.authenticate(self.context, token)

    async def load_user(self, principal: Principal) -> User:
        """Read the account from the store."""
        if principal.subject == principal.client_id:
            raise AccessRefused("This needs a person, not a client.")
        try:
            return await account.get_account(self.context, principal.subject)
        except NotFound as error:
            raise InvalidToken(hint="the account is gone") from error
