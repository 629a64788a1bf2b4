"""Discovery: RFC 8414 and OpenID Connect Discovery 1.0, with the issuer that configuration names."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from watchword.config import AuthConfig
from watchword.core.oauth.capabilities import NOTHING, Capabilities
from watchword.core.oauth.metadata import (
    authorization_server_metadata,
    authorization_server_metadata_path,
    openid_configuration,
    openid_configuration_paths,
)
from watchword.fastapi.problem_route import OAuthRoute
from watchword.fastapi.public import public
from watchword.fastapi.routes.cached import cached_json
from watchword.fastapi.routes.documented import json_response


def well_known_router(config: AuthConfig, provider: Capabilities = NOTHING) -> APIRouter:
    """Return the routes of the discovery documents, at the root."""
    router = APIRouter(route_class=OAuthRoute, tags=["oauth"])
    pages = {authorization_server_metadata_path(config.issuer): authorization_server_metadata(config, provider)}
    pages |= dict.fromkeys(openid_configuration_paths(config.issuer), openid_configuration(config, provider))
    for path, document in pages.items():
        router.add_api_route(
            path,
            _publish(document, config),
            methods=["GET"],
            name="discovery",
            summary="Authorization server metadata",
            responses={200: json_response("The metadata", {"type": "object"})},
            response_model=None,
        )
    return router


def _publish(document: dict[str, Any], config: AuthConfig) -> Callable[[Request], Awaitable[Response]]:
    @public
    async def discovery(request: Request) -> Response:
        """Name the endpoints of this server and what they can do."""
        return cached_json(request, document, max_age=config.tokens.jwks_max_age)

    return discovery
