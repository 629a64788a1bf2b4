"""Swagger UI logs in at the hosted pages, by authorization code with PKCE, and needs no client id typed for it.

In development the built-in first-party client may come back to the documentation of this application; in production
only clients that were registered for it may.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_oauth2_redirect_html
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from watchword.config import AuthConfig
from watchword.core.models.client_metadata import ClientMetadata, ConsentPolicy
from watchword.core.models.grants import Client
from watchword.fastapi.errors import SAFE_HEADERS

LOCAL: Final = ("localhost", "127.0.0.1", "[::1]")


def docs_client(config: AuthConfig, app: FastAPI) -> Client:
    """Return the built-in client of an authorization server: in development it may also log people in for the docs."""
    from watchword.flows.context import FIRST_PARTY

    place = app.swagger_ui_oauth2_redirect_url
    if config.environment != "development" or not app.docs_url or not place:
        return FIRST_PARTY
    issuer = urlsplit(config.issuer)
    origins = [f"{issuer.scheme}://{issuer.netloc}", *(f"http://{host}" for host in LOCAL)]
    metadata = ClientMetadata(
        redirect_uris=tuple(f"{origin}{place}" for origin in origins),
        application_type="native",  # any port of this machine (RFC 8252 section 7.3)
        consent=ConsentPolicy.NEVER,
    )
    return replace(FIRST_PARTY, name=app.title, grants=FIRST_PARTY.grants | {"authorization_code"}, metadata=metadata)


def offer_code_login(app: FastAPI, config: AuthConfig) -> None:
    """Fill in what Authorize needs, unless the application said something itself, and let its way back work."""
    if config.environment == "development":
        wanted = {"clientId": docs_client(config, app).id, "usePkceWithAuthorizationCodeGrant": True}
        app.swagger_ui_init_oauth = {**wanted, **(app.swagger_ui_init_oauth or {})}
    for place, route in enumerate(app.router.routes):
        if isinstance(route, Route) and route.path == app.swagger_ui_oauth2_redirect_url:
            page = wraps(route.endpoint)(_way_back())
            app.router.routes[place] = Route(route.path, page, name=route.name, include_in_schema=False)


def _way_back() -> Callable[[Request], Awaitable[Response]]:
    """Return the endpoint of FastAPI's own page, with a policy that allows its one inline script by its hash."""
    html = bytes(get_swagger_ui_oauth2_redirect_html().body)
    script = html.partition(b"<script>")[2].partition(b"</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
    policy = f"default-src 'none'; script-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"

    async def swagger_ui_redirect(_request: Request) -> Response:
        return HTMLResponse(html, headers={**SAFE_HEADERS, "Content-Security-Policy": policy})

    return swagger_ui_redirect
