"""Every contract here runs on every database.

Those that take whole processors never run side by side, nor do those that mostly wait for an outage to pass.
"""

import asyncio
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.conftest import need
from tests.nemesis.databases import DATABASES, SERVERS
from tests.nemesis.figures import SOAK

from watchword.stores.open import open_stores

HERE = Path(__file__).parent
WAITING = {"test_outage", "test_reach", "test_lost_answers", "test_server_kill", "test_clocks"}


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            group = "nemesis, waiting" if item.path.stem in WAITING else "nemesis"
            item.add_marker(pytest.mark.xdist_group(group))
            item.add_marker(pytest.mark.timeout(0 if SOAK else 600))


@pytest.fixture(scope="session")
def servers():
    """The servers by kind of database, each started when it is first needed, for they are killed and paused here."""
    with ExitStack() as stack:
        started = {}

        def get(name):
            if name not in started:
                need(DATABASES[name].why_not())
                started[name] = stack.enter_context(DATABASES[name].server())
            return started[name]

        yield get


@pytest.fixture(params=DATABASES)
def empty_database(request, tmp_path, servers):
    with DATABASES[request.param].make(servers(request.param), tmp_path) as database:
        yield database


@pytest.fixture(params=[name for name in DATABASES if name != "mongodb"])
def empty_sql_database(request, tmp_path, servers):
    """A database without tables, of those whose tables have changed since the first version."""
    with DATABASES[request.param].make(servers(request.param), tmp_path) as database:
        yield database


@pytest.fixture(params=SERVERS)
def server_database(request, tmp_path, servers):
    """A database with tables, of those that are servers: they can be killed, and have a network."""
    with DATABASES[request.param].make(servers(request.param), tmp_path) as database:
        with_stores(database.url, lambda stores: stores.migrate())
        yield database


@pytest.fixture
def database(empty_database):
    """A database with tables."""
    with_stores(empty_database.url, lambda stores: stores.migrate())
    return empty_database


def with_stores(url, work):
    """Open the stores, do one thing with them, and close them. A server that is busy with a race has time to answer."""
    patient = f"{url.partition('?')[0]}?timeoutMS=20000" if url.startswith("mongodb:") else url

    async def run():
        stores = open_stores(patient)
        try:
            return await work(stores)
        finally:
            await stores.close()

    return asyncio.run(run())
