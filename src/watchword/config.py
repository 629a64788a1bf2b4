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
    strict_revocation: bool = False
    revocation_poll: timedelta = timedelta(milliseconds=500)
    revocation_stale_after: timedelta = timedelta(seconds=10)
    body_limit: int = 64 * 1024

    @property
    def resource(self) -> str:
        """The audience of access tokens for this application itself."""
        return self.audience or self.issuer
