"""Every contract test runs on every store."""

import pytest

from watchword.stores.open import open_stores


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'data' / 'contract.db'}"


FIXTURES = {"sqlite": "sqlite_url", "postgres": "postgres_url"}
"""The fixture that gives the URL of each store."""


@pytest.fixture(params=["memory", *FIXTURES])
def stores_url(request):
    name = FIXTURES.get(request.param)
    return request.getfixturevalue(name) if name else "memory://"


@pytest.fixture
async def stores(stores_url):
    opened = open_stores(stores_url)
    await opened.migrate()
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_stores(sqlite_url):
    opened = open_stores(sqlite_url)
    await opened.migrate()
    yield opened
    await opened.close()
