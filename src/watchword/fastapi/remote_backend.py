"""What stands behind `Auth.remote`: the tokens of another issuer."""

from collections.abc import Sequence
from typing import Any

from watchword.config import AuthConfig
from watchword.core.errors import ConfigError
from watchword.core.models.grants import Client
from watchword.core.models.identity import Principal, User
from watchword.fastapi.outgoing import address_policy
from watchword.flows.context import Context
from watchword.ports.outside import Clock, HttpFetcher
from watchword.remote.fetcher import Fetcher
from watchword.remote.verifier import RemoteVerifier
from watchword.settings.outgoing import OutgoingSettings


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

    def become_provider(self, config: AuthConfig, client: Client) -> None:  # noqa: ARG002  the port's names
        """Refuse: another issuer logs people in."""
        raise ConfigError("Auth.remote(...) has no accounts, so it cannot be an authorization server.")

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
    fetcher = fetcher or Fetcher(address_policy(settings, allow_private_addresses))
    verifier = RemoteVerifier(issuer, audience, clock=clock, fetcher=fetcher, **options)
    return RemoteBackend(verifier, clock, in_development=settings.env == "development")
