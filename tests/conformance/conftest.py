"""The modules run against one server, in one process."""

import pytest
from tests.conformance.world.fixtures import (
    ada,
    authority,
    browser,
    browsers,
    dynamic_client,
    folder,
    operator,
    page,
    provider,
    register,
    server,
    site,
    static_client,
    trust,
)

__all__ = [
    "ada",
    "authority",
    "browser",
    "browsers",
    "dynamic_client",
    "folder",
    "operator",
    "page",
    "provider",
    "register",
    "server",
    "site",
    "static_client",
    "trust",
]


def pytest_collection_modifyitems(items):
    """One process runs them all, so that there is one server."""
    for item in items:
        if "tests/conformance" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("conformance"))
