"""`/healthz` says that the process runs, `/readyz` that it can serve: neither tells a stranger more than that.

Without its Redis a server is `degraded`, and ready.
"""

import asyncio

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse

from watchword.core.errors import ConfigError, StoreUnavailable
from watchword.fastapi.auth import Auth
from watchword.fastapi.public import public
from watchword.ports.shared import Unreachable

PING_TIMEOUT = 1.0
"""Seconds in which the database must answer."""
HEADERS = {"Cache-Control": "no-store"}


def add_health(app: FastAPI, auth: Auth) -> None:
    """Add both routes. `app.state.stopping` turns readiness off while the server drains."""
    app.state.stopping = False

    @public
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=HEADERS)

    @public
    async def readyz(request: Request) -> JSONResponse:
        if request.app.state.stopping or not await _database_answers(auth):
            return JSONResponse({"status": "unavailable"}, 503, headers={**HEADERS, "Retry-After": "1"})
        status = "ok" if await _redis_answers(auth) else "degraded"
        return JSONResponse({"status": status}, headers=HEADERS)

    app.get("/healthz", include_in_schema=False)(healthz)
    app.get("/readyz", include_in_schema=False)(readyz)


async def _redis_answers(auth: Auth) -> bool:
    """Whether it does, if there is to be one. Without it the server goes on serving, only with limits of its own."""
    shared = auth.context.shared
    try:
        if shared is not None:
            await shared.ping()
    except Unreachable:
        return False
    return True


async def _database_answers(auth: Auth) -> bool:
    try:
        await asyncio.wait_for(auth.context.stores.ping(), PING_TIMEOUT)
    except (ConfigError, StoreUnavailable, TimeoutError):
        return False
    return True
