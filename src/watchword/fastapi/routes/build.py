"""One router with every route of ours: the protocol, accounts, administration, the well-known documents."""

from fastapi import APIRouter
from pydantic import BaseModel

from watchword.config import AuthConfig
from watchword.core.oauth.capabilities import NOTHING, Capabilities
from watchword.fastapi.profiles import account_models
from watchword.fastapi.routes.accounts import accounts_router
from watchword.fastapi.routes.admin import admin_router
from watchword.fastapi.routes.introspection import introspection_router
from watchword.fastapi.routes.oauth import oauth_router
from watchword.fastapi.routes.reserved import ReservedRouter
from watchword.fastapi.routes.well_known import well_known_router


def build_router(
    config: AuthConfig, profile_model: type[BaseModel] | None, capabilities: Capabilities = NOTHING
) -> ReservedRouter:
    """Return the routes under `config.prefix`, and the well-known documents at the root.

    Args:
        config: names the prefix, the issuer and the limits.
        profile_model: the application's own profile fields, shown in the schema; None to accept none.
        capabilities: what the authorization server can do; it has routes and pages where it has a login.
    """
    models = account_models(profile_model)
    documents = well_known_router(config, capabilities)
    router = ReservedRouter(
        starts=[f"{config.prefix}/", *(str(getattr(route, "path", "")) for route in documents.routes)]
    )
    protocol = (oauth_router(), introspection_router(), *_provider_routers(capabilities))
    admin = admin_router(config, models, provider=capabilities.authorization_endpoint)
    for part in (*protocol, accounts_router(config, models), admin):
        router.include(part, prefix=config.prefix)
    router.include(documents)
    return router


def _provider_routers(capabilities: Capabilities) -> tuple[APIRouter, ...]:
    """Return the routes of an authorization server with a hosted login, if it is one."""
    if not capabilities.authorization_endpoint:
        return ()
    from watchword.fastapi.routes.provider import provider_routers

    return provider_routers(capabilities)
