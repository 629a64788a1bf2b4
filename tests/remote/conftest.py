"""Sites and clocks of these tests."""

import pytest
from tests.remote.issuers import Issuer, KeyPair
from tests.remote.sites import FakeClock, Site


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def other_site():
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="session")
def key():
    return KeyPair("k1")


@pytest.fixture(scope="session")
def next_key():
    return KeyPair("k2")


@pytest.fixture
def issuer(site, key):
    return Issuer(site, key)
