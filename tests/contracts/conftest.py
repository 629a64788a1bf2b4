"""Every contract test runs on every store."""

import os
from itertools import count

import pytest
from tests.servers import mongo

from watchword.stores.open import open_stores
from watchword.stores.sql.tables import metadata


@pytest.fixture
def sqlite_url(tmp_path):
    return f"sqlite:///{tmp_path / 'data' / 'contract.db'}"


FIXTURES = {"sqlite": "sqlite_url", "postgres": "postgres_url", "mongo": "mongo_url"}
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


@pytest.fixture(params=[*FIXTURES])
def shared_url(request):
    """The URL of a database that several processes can open."""
    return request.getfixturevalue(FIXTURES[request.param])


@pytest.fixture
async def shared_stores(shared_url):
    opened = open_stores(shared_url)
    await opened.migrate()
    yield opened
    await opened.close()


@pytest.fixture(params=["sqlite", "postgres", "mongo"])
def new_url(request):
    """A function that gives the URL of one more empty database."""
    return request.getfixturevalue(f"new_{request.param}_url")


@pytest.fixture
def new_sqlite_url(tmp_path):
    numbers = count()
    return lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"


@pytest.fixture
def new_postgres_url(postgres_server, postgres_database):
    """The same database, emptied: that is much faster than making one."""
    tables = ", ".join(metadata.tables)

    def empty_it():
        postgres_server.run(f"TRUNCATE {tables} RESTART IDENTITY", postgres_database)
        return postgres_server.url(postgres_database)

    return empty_it


@pytest.fixture
def new_mongo_url(mongo_server):
    numbers, used = count(), []

    def another():
        used.append(mongo_server(f"watchword_test_{os.getpid()}_new_{next(numbers)}"))
        return used[-1]

    yield another
    for url in used:
        mongo.drop(url)


@pytest.fixture
async def sqlite_stores(sqlite_url):
    opened = open_stores(sqlite_url)
    await opened.migrate()
    yield opened
    await opened.close()


FAULTS = {"test_an_email_that_is_taken_away_becomes_unverified_and_free[mongo]": "booleans"}
"""What a test server cannot do, which has faults that no database has (see `servers.mongo`)."""


def pytest_collection_modifyitems(items):
    for item in items:
        reason = item.name in FAULTS and mongo.fault(FAULTS[item.name])
        if reason:
            item.add_marker(pytest.mark.skip(reason=reason))
