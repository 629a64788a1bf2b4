"""Makes an `AuthConfig` of settings: plain numbers become timedeltas, secrets become bytes."""

from datetime import timedelta
from typing import TYPE_CHECKING

from watchword.config import AuthConfig, LimitConfig, PasswordConfig, TokenConfig
from watchword.settings.checks import listed_secrets
from watchword.settings.dev_secret import get_development_secret

if TYPE_CHECKING:
    from watchword.settings.fields import Settings


def build_config(settings: "Settings") -> AuthConfig:
    """Return the configuration that these settings describe.

    Raises:
        ConfigError: the secret of a development machine cannot be made or read.
    """
    return AuthConfig(
        issuer=settings.issuer,
        secrets=_secrets(settings),
        environment=settings.env,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        audience=settings.audience,
        prefix=settings.prefix,
        signup=settings.signup,
        invite_ttl=timedelta(seconds=settings.invite_ttl),
        tokens=_tokens(settings),
        passwords=_passwords(settings),
        limits=LimitConfig(enabled=settings.rate_limits, strict=settings.strict_rate_limits),
        provider=settings.to_provider(),
        pages=settings.to_pages(),
        strict_revocation=settings.strict_revocation,
    )


def _secrets(settings: "Settings") -> tuple[bytes, ...]:
    given = tuple(secret.encode() for secret in listed_secrets(settings))
    return given or (get_development_secret(),)


def _tokens(settings: "Settings") -> TokenConfig:
    return TokenConfig(
        algorithm=settings.signing_algorithm,
        access_ttl=timedelta(seconds=settings.access_ttl),
        refresh_idle_ttl=timedelta(seconds=settings.refresh_idle_ttl),
        refresh_max_ttl=timedelta(seconds=settings.refresh_max_ttl),
        refresh_grace=timedelta(seconds=settings.refresh_grace),
        key_lifetime=timedelta(seconds=settings.key_lifetime),
    )


def _passwords(settings: "Settings") -> PasswordConfig:
    return PasswordConfig(
        min_length=settings.min_password_length,
        memory_kib=settings.argon2_memory_kib,
        time_cost=settings.argon2_time_cost,
        parallelism=settings.argon2_parallelism,
        memory_budget_mib=settings.password_memory_mib,
    )
