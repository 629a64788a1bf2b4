"""A running application for the tests of endpoints: a clock that stands still, cheap password hashes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import httpx2
from fastapi import FastAPI
from pydantic import BaseModel

from watchword import Auth, AuthConfig, CurrentUser, Principal, Scope, requires
from watchword.config import LimitConfig, PasswordConfig
from watchword.core.models.identity import Role
from watchword.flows import admin
from watchword.flows.signup import SignUp
from watchword.ports.bundle import Stores
from watchword.testing.clock import FakeClock

SECRET = b"not-a-real-secret-only-for-tests-0123456789"
PASSWORD = "obviously fake lantern orchard"
CONFIG = AuthConfig(
    issuer="http://testserver",
    secrets=(SECRET,),
    scopes={
        "items:read": Scope(name="items:read", description="Read the items"),
        "reports": Scope(name="reports", description="Read reports", restricted=True),
    },
    passwords=PasswordConfig(memory_kib=64, time_cost=1),
    limits=LimitConfig(enabled=False),
)


@dataclass
class Site:
    """A running application and a client of it."""

    app: FastAPI
    auth: Auth[Any]
    client: httpx2.AsyncClient
    clock: FakeClock
    stores: Stores

    async def sign_up(self, username: str = "alice", password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        body = {"username": username, "password": password, **more}
        answer = await self.client.post("/auth/signup", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def token(self, username: str = "alice", password: str = PASSWORD, **more: str) -> httpx2.Response:
        return await self.client.post("/auth/token", data={"username": username, "password": password, **more})

    async def log_in(self, username: str = "alice", password: str = PASSWORD, **more: str) -> dict[str, Any]:
        answer = await self.token(username, password, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def refresh(self, refresh_token: str) -> httpx2.Response:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self.client.post("/auth/token", data=form)

    async def new_person(self, username: str = "alice") -> dict[str, str]:
        """Make an account, log in, and return the headers of its requests."""
        await self.sign_up(username)
        return bearer(await self.log_in(username))

    async def new_admin(self, username: str = "root") -> dict[str, str]:
        """Make an administrator, log in with scope admin, and return the headers of their requests."""
        await admin.add_user(self.auth.context, SignUp(username=username, password=PASSWORD), ["admin"])
        return bearer(await self.log_in(username, scope="admin"))

    async def put_role(self, name: str, *permissions: str) -> None:
        await admin.put_role(self.auth.context, Role(name=name, permissions=frozenset(permissions)))


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def new_app() -> FastAPI:
    """An application with guarded routes of its own."""
    app = FastAPI(title="Shop")

    @app.get("/items")
    async def items(who: Annotated[Principal, requires(scopes="items:read")]) -> dict[str, str]:
        return {"subject": who.subject}

    @app.get("/stats", dependencies=[requires(role="admin")])
    async def stats() -> dict[str, int]:
        return {"users": 1}

    @app.get("/hello")
    async def hello(user: CurrentUser) -> dict[str, str]:
        return {"username": user.username}

    return app


@asynccontextmanager
async def running(
    stores: Stores,
    *,
    config: AuthConfig = CONFIG,
    profile: type[BaseModel] | None = None,
    clock: FakeClock | None = None,
) -> AsyncIterator[Site]:
    clock = clock or FakeClock()
    app = new_app()
    auth: Auth[Any] = Auth(config, profile=profile, stores=stores, clock=clock)
    auth.install(app)
    transport = httpx2.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client,
    ):
        yield Site(app, auth, client, clock, stores)
