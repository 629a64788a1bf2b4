"""A server whose every answer writes a login and reads it back, and which cleans up when it is told to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI

from watchword.core.ids import new_id
from watchword.core.models.grants import RefreshFamily
from watchword.core.models.sessions import Session
from watchword.flows import housekeeper
from watchword.flows.context import open_context
from watchword.flows.housekeeper import Housekeeper
from watchword.flows.housekeeping import purge_expired, rest_long
from watchword.settings import Settings
from watchword.stores.open import open_stores

LASTS = timedelta(days=30)
housekeeper.FIRST = timedelta(0)
config = Settings.load().to_config()
stores = open_stores(config.database_url)
ctx = open_context(config, stores)
keeper = Housekeeper()


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    await ctx.start(follow=False)
    yield
    await keeper.stop()
    await ctx.close()
    await stores.close()


app = FastAPI(lifespan=lifespan)


@app.get("/login")
async def login() -> dict[str, str]:
    now = ctx.clock.now()
    made = {"user_id": new_id(now), "client_id": "first-party", "created_at": now, "expires_at": now + LASTS}
    session = Session(id=new_id(now), last_seen_at=now, auth_time=now, **made)
    family = RefreshFamily(
        id=new_id(now), session_id=session.id, scopes=frozenset(), idle_expires_at=now + LASTS, **made
    )
    await stores.sessions.begin(session, family)
    await stores.families.find_holding(session.user_id, family.id)
    return {"hello": "world"}


@app.get("/bench/ready")
async def ready() -> dict[str, str]:
    return {"hello": "world"}


@app.get("/bench/clean")
async def clean() -> dict[str, str]:
    keeper.start(lambda: purge_expired(ctx, rest=rest_long))
    return {"hello": "world"}


@app.get("/bench/rest")
async def rest() -> dict[str, str]:
    await keeper.stop()
    return {"hello": "world"}
