"""Swagger UI in headless Chromium, without the internet: log in by Authorize, call a protected operation (row 9)."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from tests.http.site import CONFIG, PASSWORD, new_app

from watchword import Auth
from watchword.stores.open import open_stores

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
PICTURE = Path(__file__).parents[2] / "docs" / "images" / "swagger.png"


class Server(uvicorn.Server):
    """Says when it is ready, so that nobody has to poll."""

    def __init__(self, app: Any) -> None:
        super().__init__(uvicorn.Config(app, log_level="warning"))
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    yield from serve(provider=False)


@pytest.fixture(scope="module")
def provider_origin() -> Iterator[str]:
    yield from serve(provider=True)


def serve(*, provider: bool) -> Iterator[str]:
    app = new_app()
    auth: Auth[Any] = Auth(CONFIG, stores=open_stores("memory://"))
    auth.install(app, provider=provider)
    server = Server(app)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        assert server.ready.wait(20)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture
def page(origin: str) -> Iterator[Any]:
    if not CHROMIUM.exists() and "CI" not in os.environ:
        pytest.skip(f"{CHROMIUM} is not there: install the package chromium to test Swagger UI")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        yield context.new_page()
        browser.close()


def test_authorize_logs_in_and_a_protected_call_answers_200(origin, page):
    requested: list[str] = []
    complaints: list[str] = []
    page.context.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    signed_up = page.request.post(f"{origin}/auth/signup", data={"username": "alice", "password": PASSWORD})
    assert signed_up.status == 201
    page.goto(f"{origin}/docs")
    operation = page.locator("#operations-default-items_items_get")
    operation.wait_for()
    take_picture(page, "swagger.png")

    authorize(page)
    operation.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    status = operation.locator(".live-responses-table .response .response-col_status").first
    status.wait_for()

    assert status.inner_text().split()[0] == "200"
    assert [url for url in requested if not url.startswith((origin, "data:", "blob:"))] == []
    assert any(url.startswith(f"{origin}/auth/token") for url in requested)
    assert complaints == []


def test_authorize_logs_in_at_the_hosted_pages_without_a_client_id_typed_in(provider_origin, page):
    origin = provider_origin
    assert page.request.post(f"{origin}/auth/signup", data={"username": "alice", "password": PASSWORD}).status == 201
    page.goto(f"{origin}/docs")
    operation = page.locator("#operations-default-items_items_get")
    operation.wait_for()
    page.locator(".btn.authorize").first.click()
    by_code = page.locator(".modal-ux .auth-container > div, .modal-ux .auth-container").filter(
        has_text="authorizationCode"
    )
    by_code = by_code.last
    by_code.locator("label[for*='items:read']").first.click()
    with page.expect_popup() as opened:
        by_code.get_by_role("button", name="Apply given OAuth2 credentials").last.click()
    login = opened.value
    login.get_by_label("Username or e-mail address").fill("alice")
    login.get_by_label("Password").fill(PASSWORD)
    login.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Remove authorization").first.wait_for()
    page.get_by_role("button", name="Close", exact=True).last.click()
    operation.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    status = operation.locator(".live-responses-table .response .response-col_status").first
    status.wait_for()
    assert status.inner_text().split()[0] == "200"


def test_redoc_reaches_nobody_else_either(origin, page):
    answered: list[str] = []
    page.context.on("response", lambda response: answered.append(response.url))
    with page.expect_event("requestfailed", lambda request: not request.url.startswith(origin)) as blocked:
        page.goto(f"{origin}/redoc")
    page.get_by_role("heading", name="Shop").first.wait_for()
    assert blocked.value.failure == "csp"
    assert [url for url in answered if not url.startswith((origin, "data:", "blob:"))] == []
    assert len(answered) >= 3


def authorize(page: Any) -> None:
    page.locator(".btn.authorize").first.click()
    dialog = page.locator(".modal-ux")
    dialog.locator("input[name='username'], #oauth_username").fill("alice")
    dialog.locator("input[name='password'], #oauth_password").fill(PASSWORD)
    dialog.locator("label[for*='items:read']").first.click()
    dialog.get_by_role("button", name="Apply given OAuth2 credentials").click()
    dialog.get_by_role("button", name="Remove authorization").wait_for()
    dialog.get_by_role("button", name="Close", exact=True).last.click()


def take_picture(page: Any, name: str) -> None:
    if os.environ.get("WATCHWORD_SCREENSHOTS") == "1":
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURE.with_name(name))
