"""One router with every route of ours: the protocol, accounts, administration, the well-known documents."""

from pydantic import BaseModel

from watchword.config import AuthConfig
from watchword.fastapi.profiles import account_models
from watchword.fastapi.routes.accounts import accounts_router
from watchword.fastapi.routes.admin import admin_router
from watchword.fastapi.routes.introspection import introspection_router
from watchword.fastapi.routes.oauth import oauth_router
from watchword.fastapi.routes.reserved import ReservedRouter
from watchword.fastapi.routes.well_known import well_known_router


def build_router(config: AuthConfig, profile_model: type[BaseModel] | None) -> ReservedRouter:
    """Return the routes under `config.prefix`, and the well-known documents at the root.

    Args:
        config: names the prefix, the issuer and the limits.
        profile_model: the application's own profile fields, shown in the schema; None to accept none.
    """
    models = account_models(profile_model)
    documents = well_known_router(config)
    router = ReservedRouter(
        starts=[f"{config.prefix}/", *(str(getattr(route, "path", "")) for route in documents.routes)]
    )
    protocol = (oauth_router(), introspection_router())
    for part in (*protocol, accounts_router(config, models), admin_router(config, models)):
        router.include(part, prefix=config.prefix)
    router.include(documents)
    return router
