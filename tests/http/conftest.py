"""The real application over both stores."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from tests.http.site import CONFIG, Site, running

from watchword.ports.bundle import Stores
from watchword.stores.open import open_stores


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema in it: migrating once and copying is much faster than migrating for each test."""
    path = tmp_path_factory.mktemp("migrated") / "watchword.db"

    async def migrate() -> None:
        stores = open_stores(f"sqlite:///{path}")
        await stores.migrate()
        await stores.close()

    asyncio.run(migrate())
    return path


@pytest.fixture(params=["memory", "sqlite"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Stores:
    if request.param == "memory":
        return open_stores("memory://")
    copy = shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "watchword.db")
    return open_stores(f"sqlite:///{copy}")


NewSite = Callable[..., Any]


@pytest.fixture
async def new_site(stores: Stores) -> AsyncIterator[NewSite]:
    """Start an application with settings of its own: `await new_site(signup="closed", profile=Model)`."""
    async with AsyncExitStack() as stack:

        async def start(profile: type[BaseModel] | None = None, **settings: Any) -> Site:
            config = replace(CONFIG, **settings)
            return await stack.enter_async_context(running(stores, config=config, profile=profile))

        yield start


@pytest.fixture
async def site(stores: Stores) -> AsyncIterator[Site]:
    async with running(stores) as running_site:
        yield running_site
