"""Stores on PostgreSQL, and a server that a test may stop."""

import pytest
from tests.conftest import need
from tests.servers import pgbouncer, postgres

from watchword.stores.open import open_stores


@pytest.fixture
async def stores(postgres_url):
    opened = open_stores(postgres_url)
    yield opened
    await opened.close()


@pytest.fixture(scope="module")
def own_server():
    """A server that tests stop, pause and kill."""
    need(postgres.why_not())
    with postgres.running_server() as server:
        yield server


@pytest.fixture
async def own_url(own_server):
    """The URL of a migrated database of that server, which runs again when the test has ended."""
    own_server.run("CREATE DATABASE own")
    stores = open_stores(own_server.url("own"))
    await stores.migrate()
    await stores.close()
    yield own_server.url("own")
    own_server.resume()
    if not own_server.running:
        own_server.start()
    own_server.run("DROP DATABASE own WITH (FORCE)")


@pytest.fixture(scope="module")
def pgbouncer_port(postgres_server):
    need(pgbouncer.why_not())
    with pgbouncer.running_pgbouncer(postgres_server) as port:
        yield port
