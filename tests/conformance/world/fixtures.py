"""One server, one web site of applications, and an operator for all tests; each test has clients of its own."""

import os
from pathlib import Path

import pytest
from tests.conformance.world.authority import new_authority
from tests.conformance.world.browser import Browser
from tests.conformance.world.operator import operating
from tests.conformance.world.relying_party import Provider, RelyingParty
from tests.conformance.world.server import running_server
from tests.conformance.world.site import running_site

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

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("conformance")


@pytest.fixture(scope="session")
def authority(folder):
    return new_authority(folder)


@pytest.fixture(scope="session")
def trust(authority):
    return authority.trusting()


@pytest.fixture(scope="session")
def server(folder, authority):
    with running_server(folder) as running:
        yield running


@pytest.fixture(scope="session")
def site(authority):
    with running_site(authority) as running:
        yield running


@pytest.fixture(scope="session")
def operator(server):
    with operating(server) as there:
        yield there


@pytest.fixture(scope="session")
def provider(server, trust):
    made = Provider(server, trust)
    yield made
    made.close()


@pytest.fixture(scope="session")
def ada(operator):
    return operator.add_person("ada")


@pytest.fixture
def browsers(trust, ada):
    """Makes browsers in which nobody is logged in."""
    made = []

    def make():
        made.append(Browser(trust, ada))
        return made[-1]

    yield make
    for browser in made:
        browser.close()


@pytest.fixture
def browser(browsers):
    return browsers()


@pytest.fixture
def static_client(provider, operator, site):
    """Makes clients that the operator has registered."""

    def make(*, mode=None, key=None, **metadata):
        place = site.place()
        document = {
            "client_name": "Application under test",
            "redirect_uris": [f"{place}/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            **metadata,
        }
        client_id, secret = operator.add_client(document)
        return RelyingParty(provider, document, client_id, secret, mode=mode, key=key)

    return make


@pytest.fixture
def register(provider):
    """Sends metadata to the registration endpoint; returns the answer."""

    def send(document):
        return provider.http.post(provider.metadata["registration_endpoint"], json=document)

    return send


@pytest.fixture
def dynamic_client(provider, register, site):
    """Makes clients that register themselves (OpenID Connect Dynamic Client Registration 1.0)."""

    def make(*, mode=None, key=None, **metadata):
        place = site.place()
        document = {
            "client_name": "Application that registered itself",
            "redirect_uris": [f"{place}/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
            **metadata,
        }
        response = register(document)
        assert response.status_code == 201, response.text
        registered = response.json()
        assert {name: registered[name] for name in document} == document
        return RelyingParty(
            provider,
            registered,
            registered["client_id"],
            registered.get("client_secret", ""),
            mode=mode,
            key=key,
        )

    return make


@pytest.fixture
def page():
    """A page of Chromium; it takes the certificate of the test as it is."""
    if not CHROMIUM.exists() and "CI" not in os.environ:
        pytest.skip(f"{CHROMIUM} is not there: install the package chromium for the tests that need scripts")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(ignore_https_errors=True)
        context.set_default_timeout(15_000)
        yield context.new_page()
        browser.close()
