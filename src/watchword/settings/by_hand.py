"""Holds an `AuthConfig` that was made by hand to the same rules as the settings."""

from typing import TYPE_CHECKING

from pydantic import SecretStr

from watchword.config import AuthConfig
from watchword.core.errors import ConfigError
from watchword.settings.checks import MIN_SECRET_BYTES, NEW_SECRET, find_problems
from watchword.settings.fields import Settings

if TYPE_CHECKING:
    from datetime import timedelta


def check_config(config: AuthConfig) -> AuthConfig:
    """Return the configuration.

    Raises:
        ConfigError: for everything in it that settings may not be either, in one message, with remedies.
    """
    if not config.secrets:
        raise ConfigError(f"AuthConfig.secrets is empty; {NEW_SECRET}.")
    if any(len(secret) < MIN_SECRET_BYTES for secret in config.secrets):
        raise ConfigError(f"AuthConfig.secrets holds one shorter than {MIN_SECRET_BYTES} bytes; {NEW_SECRET}.")
    problems = find_problems(_as_settings(config), unless=())
    if problems:
        raise ConfigError(
            "\n".join(f"AuthConfig, as WATCHWORD_{problem.field.upper()}, {problem.sentence}" for problem in problems)
        )
    return config


def _as_settings(config: AuthConfig) -> Settings:
    tokens, passwords = config.tokens, config.passwords
    return Settings.model_construct(
        env=config.environment,
        issuer=config.issuer,
        secret_key=SecretStr(",".join(map(_text, config.secrets))),
        database_url=config.database_url,
        redis_url=config.redis_url,
        key_lifetime=_seconds(tokens.key_lifetime),
        access_ttl=_seconds(tokens.access_ttl),
        refresh_idle_ttl=_seconds(tokens.refresh_idle_ttl),
        refresh_max_ttl=_seconds(tokens.refresh_max_ttl),
        refresh_grace=_seconds(tokens.refresh_grace),
        argon2_memory_kib=passwords.memory_kib,
        argon2_time_cost=passwords.time_cost,
        password_memory_mib=passwords.memory_budget_mib,
        rate_limits=config.limits.enabled,
        strict_rate_limits=config.limits.strict,
        pages_templates=config.pages.templates,
        browser_idle_ttl=_seconds(config.provider.browser_idle_ttl),
        browser_max_ttl=_seconds(config.provider.browser_max_ttl),
        pairwise_secret=SecretStr(_text(config.provider.pairwise_secret)) if config.provider.pairwise_secret else None,
    )


def _text(secret: bytes) -> str:
    """One character for each byte, and no comma or space, which separate secrets in a list."""
    return "".join(char if char.isprintable() and char not in ", " else "_" for char in secret.decode("latin-1"))


def _seconds(span: "timedelta") -> int:
    return int(span.total_seconds())
