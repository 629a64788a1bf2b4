"""Every route that only an authorization server has: its endpoints, and its pages."""

from fastapi import APIRouter

from watchword.core.oauth.capabilities import Capabilities
from watchword.fastapi.cors import preflight
from watchword.fastapi.problem_route import OAuthRoute
from watchword.fastapi.routes.authorize import authorize_router
from watchword.fastapi.routes.device import device_api_router, device_page_router
from watchword.fastapi.routes.end_session import end_session_router
from watchword.fastapi.routes.page_assets import assets_router
from watchword.fastapi.routes.registration import registration_router
from watchword.fastapi.routes.userinfo import userinfo_router


def provider_routers(capabilities: Capabilities) -> tuple[APIRouter, ...]:
    """Return the routers, without the prefix. Clients can register themselves only where that is allowed."""
    registration = (registration_router(),) if capabilities.registration_endpoint else ()
    return (
        authorize_router(),
        userinfo_router(),
        device_api_router(),
        device_page_router(),
        end_session_router(),
        assets_router(),
        *registration,
        _preflight_router(),
    )


def _preflight_router() -> APIRouter:
    """Return what answers browsers that ask before a page of another origin may send something."""
    router = APIRouter(route_class=OAuthRoute, include_in_schema=False)
    for path, methods in (("/token", "POST"), ("/revoke", "POST"), ("/userinfo", "GET, POST")):
        router.add_api_route(path, preflight(methods), methods=["OPTIONS"], response_model=None)
    return router
