"""Stylesheet and scripts of the pages, and the frame of session management (Session Management 1.0 section 3.2)."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from watchword.core.account_errors import NotFound
from watchword.fastapi.pages.page_route import PageRoute
from watchword.fastapi.pages.policy import check_session_headers
from watchword.fastapi.public import public
from watchword.fastapi.scope import auth_of

_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def assets_router() -> APIRouter:
    """Return the routes, without the prefix."""
    router = APIRouter(route_class=PageRoute, include_in_schema=False)
    router.add_api_route("/static/{name}", show_asset, methods=["GET"], response_model=None)
    router.add_api_route("/check_session", check_session, methods=["GET"], response_model=None)
    return router


@public
async def show_asset(request: Request) -> Response:
    """Return a stylesheet or script. Its name is the hash of its content, so it may be kept for ever."""
    asset = auth_of(request).provider.pages.served.get(request.path_params["name"])
    if asset is None:
        raise NotFound(hint="no such asset")
    return Response(asset.body, headers={**_HEADERS, "Content-Type": asset.media_type})


@public
async def check_session(request: Request) -> Response:
    """Return the frame in which an application's page asks whether its login is still the browser's."""
    pages = auth_of(request).provider.pages
    values = {"cookie": pages.cookies.state}
    return pages.show(request, "check_session.html", pages.texts(request), values, headers=check_session_headers())
