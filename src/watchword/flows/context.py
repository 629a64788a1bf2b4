"""Everything that the use cases need, as one typed object made at start-up."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from watchword.config import ADMIN_SCOPE, FIRST_PARTY_CLIENT_ID, AuthConfig
from watchword.core.accounts.permissions import ADMIN
from watchword.core.errors import ConfigError
from watchword.core.models.grants import Client
from watchword.core.models.identity import Role, Scope
from watchword.core.oauth.openid_scopes import OPENID_SCOPES
from watchword.core.tokens.access_token import TokenRules
from watchword.core.tokens.secrets import SealBroken, Secrets
from watchword.flows.client_book import ClientBook
from watchword.flows.client_keys import ClientKeys
from watchword.flows.clock import SystemClock
from watchword.flows.events import EventBus
from watchword.flows.follower import Follower
from watchword.flows.hash_pool import HashPool
from watchword.flows.housekeeper import Housekeeper
from watchword.flows.limiter import LocalRateLimiter, NoRateLimiter
from watchword.flows.live_keys import LiveKeys
from watchword.flows.logout_notifier import BackgroundNotifier
from watchword.flows.request_uris import RequestUris
from watchword.flows.resource_book import ResourceBook
from watchword.flows.revocation_view import RevocationView
from watchword.flows.role_book import RoleBook
from watchword.flows.shared_limiter import SharedRateLimiter
from watchword.flows.verified_tokens import VerifiedTokens
from watchword.ports.bundle import Stores
from watchword.ports.outside import Clock, FeedSignal, LogoutNotifier, Outside, PasswordHasher, RateLimiter
from watchword.ports.shared import Shared

FIRST_PARTY = Client(
    id=FIRST_PARTY_CLIENT_ID, first_party=True, grants=frozenset({"password", "refresh_token"}), scopes=None
)

UNREADABLE_KEYS = (
    "WATCHWORD_SECRET_KEY does not open the signing keys in the database. Put the secret that was used before at the "
    "end of the list: the first one writes, all read."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The parts, wired. Make it with `open_context`, then `await start()`; `await close()` at the end."""

    config: AuthConfig
    stores: Stores
    clock: Clock
    hasher: PasswordHasher
    limiter: RateLimiter
    secrets: Secrets
    keys: LiveKeys
    view: RevocationView
    roles: RoleBook
    clients: ClientBook
    events: EventBus
    follower: Follower
    rules: TokenRules
    """What access tokens for this application must satisfy."""
    resources: ResourceBook
    notifier: LogoutNotifier
    client_keys: ClientKeys
    """The public keys of clients that publish some."""
    request_uris: RequestUris
    """The request objects that clients publish."""
    outside: Outside | None = None
    """The way to other servers, where there is one."""
    shared: Shared | None = None
    """What processes share beside the database, where Redis is configured."""
    client: Client = FIRST_PARTY
    """The built-in public client; `clients` has those that were registered."""
    verified: VerifiedTokens = field(default_factory=VerifiedTokens)
    housekeeper: Housekeeper = field(default_factory=Housekeeper)
    closers: tuple[Callable[[], object], ...] = ()

    @property
    def scopes(self) -> dict[str, Scope]:
        """The scopes that exist here: the application's, `admin`, and of a provider those of OpenID Connect."""
        openid = OPENID_SCOPES if self.config.provider.enabled else {}
        return {**openid, **self.config.scopes, ADMIN_SCOPE.name: ADMIN_SCOPE}

    @property
    def signal(self) -> FeedSignal:
        """Tells the other processes that the revocation feed has grown."""
        return self.follower.signal

    async def start(self, follow: bool = True) -> None:
        """Read keys, roles and revocations, make a first key if there is none, and follow the feed if asked to.

        Raises:
            StoreUnavailable: the database does not answer.
            ConfigError: none of the configured secrets opens the stored keys.
        """
        from watchword.flows.clock_check import EVERY, check_clock
        from watchword.flows.housekeeping import purge_expired, rest_long
        from watchword.flows.key_rotation import ensure_key, rotate_if_due

        await self._ensure_admin_role()
        try:
            await ensure_key(self)
        except SealBroken:
            raise ConfigError(UNREADABLE_KEYS) from None
        self.follower.add_chore(self.clients.reload, every=timedelta(0))
        if self.config.provider.enabled:
            await self.resources.reload()
            self.follower.add_chore(self.resources.reload, every=timedelta(seconds=2))
        self.follower.add_chore(partial(check_clock, self), every=EVERY)
        await self.follower.catch_up()
        self.follower.add_chore(partial(rotate_if_due, self))  # who does not follow catches up before each request
        if follow and not self.follower.running:
            self.follower.start()
            self.housekeeper.start(partial(purge_expired, self, rest=rest_long))

    async def _ensure_admin_role(self) -> None:
        await self.roles.reload()
        if not self.roles.has(ADMIN):
            await self.stores.roles.put(Role(name=ADMIN, permissions=frozenset({ADMIN})))
            await self.roles.reload()

    async def close(self) -> None:
        """Stop following, let event handlers finish, and for some seconds what tells clients of logouts; free the pool.

        The stores are the caller's to close.
        """
        await self.follower.stop()
        await self.housekeeper.stop()
        await self.events.close()
        await self.notifier.close()
        for close in self.closers:
            close()


