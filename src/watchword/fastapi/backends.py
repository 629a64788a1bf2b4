"""What stands behind an `Auth`: the application's own accounts, or the tokens of another issuer."""

from collections.abc import Sequence
from typing import Any, Protocol

from watchword.config import AuthConfig
from watchword.core.account_errors import AccessRefused, NotFound
from watchword.core.errors import ConfigError, InvalidToken
from watchword.core.models.identity import Principal, User
from watchword.flows import access, account
from watchword.flows.context import Context, open_context
from watchword.flows.events import EventBus
from watchword.ports.bundle import Stores
from watchword.ports.outside import Clock, HttpFetcher
from watchword.remote.addresses import AddressPolicy
from watchword.remote.fetcher import Fetcher
from watchword.remote.verifier import RemoteVerifier
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

    async def start(self, *, follow: bool) -> None:
        """Check the schema (in development: bring it up to date), then load keys, roles and revocations."""
        if self._config.environment == "development":
            await self._stores.migrate()
        await self._stores.check_schema()
        shared = open_shared(self._config)
        context = open_context(self._config, self._stores, clock=self.clock, events=self._events, shared=shared)
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


class RemoteBackend:
    """Tokens of another issuer; there are no accounts here."""

    has_accounts = False

    def __init__(self, verifier: RemoteVerifier, clock: Clock, *, in_development: bool) -> None:
        self.clock = clock
        self.in_development = in_development
        self.following = False
        self._verifier = verifier

    @property
    def context(self) -> Context:
        """Refuse: there are no accounts here."""
        raise ConfigError("Auth.remote(...) verifies another issuer's tokens; it has no accounts of its own.")

    async def start(self, *, follow: bool) -> None:
        """Fetch the issuer's keys ahead of the first request, if it can be reached."""
        await self._verifier.start()
        self.following = follow

    async def attend(self) -> None:
        """Do nothing: keys are fetched when a token needs them."""

    async def close(self) -> None:
        """Close the connections to the issuer."""
        self.following = False
        await self._verifier.close()

    def recall(self, token: str) -> Principal | None:  # noqa: ARG002  the port's name
        """Remember nothing: another issuer's token is verified each time."""
        return None

    async def authenticate(self, token: str) -> Principal:
        """Verify a token of the issuer; without I/O once its keys are known."""
        return await self._verifier.authenticate(token)

    async def load_user(self, principal: Principal) -> User:  # noqa: ARG002  the port's name
        """Refuse: a resource server has no accounts."""
        raise ConfigError("CurrentUser needs accounts; with Auth.remote(...) use CurrentPrincipal.")


def remote_backend(
    issuer: str,
    audience: str | Sequence[str],
    *,
    clock: Clock,
    fetcher: HttpFetcher | None,
    allow_private_addresses: bool | None,
    **options: Any,  # noqa: ANN401  RemoteVerifier types and checks them
) -> RemoteBackend:
    """Make the backend of `Auth.remote`, fetching by the settings unless a fetcher is given.

    Raises:
        ConfigError: if an argument is missing or unsafe, or outgoing requests need an extra that is not installed.
    """
    settings = OutgoingSettings()
    fetcher = fetcher or Fetcher(_address_policy(settings, allow_private_addresses))
    verifier = RemoteVerifier(issuer, audience, clock=clock, fetcher=fetcher, **options)
    return RemoteBackend(verifier, clock, in_development=settings.env == "development")


def _address_policy(settings: OutgoingSettings, allow_private: bool | None) -> AddressPolicy:
    if settings.allow_private_addresses if allow_private is None else allow_private:
        return AddressPolicy.PRIVATE
    return AddressPolicy.LOOPBACK if settings.env == "development" else AddressPolicy.PUBLIC
