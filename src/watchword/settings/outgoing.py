"""The two settings that a resource server without accounts reads: it needs no secret and no issuer of its own."""

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from watchword.config import Environment


class OutgoingSettings(BaseSettings):
    """Which addresses outgoing requests may reach; the fields are those of `Settings`."""

    model_config = SettingsConfigDict(
        env_prefix="WATCHWORD_", env_file=".env", toml_file="watchword.toml", extra="ignore", frozen=True
    )

    env: Environment = "development"
    allow_private_addresses: bool = False

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  there are no files of secrets here
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, `.env`, `watchword.toml`."""
        return init_settings, env_settings, dotenv_settings, TomlConfigSettingsSource(settings_cls)
