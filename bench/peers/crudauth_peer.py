"""crudauth with its bearer transport over SQLite, as its README shows it."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from crudauth import BearerTransport, CRUDAuth, Principal
from crudauth.models import AuthUserMixin
from fastapi import Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

PEER = {
    "title": "crudauth, bearer",
    "environment": "crudauth",
    "documented": "crudauth, README",
    "loads": ["protected"],
}


class Base(DeclarativeBase):
    pass


class User(Base, AuthUserMixin):
    __tablename__ = "users"


engine = create_async_engine("sqlite+aiosqlite:///crudauth.db")
session_maker = async_sessionmaker(engine, expire_on_commit=False)


async def get_session() -> AsyncGenerator[AsyncSession, None]:
    async with session_maker() as session:
        yield session


auth = CRUDAuth(
    session=get_session,
    user_model=User,
    SECRET_KEY=secrets.token_hex(32),
    transports=[BearerTransport(access_ttl=3600)],
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    await auth.initialize()
    yield
    await auth.shutdown()


app = FastAPI(lifespan=lifespan)
app.include_router(auth.router)


@app.get("/protected")
async def protected(me: Annotated[Principal, Depends(auth.current_user())]) -> dict[str, str]:  # noqa: ARG001
    return {"hello": "world"}


@app.get("/bench/ready")
async def ready() -> dict[str, str]:
    return {}


@app.get("/bench/loads")
async def loads() -> dict[str, Any]:
    """Sign up and log in by its own routes, and hand the token to the load."""
    person = {"username": "ada", "email": "ada@example.com", "password": "Bench-Password-42"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bench") as client:
        await client.post("/register", json=person)
        form = {"username": person["username"], "password": person["password"]}
        answer = await client.post("/token", data=form)
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    request = {"method": "GET", "path": "/protected", "headers": bearer}
    return {"protected": {"requests": [request], "expected": '{"hello":"world"}'}}
