"""fastapi-users, as its full example with SQLAlchemy: JWT strategy, the user read from SQLite on each request."""

import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

PEER = {
    "title": "fastapi-users, JWT",
    "environment": "fastapi-users",
    "documented": "fastapi-users, full example, SQLAlchemy",
    "loads": ["protected", "login"],
}

SECRET = secrets.token_hex(32)


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


engine = create_async_engine("sqlite+aiosqlite:///fastapi-users.db")
session_maker = async_sessionmaker(engine, expire_on_commit=False)


async def get_async_session() -> AsyncGenerator[AsyncSession, None]:
    async with session_maker() as session:
        yield session


async def get_user_db(session: Annotated[AsyncSession, Depends(get_async_session)]) -> AsyncGenerator[Any, None]:
    yield SQLAlchemyUserDatabase(session, User)


class UserManager(UUIDIDMixin, BaseUserManager):
    reset_password_token_secret = SECRET
    verification_token_secret = SECRET


async def get_user_manager(user_db: Annotated[Any, Depends(get_user_db)]) -> AsyncGenerator[UserManager, None]:
    yield UserManager(user_db)


def get_jwt_strategy() -> JWTStrategy:
    return JWTStrategy(secret=SECRET, lifetime_seconds=3600)


backend = AuthenticationBackend("jwt", BearerTransport(tokenUrl="auth/jwt/login"), get_jwt_strategy)
users = FastAPIUsers(get_user_manager, [backend])
current_active_user = users.current_user(active=True)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with session_maker() as session:
        manager = UserManager(SQLAlchemyUserDatabase(session, User))
        await manager.create(schemas.BaseUserCreate(email="ada@example.com", password="bench-password"))
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(users.get_auth_router(backend), prefix="/auth/jwt")


@app.get("/protected")
async def protected(user: Annotated[User, Depends(current_active_user)]) -> dict[str, str]:  # noqa: ARG001
    return {"hello": "world"}


@app.get("/unrelated")
async def unrelated() -> dict[str, str]:
    return {"hello": "world"}


@app.get("/bench/ready")
async def ready() -> dict[str, str]:
    return {}


@app.get("/bench/loads")
async def loads() -> dict[str, Any]:
    async with session_maker() as session:
        user = await SQLAlchemyUserDatabase(session, User).get_by_email("ada@example.com")
    bearer = {"Authorization": f"Bearer {await get_jwt_strategy().write_token(user)}"}
    login = {
        "method": "POST",
        "path": "/auth/jwt/login",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
        "body": "username=ada%40example.com&password=bench-password",
    }
    return {
        "protected": {
            "requests": [{"method": "GET", "path": "/protected", "headers": bearer}],
            "expected": '{"hello":"world"}',
        },
        "login": {"requests": [login], "check": "pattern", "expected": '"access_token":"ey', "protected": False},
    }
