"""One server, one application and one browser for all tests of the pages; a fresh browser profile for each."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.pages.live import LOGO, LOGO_SVG, Application, Server, running_application, running_server

from watchword.core.models.grants import Client

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("pages")) as running:
        running.add_person("alice", "--email", "alice@shop.example")
        yield running


@pytest.fixture(scope="session")
def application() -> Iterator[Application]:
    with running_application() as running:
        yield running


@pytest.fixture(scope="session")
def shop(server: Server, application: Application) -> Client:
    """A client with everything that pages show of one."""
    about = {
        "client_uri": "https://shop.example/",
        "logo_uri": LOGO,
        "policy_uri": "https://shop.example/privacy",
        "tos_uri": "https://shop.example/terms",
        "post_logout_redirect_uris": (application.redirect_uri.replace("callback", "bye"),),
    }
    return server.add_client("Corner Shop", application.redirect_uri, metadata=about)


@pytest.fixture(scope="module")  # while it lives this thread has a running loop, which other tests cannot have
def browser() -> Iterator[Any]:
    if not CHROMIUM.exists() and "CI" not in os.environ:
        pytest.skip(f"{CHROMIUM} is not there: install the package chromium to test the pages")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    """Open a page in a profile of its own: `open_page(java_script_enabled=False)`."""
    contexts = []

    def open_one(**options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", **options})
        context.set_default_timeout(15_000)
        context.route(LOGO, lambda route: route.fulfill(body=LOGO_SVG, content_type="image/svg+xml"))
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Any) -> Any:
    return open_page()
