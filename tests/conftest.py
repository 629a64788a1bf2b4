"""Servers that the tests start: one per session (of each pytest process), and a database of its own for each test."""

import asyncio
import os
from functools import partial
from itertools import count

import pytest
from tests.servers import mongo, postgres

from watchword.stores.open import open_stores

numbers = count()


def need(reason: str) -> None:
    """Go on only without a reason not to: locally the test is skipped and says why, in CI it fails."""
    if reason:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture(scope="session")
def postgres_server():
    need(postgres.why_not())
    with postgres.running_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres_server):
    """The name of a migrated database: to copy it is faster than to migrate each."""

    async def migrate() -> None:
        stores = open_stores(postgres_server.url("migrated"))
        await stores.migrate()
        await stores.close()

    postgres_server.run("CREATE DATABASE migrated")
    asyncio.run(migrate())
    return "migrated"


@pytest.fixture
def empty_postgres(postgres_server):
    """The name of a database without tables."""
    name = f"empty_{next(numbers)}"
    postgres_server.run(f"CREATE DATABASE {name}")
    yield name
    postgres_server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_database(postgres_server, postgres_template):
    """The name of a migrated database."""
    name = f"test_{next(numbers)}"
    postgres_server.run(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    yield name
    postgres_server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server, postgres_database):
    return postgres_server.url(postgres_database)


@pytest.fixture(scope="session")
def mongo_server():
    """A function that gives the URL of a database of this name. Its calls have time: the machine may be busy."""
    need(mongo.why_not())
    if mongo.REAL:
        yield partial(mongo.url_of, mongo.REAL, timeoutMS="20000")
        return
    with mongo.running_server() as server:
        yield partial(server.url, timeoutMS="20000")


@pytest.fixture
def mongo_url(mongo_server):
    """The URL of an empty database, which is deleted at the end."""
    url = mongo_server(f"watchword_test_{os.getpid()}_{next(numbers)}")
    yield url
    mongo.drop(url)
