"""A running authorization server for each test."""

from collections.abc import AsyncIterator

import pytest
from tests.http.provider.world import World, running_world


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with running_world() as running:
        yield running
