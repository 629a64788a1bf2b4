"""An administrator for each test."""

import pytest
from tests.http.admin.clients import Desk
from tests.http.site import Site


@pytest.fixture
async def desk(site: Site) -> Desk:
    return Desk(site, await site.new_admin())
