"""Configuration as frozen, typed groups. It never reads the environment; `settings.py` does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from watchword.core.models.identity import Scope
from watchword.core.models.limits import Limit

Environment = Literal["development", "production"]
Algorithm = Literal["HS256", "RS256", "PS256", "ES256", "EdDSA"]
Signup = Literal["open", "invite", "closed"]
IdTokenAlgorithm = Literal["RS256", "ES256", "EdDSA"]
Registration = Literal["off", "token", "open"]
RegistrationConsent = Literal["always", "remember"]

ADMIN_SCOPE = Scope(name="admin", description="Administer accounts, roles and keys", restricted=True)
FIRST_PARTY_CLIENT_ID = "first-party"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenConfig:
    """Lifetimes of tokens and keys."""

    algorithm: Algorithm = "ES256"
    access_ttl: timedelta = timedelta(minutes=10)
    refresh_idle_ttl: timedelta = timedelta(days=14)
    refresh_max_ttl: timedelta = timedelta(days=90)
    refresh_grace: timedelta = timedelta(seconds=10)
    leeway: timedelta = timedelta(seconds=10)
    """How far clocks of different machines may differ when `iat` and `nbf` are checked; never applied to `exp`."""
    key_lifetime: timedelta = timedelta(days=90)
    """How long a key signs before the next is published."""
    jwks_max_age: timedelta = timedelta(minutes=5)
    clock_skew: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordConfig:
    """argon2id cost (RFC 9106), the pool that computes it, and the policy (NIST SP 800-63B-4 section 3.1.1)."""

    min_length: int = 8
    max_length: int = 128
    context_words: tuple[str, ...] = ("watchword",)
    memory_kib: int = 19 * 1024
    time_cost: int = 2
    parallelism: int = 1
    memory_budget_mib: int = 256
    queue_limit: int = 128
    queue_deadline: timedelta = timedelta(milliseconds=700)
    """How long a caller waits for a thread. What it takes to read 256 requests comes on top, and 1 s is promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitConfig:
    """Rate limits of the credential endpoints. Successful logins are not counted against an address."""

    login_per_account: Limit = Limit(10, 60)  # noqa: RUF009  frozen, so sharing it is safe
    """Attempts on one account from one address: an IPv4 address or an IPv6 /64."""
    login_per_account_anywhere: Limit = Limit(100, 60)  # noqa: RUF009
    """Attempts on one account from all addresses; much higher, so that strangers cannot easily lock its owner out."""
    login_per_address: Limit = Limit(100, 60)  # noqa: RUF009
    signup_per_address: Limit = Limit(30, 60)  # noqa: RUF009
    taken_emails: Limit = Limit(10, 3600)  # noqa: RUF009
    """How often one account may be told that an e-mail address belongs to another."""
    client_failures: Limit = Limit(20, 60)  # noqa: RUF009
    """Failed authentications as one client from one address."""
    client_failures_per_address: Limit = Limit(100, 60)  # noqa: RUF009
    enabled: bool = True
    strict: bool = False
    """Where Redis counts: refuse what is limited while it does not answer, instead of limiting in each process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PagesConfig:
    """How the hosted pages look. Empty means as they come; colours are `#rrggbb`."""

    product: str = "Watchword"
    """What the pages call the one who runs them."""
    logo: str = ""
    """An https address of a picture."""
    colour: str = ""
    """Of buttons; the text on them is black or white, whichever can be read better."""
    colour_dark: str = ""
    """The same where the browser prefers a dark page; empty means `colour`."""
    templates: str = ""
    """A directory whose templates stand in for those of the same name, and whose `messages/*.toml` add texts."""
    language: str = "en"
    """Of people whose own languages are not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderConfig:
    """The authorization server for other applications: OAuth 2.1 and OpenID Connect, with hosted pages."""

    enabled: bool = False
    code_ttl: timedelta = timedelta(seconds=60)
    interaction_ttl: timedelta = timedelta(minutes=10)
    """How long a page of the login may stay open before it is sent."""
    browser_idle_ttl: timedelta = timedelta(days=1)
    browser_max_ttl: timedelta = timedelta(days=14)
    id_token_ttl: timedelta = timedelta(hours=1)
    id_token_algorithms: tuple[IdTokenAlgorithm, ...] = ("RS256",)
    """What clients may register for; a key of each is made at start. RS256 is always among them."""
    device_ttl: timedelta = timedelta(minutes=10)
    device_interval: timedelta = timedelta(seconds=5)
    device_guesses: Limit = Limit(10, 600)  # noqa: RUF009  frozen, so sharing it is safe
    """Wrong user codes from one address."""
    device_requests: Limit = Limit(100, 600)  # noqa: RUF009
    """Devices that begin at one address."""
    registration: Registration = "off"
    """Who may register a client: nobody, holders of an initial access token, or everyone."""
    registrations: Limit = Limit(100, 3600)  # noqa: RUF009
    """New clients from one address. A certification makes some dozens."""
    registration_consent: RegistrationConsent = "always"
    """How often people are asked for a client that registered itself, until somebody has verified it."""
    require_pkce: bool = True
    """Whether clients that register themselves with a secret need PKCE too; public ones always do."""
    legacy_response_types: bool = False
    """Offer hybrid and implicit response types to clients that are registered for them: for certification only."""
    pairwise_secret: bytes = field(default=b"", repr=False)
    """What pairwise subjects are derived from; empty means the last of the server's secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthConfig:
    """Everything that the library needs to know. Built by `Settings.to_config()` or by hand.

    `secrets` are at least 32 bytes each; the first writes, all read. `audience` defaults to the issuer.
    """

    issuer: str
    secrets: tuple[bytes, ...] = field(repr=False)
    environment: Environment = "development"
    database_url: str = field(default="sqlite:///watchword.db", repr=False)
    redis_url: str = field(default="", repr=False)
    audience: str = ""
    prefix: str = "/auth"
    signup: Signup = "open"
    invite_ttl: timedelta = timedelta(days=7)
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    default_scopes: tuple[str, ...] = ()
    tokens: TokenConfig = TokenConfig()
    passwords: PasswordConfig = PasswordConfig()
    limits: LimitConfig = LimitConfig()
    provider: ProviderConfig = ProviderConfig()
    pages: PagesConfig = PagesConfig()
    strict_revocation: bool = False
    revocation_poll: timedelta = timedelta(milliseconds=500)
    revocation_stale_after: timedelta = timedelta(seconds=10)
    body_limit: int = 64 * 1024

    @property
    def resource(self) -> str:
        """The audience of access tokens for this application itself."""
        return self.audience or self.issuer

    @property
    def signing_algorithms(self) -> tuple[str, ...]:
        """The algorithms that this server signs by, that of access tokens first; each has keys of its own."""
        provider = self.provider
        more = ("RS256", *provider.id_token_algorithms) if provider.enabled else ()
        return tuple(dict.fromkeys((self.tokens.algorithm, *more)))
