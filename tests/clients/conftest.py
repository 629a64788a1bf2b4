"""Clients that others have written log people in at one server, in one process."""

import pytest
from tests.conformance.world.fixtures import (
    ada,
    authority,
    browser,
    browsers,
    dynamic_client,
    folder,
    operator,
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
        if "tests/clients" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("clients"))
