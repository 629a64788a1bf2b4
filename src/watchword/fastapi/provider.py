"""What an application that is an authorization server has beside its `Auth`: pages, origins, capabilities."""

from dataclasses import replace

from watchword.config import AuthConfig
from watchword.core.oauth.capabilities import PROVIDER, Capabilities
from watchword.core.oauth.client_rules import IMPLICIT
from watchword.core.oauth.response_modes import RESPONSE_TYPES
from watchword.fastapi.cors import Origins
from watchword.fastapi.pages.render import Pages


class Provider:
    """The HTTP side of the authorization server.

    Args:
        config: the configuration in force.
    """

    def __init__(self, config: AuthConfig) -> None:
        self.pages = Pages(config)
        self.origins = Origins()
        self.capabilities = capabilities(config, ui_locales=self.pages.languages.names)


def capabilities(config: AuthConfig, *, ui_locales: tuple[str, ...] = ()) -> Capabilities:
    """Return what the authorization server of this configuration can do, for its discovery documents."""
    provider = config.provider
    legacy = provider.legacy_response_types
    return replace(
        PROVIDER,
        registration_endpoint=provider.registration != "off",
        id_token_algs=tuple(dict.fromkeys(("RS256", *provider.id_token_algorithms))),
        grant_types=(*PROVIDER.grant_types, IMPLICIT) if legacy else PROVIDER.grant_types,
        response_types=tuple(RESPONSE_TYPES) if legacy else PROVIDER.response_types,
        response_modes=("query", "fragment", "form_post") if legacy else PROVIDER.response_modes,
        ui_locales=ui_locales,
    )
