"""One real application per test: memory store, a clock that stands still, cheap password hashes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from watchword import Auth, AuthConfig
from watchword.config import PasswordConfig
from watchword.core.models.identity import Role
from watchword.flows import admin
from watchword.stores.open import open_stores
from watchword.testing.clock import FakeClock

PASSWORD = "correct-horse-battery"
SCOPES = {"items:read": "Read items", "items:write": "Write items", "me": "Read yourself"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make_auth(clock):
    def make(**changes: Any) -> Auth:
        defaults = {
            "issuer": "http://localhost:8000",
            "secrets": (b"a test secret, long enough, and not one in use",),
            "passwords": PasswordConfig(memory_kib=8, time_cost=1),
            "database_url": "memory://",
            "revocation_poll": timedelta(hours=1),
        }
        config = AuthConfig(**{**defaults, **changes})
        return Auth(config, scopes=SCOPES, stores=open_stores("memory://"), clock=clock)

    return make


@pytest.fixture
def auth(make_auth) -> Auth:
    return make_auth()


@pytest.fixture
def app(auth) -> FastAPI:
    app = FastAPI()
    auth.install(app)
    return app


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[FastAPI, Auth], Awaitable[httpx2.AsyncClient]]]:
    """Start an application's Auth and give a client of it."""
    opened: list[tuple[httpx2.AsyncClient, Auth]] = []

    async def start(app: FastAPI, auth: Auth) -> httpx2.AsyncClient:
        await auth.start(follow=False)
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://localhost:8000")
        opened.append((client, auth))
        return client

    yield start
    for client, auth in opened:
        await client.aclose()
        await auth.close()


@pytest.fixture
def log_in() -> Callable[..., Awaitable[dict[str, str]]]:
    """Sign up and log in; returns the headers of a logged-in request."""

    async def headers_for(
        client: httpx2.AsyncClient, auth: Auth, username: str = "ada", scope: str = "", role: str | None = None
    ) -> dict[str, str]:
        signup = await client.post("/auth/signup", json={"username": username, "password": PASSWORD})
        assert signup.status_code in {201, 409}, signup.text
        if role is not None:
            await admin.put_role(auth.context, Role(name=role, permissions=frozenset({f"{role}:act"})))
            user = await admin.get_user(auth.context, username)
            await admin.grant_role(auth.context, user.id, role)
        answer = await client.post("/auth/token", data={"username": username, "password": PASSWORD, "scope": scope})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return headers_for
