"""Kernia mounted on FastAPI, as its README shows it: a session cookie, in-memory adapter."""

import secrets
from typing import Annotated, Any

import httpx
from fastapi import Depends, FastAPI
from kernia.auth import init
from kernia.plugins import email_and_password
from kernia.types.init_options import KerniaOptions
from kernia_fastapi import mount_kernia, require_session
from kernia_memory_adapter import memory_adapter

PEER = {"title": "Kernia, session", "environment": "kernia", "documented": "Kernia, README", "loads": ["protected"]}

ORIGIN = {"Origin": "http://bench"}

auth = init(
    KerniaOptions(
        database=memory_adapter(),
        secret=secrets.token_hex(32),
        base_url="http://bench",
        base_path="/api/auth",
        plugins=[email_and_password()],
    )
)
app = FastAPI()
mount_kernia(app, auth)


@app.get("/protected")
async def protected(session: Annotated[Any, Depends(require_session)]) -> dict[str, str]:  # noqa: ARG001
    return {"hello": "world"}


@app.get("/bench/ready")
async def ready() -> dict[str, str]:
    return {}


@app.get("/bench/loads")
async def loads() -> dict[str, Any]:
    """Sign up by its own route, and hand the cookie to the load."""
    person = {"name": "Ada", "email": "ada@example.com", "password": "bench-password-42"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        await client.post("/api/auth/sign-up/email", json=person, headers=ORIGIN)
        await client.post("/api/auth/sign-in/email", json=person, headers=ORIGIN)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar)
    request = {"method": "GET", "path": "/protected", "headers": {"Cookie": cookies}}
    return {"protected": {"requests": [request], "expected": '{"hello":"world"}'}}
