"""Every contract test runs on every store."""

import pytest

from watchword.stores.open import open_stores


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'data' / 'contract.db'}"


@pytest.fixture(params=["memory", "sqlite"])
async def stores(request, sqlite_url):
    opened = open_stores("memory://" if request.param == "memory" else sqlite_url)
    await opened.migrate()
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_stores(sqlite_url):
    opened = open_stores(sqlite_url)
    await opened.migrate()
    yield opened
    await opened.close()
