"""The settings of the authorization server for other applications."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, cast

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from watchword.config import IdTokenAlgorithm, ProviderConfig, Registration, RegistrationConsent

_DAY = 24 * 60 * 60
Seconds = Annotated[int, Field(ge=1, le=3650 * _DAY)]
_ALGORITHMS = r"^(RS256|ES256|EdDSA)(, ?(RS256|ES256|EdDSA))*$"
_LEAST_SECRET = 32


class ProviderFields(BaseSettings):
    """What the authorization server does: part of `Settings`."""

    provider: bool = Field(
        False,
        description="Be an authorization server for other applications (OAuth 2.1, OpenID Connect). `watchword serve` "
        "always is one.",
    )
    code_ttl: int = Field(60, ge=1, le=600, description="Seconds that an authorization code may be redeemed.")
    interaction_ttl: int = Field(
        600, ge=60, le=3600, description="Seconds that a page of a login may stay open before it is sent."
    )
    browser_idle_ttl: Seconds = Field(
        _DAY, description="Seconds after which a login at the hosted pages ends if the browser does not come back."
    )
    browser_max_ttl: Seconds = Field(
        14 * _DAY, description="Seconds after which a login at the hosted pages ends however it is used."
    )
    id_token_ttl: int = Field(3600, ge=60, le=_DAY, description="Seconds that an ID token is good.")
    id_token_algorithms: str = Field(
        "RS256",
        pattern=_ALGORITHMS,
        description="How ID tokens may be signed, separated by commas: RS256 (always), ES256, EdDSA. Each has keys of "
        "its own, which rotate by themselves.",
    )
    device_ttl: int = Field(600, ge=60, le=3600, description="Seconds that the code which a device shows is good.")
    registration: Registration = Field(
        "off", description="Who may register a client: nobody, holders of an initial access token, or everyone."
    )
    registration_consent: RegistrationConsent = Field(
        "always",
        description="How often people are asked whether a client that registered itself may have what it requests, "
        "until an administrator verifies it: at every authorization, or once.",
    )
    require_pkce: bool = Field(
        True,
        description="Let clients that register themselves with a secret need PKCE too. Public clients always do.",
    )
    legacy_response_types: bool = Field(
        False, description="Offer hybrid and implicit response types to clients registered for them: for certification."
    )
    pairwise_secret: SecretStr | None = Field(
        None,
        description="What pairwise subjects are derived from, at least 32 bytes. Unset means the last secret of "
        "`secret_key`: set this to that one before you change the list, or every pairwise subject changes.",
    )

    def to_provider(self) -> ProviderConfig:
        """Return these settings as the flows take them."""
        algorithms = tuple(name.strip() for name in self.id_token_algorithms.split(","))
        return ProviderConfig(
            enabled=self.provider,
            code_ttl=timedelta(seconds=self.code_ttl),
            interaction_ttl=timedelta(seconds=self.interaction_ttl),
            browser_idle_ttl=timedelta(seconds=self.browser_idle_ttl),
            browser_max_ttl=timedelta(seconds=self.browser_max_ttl),
            id_token_ttl=timedelta(seconds=self.id_token_ttl),
            id_token_algorithms=cast("tuple[IdTokenAlgorithm, ...]", algorithms),
            device_ttl=timedelta(seconds=self.device_ttl),
            registration=self.registration,
            registration_consent=self.registration_consent,
            require_pkce=self.require_pkce,
            legacy_response_types=self.legacy_response_types,
            pairwise_secret=self.pairwise_secret.get_secret_value().encode() if self.pairwise_secret else b"",
        )


def browser_idle_fits_max(settings: ProviderFields) -> Iterator[str]:
    """A login cannot idle for longer than it lasts."""
    if settings.browser_idle_ttl > settings.browser_max_ttl:
        yield "is longer than WATCHWORD_BROWSER_MAX_TTL; lower it or raise the other."


def pairwise_secret_is_long(settings: ProviderFields) -> Iterator[str]:
    """Who guesses it can tell which subjects are one person."""
    secret = settings.pairwise_secret
    if secret is not None and len(secret.get_secret_value().encode()) < _LEAST_SECRET:
        yield f"is shorter than {_LEAST_SECRET} bytes; make one with `watchword init`."
