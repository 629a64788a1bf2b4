"""A Redis of the tests' own, and what the application makes of it."""

import os

import pytest
from tests.flows.world import config
from tests.servers import redis as servers

from watchword.stores.shared import open_shared


@pytest.fixture
def redis():
    """A running server. Without the program: a skip that says so, and in CI a failure."""
    reason = servers.why_not()
    if reason:
        assert not os.environ.get("CI"), reason
        pytest.skip(reason)
    with servers.running_redis() as server:
        yield server


@pytest.fixture
async def open_on(redis):
    """Makes what one process shares with the others: `open_on()`."""
    opened = []

    def make(**changes):
        shared = open_shared(config(redis_url=redis.url, **changes))
        opened.append(shared)
        return shared

    yield make
    for shared in opened:
        await shared.close()


@pytest.fixture
async def shared(open_on):
    return open_on()
