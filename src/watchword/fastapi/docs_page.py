"""Swagger UI and ReDoc without the internet: `fastapi-offline` has the assets, and no script is inline."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from html import escape
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi.openapi.docs import swagger_ui_default_parameters
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from watchword.fastapi.errors import SAFE_HEADERS
from watchword.fastapi.public import public

Endpoint = Callable[[Request], Awaitable[Response]]

_TYPES: Final = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
_PACKAGED: Final = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png", "redoc.standalone.js")
_CACHED: Final = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{icon}">
{head}
</head>
<body>
{body}
</body>
</html>
"""


@dataclass(frozen=True)
class Assets:
    """Local files by name, each under an address that changes with its content."""

    prefix: str
    paths: Mapping[str, Path]
    versions: Mapping[str, str]

    def url(self, request: Request, name: str) -> str:
        """Return the address of an asset as this request's client sees it."""
        root = request.scope.get("root_path", "").rstrip("/")
        return escape(f"{root}{self.prefix}/{name}?v={self.versions[name]}")


def serve_docs_offline(app: FastAPI, prefix: str) -> bool:
    """Replace FastAPI's own documentation pages by ones whose assets are served here, under `{prefix}/static/docs`.

    Swagger UI's settings of the application (`swagger_ui_parameters`, `swagger_ui_init_oauth`) stay in force.

    Returns:
        Whether the pages were replaced: False, and nothing changed, if `fastapi-offline` is not installed or the
        application has no documentation.
    """
    folder = _find_assets()
    if folder is None or app.openapi_url is None:
        return False
    assets = _load_assets(folder, f"{prefix}/static/docs")
    pages = {app.docs_url: _swagger_page(app, assets), app.redoc_url: _redoc_page(app, assets)}
    replaced = False
    for place, route in enumerate(app.router.routes):
        page = pages.get(route.path) if isinstance(route, Route) and _is_fastapis(route) else None
        if isinstance(route, Route) and page is not None:
            app.router.routes[place] = Route(
                route.path, wraps(route.endpoint)(page), name=route.name, include_in_schema=False
            )
            replaced = True
    if replaced:
        app.add_route(f"{assets.prefix}/{{name}}", _asset_endpoint(assets), include_in_schema=False)
    return replaced


def _find_assets() -> Path | None:
    """Find the package's files without importing it: it would bring a FastAPI of its own."""
    spec = find_spec("fastapi_offline")
    folder = Path(spec.origin).parent / "static" if spec and spec.origin else None
    return folder if folder is not None and all((folder / name).is_file() for name in _PACKAGED) else None


def _is_fastapis(route: Route) -> bool:
    return route.endpoint.__module__ == FastAPI.__module__


def _load_assets(folder: Path, prefix: str) -> Assets:
    paths = {name: folder / name for name in _PACKAGED}
    paths["swagger_start.js"] = Path(str(files("watchword.fastapi") / "static" / "swagger_start.js"))
    return Assets(prefix, paths, {name: _version(path) for name, path in paths.items()})


def _version(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def _asset_endpoint(assets: Assets) -> Endpoint:
    @public
    async def asset(request: Request) -> Response:
        path = assets.paths.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404)
        return FileResponse(path, media_type=_TYPES[path.suffix], headers=_CACHED)

    return asset


def _swagger_page(app: FastAPI, assets: Assets) -> Endpoint:
    async def swagger(request: Request) -> Response:
        root = request.scope.get("root_path", "").rstrip("/")
        redirect = app.swagger_ui_oauth2_redirect_url
        settings = {
            "url": f"{root}{app.openapi_url}",
            "redirect": f"{root}{redirect}" if redirect else None,
            "oauth": app.swagger_ui_init_oauth,
            "ui": {**swagger_ui_default_parameters, "validatorUrl": None, **(app.swagger_ui_parameters or {})},
        }
        body = (
            f'<div id="swagger-ui"></div>\n<script type="application/json" id="settings">{_embed(settings)}</script>\n'
            f'<script src="{assets.url(request, "swagger-ui-bundle.js")}"></script>\n'
            f'<script src="{assets.url(request, "swagger_start.js")}"></script>'
        )
        head = f'<link rel="stylesheet" href="{assets.url(request, "swagger-ui.css")}">'
        return _page(app, assets.url(request, "favicon.png"), "Swagger UI", head=head, body=body)

    return swagger


def _redoc_page(app: FastAPI, assets: Assets) -> Endpoint:
    async def redoc(request: Request) -> Response:
        document = escape(f"{request.scope.get('root_path', '').rstrip('/')}{app.openapi_url}")
        body = (
            f'<redoc spec-url="{document}"></redoc>\n'
            f'<script src="{assets.url(request, "redoc.standalone.js")}"></script>'
        )
        return _page(app, assets.url(request, "favicon.png"), "ReDoc", head="", body=body)

    return redoc


def _page(app: FastAPI, icon: str, name: str, *, head: str, body: str) -> Response:
    html = _PAGE.format(title=escape(f"{app.title} - {name}"), icon=icon, head=head, body=body)
    headers = {**SAFE_HEADERS, "Cache-Control": "no-cache", "Content-Security-Policy": _policy(app)}
    return HTMLResponse(html, headers=headers)


def _policy(app: FastAPI) -> str:
    """Allow this origin alone, and those that the application names as its servers, for "Try it out"."""
    places = [urlsplit(server["url"]) for server in app.servers]
    others = sorted({f"{place.scheme}://{place.netloc}" for place in places if place.netloc})
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            " ".join(["connect-src 'self'", *others]),
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def _embed(value: Mapping[str, Any]) -> str:
    """Return JSON that cannot end the script element it stands in."""
    text = json.dumps(jsonable_encoder(value))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
