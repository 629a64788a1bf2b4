"""The modules run against one server, in one process."""

import pytest
from tests.conformance.world.fixtures import *  # noqa: F403  fixtures are found by their names


def pytest_collection_modifyitems(items):
    """One process runs them all, so that there is one server."""
    for item in items:
        if "tests/conformance" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("conformance"))
