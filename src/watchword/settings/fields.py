"""The settings, each with the description that the reference page prints."""

import logging
import os
import tomllib
from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, ValidationError, ValidatorFunctionWrapHandler, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from watchword.config import Algorithm, AuthConfig, Environment, Signup
from watchword.core.errors import ConfigError
from watchword.settings.build import build_config
from watchword.settings.checks import find_problems
from watchword.settings.page_fields import PageFields
from watchword.settings.problems import Problem, refuse, unreadable
from watchword.settings.provider_fields import ProviderFields
from watchword.settings.unknown import unknown_names

logger = logging.getLogger("watchword.settings")

DAY = 24 * 60 * 60
Seconds = Annotated[int, Field(ge=1, le=3650 * DAY)]


class Settings(PageFields, ProviderFields):
    """What an operator may set: by environment variable, in `.env`, or in `watchword.toml`, in that order.

    Raises:
        ConfigError: for every setting that is malformed, unsafe or contradictory, in one message, with remedies.
    """

    model_config = SettingsConfigDict(
        env_prefix="WATCHWORD_",
        env_file=".env",
        dotenv_filtering="match_prefix",
        toml_file="watchword.toml",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    env: Environment = Field("development", description="Production refuses to start with anything unsafe.")
    issuer: str = Field(
        "http://localhost:8000",
        description="The public address of this server: https in production, no query, no fragment, no slash at the "
        "end. It is the `iss` of every token and is never taken from the Host header.",
    )
    secret_key: SecretStr | None = Field(
        None,
        description="One or more secrets of at least 32 bytes, separated by commas. The first seals and signs, all "
        "open and verify: put a new one last everywhere, then first everywhere, then drop the old one. In "
        "development a random one is made in `.watchword/secret`; production needs it.",
    )
    database_url: str = Field(
        "sqlite:///watchword.db",
        repr=False,
        description="Where accounts, sessions and keys live: `sqlite:///file`, `postgresql://user:password@host/database`,"
        " `mongodb://user:password@host/database`, or `memory://` for tests.",
    )
    redis_url: str = Field(
        "",
        repr=False,
        description="A Redis that all processes share: `redis://host:6379/0`, `rediss://` for TLS, or "
        "`unix:///path?db=0`. Rate limits then count for all of them together and revocations arrive at once.",
    )
    audience: str = Field("", description="The `aud` of access tokens for this application. Empty means the issuer.")
    prefix: str = Field(
        "/auth",
        pattern=r"^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$",
        description="The path under which the routes of Watchword stand.",
    )
    signup: Signup = Field("open", description="Who may sign up: everyone, holders of an invitation, or nobody.")
    invite_ttl: Seconds = Field(7 * DAY, description="Seconds for which an invitation may be used.")

    signing_algorithm: Algorithm = Field(
        "ES256",
        description="How new signing keys sign access tokens. HS256 is for one application that issues and verifies.",
    )
    key_lifetime: Seconds = Field(90 * DAY, description="Seconds that a key signs before the next one takes over.")
    access_ttl: Seconds = Field(600, description="Seconds that an access token lives; at most 3600 in production.")
    refresh_idle_ttl: Seconds = Field(14 * DAY, description="Seconds that a login lasts without being refreshed.")
    refresh_max_ttl: Seconds = Field(90 * DAY, description="Seconds that a login lasts in all, however it is used.")
    refresh_grace: int = Field(
        10,
        ge=0,
        le=300,
        description="Seconds in which a refresh token that was just used answers the same successor, so that two tabs "
        "racing log nobody out. 0 is strict: every second use ends the session.",
    )
    strict_revocation: bool = Field(
        False,
        description="Refuse tokens while the revocation feed cannot be read, instead of going on with what is known.",
    )

    min_password_length: int = Field(8, ge=8, le=64, description="Characters that a new password must have at least.")
    argon2_memory_kib: int = Field(19 * 1024, ge=64, le=4 << 20, description="KiB of memory of one argon2id hash.")
    argon2_time_cost: int = Field(2, ge=1, le=64, description="Passes of one argon2id hash over its memory.")
    argon2_parallelism: int = Field(1, ge=1, le=16, description="Lanes of one argon2id hash.")
    password_memory_mib: int = Field(
        256, ge=1, le=1 << 20, description="MiB that all password hashes running at once may use together."
    )
    rate_limits: bool = Field(
        True, description="Limit attempts at login and sign-up, per account and per address. Must be on in production."
    )
    strict_rate_limits: bool = Field(
        False, description="Refuse logins with 503 while Redis is down, instead of limiting them in each process alone."
    )

    allow_private_addresses: bool = Field(
        False, description="Let outgoing requests (the keys of another issuer) reach private and local addresses."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of reverse proxies, separated by commas, whose `X-Forwarded-For` and "
        "`X-Forwarded-Proto` the server believes. Set it behind a proxy, or rate limits see only the proxy's address.",
    )
    shutdown_delay: int = Field(
        0,
        ge=0,
        le=300,
        description="Seconds for which a server that was told to stop still answers while `/readyz` says 503, so that "
        "a load balancer turns away first.",
    )
    docs: bool | None = Field(
        None, description="Serve `/docs` and `/openapi.json`. Unset means yes in development and no in production."
    )
    debug: bool = Field(False, description="Show tracebacks in answers. Refused in production.")

    @model_validator(mode="wrap")
    @classmethod
    def _refuse_problems(cls, data: Any, build: ValidatorFunctionWrapHandler) -> Self:  # noqa: ANN401
        """Build, and where something is wrong collect everything that is, in one `ConfigError`."""
        problems: tuple[Problem, ...] = ()
        try:
            settings: Self = build(data)
        except ValidationError as error:
            problems = unreadable(error, known=tuple(cls.model_fields))
            settings = build({name: value for name, value in data.items() if name not in {p.field for p in problems}})
        refuse((*problems, *find_problems(settings, unless={problem.field for problem in problems})))
        return settings

    def __init__(self, **values: Any) -> None:  # noqa: ANN401  pydantic validates them
        """Read the sources and check the lot.

        Raises:
            ConfigError: a file cannot be read, or a setting is refused.
        """
        try:
            super().__init__(**values)
        except tomllib.TOMLDecodeError as error:
            raise ConfigError(f"watchword.toml is not valid TOML: {error}.") from None
        except (OSError, UnicodeDecodeError, SettingsError) as error:
            kind = type(error).__name__
            raise ConfigError(f"A settings file cannot be read ({kind}). Check .env and watchword.toml.") from None

    @classmethod
    def load(cls) -> Self:
        """Return the settings of this process, and warn of names that look like settings. Raises `ConfigError`."""
        for sentence in unknown_names(os.environ, cls.model_fields):
            logger.warning("%s", sentence)
        return cls()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, `.env`, `watchword.toml`."""
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def production(self) -> bool:
        """Whether this is production."""
        return self.env == "production"

    @property
    def show_docs(self) -> bool:
        """Whether `/docs` and `/openapi.json` are served."""
        return not self.production if self.docs is None else self.docs

    def to_config(self) -> AuthConfig:
        """Return these settings as the library takes them.

        In development without a secret, makes `.watchword/secret` or reads it.

        Raises:
            ConfigError: that file cannot be made or read.
        """
        return build_config(self)