def open_context(
    config: AuthConfig,
    stores: Stores,
    *,
    clock: Clock | None = None,
    hasher: PasswordHasher | None = None,
    events: EventBus | None = None,
    shared: Shared | None = None,
    outside: Outside | None = None,
) -> Context:
    """Wire the parts without any I/O. What is passed in stays the caller's to close."""
    clock, push, secrets = clock or SystemClock(), shared or stores, Secrets(config.secrets)
    keys, pool = _live_keys(config, stores, secrets, clock), HashPool(config.passwords)
    view, roles = RevocationView(), RoleBook(stores.roles)
    return Context(
        config=config,
        stores=stores,
        clock=clock,
        hasher=hasher or pool,
        limiter=_limiter(config, clock, shared),
        secrets=secrets,
        keys=keys,
        view=view,
        roles=roles,
        clients=ClientBook(stores.clients, clock),
        events=events or EventBus(),
        follower=Follower(config, stores.revocations, clock, signal=push.signal, view=view, roles=roles, keys=keys),
        rules=_token_rules(config),
        resources=ResourceBook(stores, config, clock),
        notifier=BackgroundNotifier(outside),
        client_keys=ClientKeys(outside, clock),
        request_uris=RequestUris(outside, clock),
        outside=outside,
        shared=shared,
        closers=(pool.close,),
    )


def _limiter(config: AuthConfig, clock: Clock, shared: Shared | None) -> RateLimiter:
    limits = config.limits
    if not limits.enabled:
        return NoRateLimiter()
    local = LocalRateLimiter(clock)
    if shared is None:
        return local
    return SharedRateLimiter(shared.limiter, local, processes=shared.processes, strict=limits.strict)


def _token_rules(config: AuthConfig) -> TokenRules:
    tokens = config.tokens
    most = tokens.access_ttl + timedelta(seconds=1)
    return TokenRules(issuer=config.issuer, audience=config.resource, leeway=tokens.leeway, max_lifetime=most)


def _live_keys(config: AuthConfig, stores: Stores, secrets: Secrets, clock: Clock) -> LiveKeys:
    """Keys of a provider are kept for as long as an ID token lives too."""
    tokens, provider = config.tokens, config.provider
    longest = max(tokens.access_ttl, provider.id_token_ttl) if provider.enabled else tokens.access_ttl
    timing = replace(tokens, access_ttl=longest)
    return LiveKeys(stores.keys, secrets, timing, clock, config.signing_algorithms)
