"""What is MongoDB's own; the contracts that it shares with the other stores are in tests/contracts."""

import pytest
from tests.servers import mongo

from watchword.stores.mongo import open_mongo
from watchword.stores.mongo.connection import Connection


@pytest.fixture
async def stores(mongo_url):
    opened = open_mongo(mongo_url)
    await opened.migrate()
    yield opened
    await opened.close()


@pytest.fixture
async def connection(mongo_url, stores):
    """The same database, for a look at the documents themselves."""
    opened = Connection(mongo_url)
    yield opened
    await opened.close()


@pytest.fixture
def own_server():
    """A server that a test may kill."""
    if not mongo.has_own():
        pytest.skip("nx-27017 is not installed, and a server of somebody else's is not killed")
    with mongo.running_server() as server:
        yield server
