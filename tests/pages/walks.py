"""The way to each page, as a person goes it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tests.pages.live import PASSWORD, Server

from watchword.core.models.grants import Client

Walk = Callable[[Server, Client, Any], None]


def log_in(page: Any, name: str = "alice", password: str = PASSWORD) -> None:
    page.get_by_label("Username or e-mail address").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def to_login(server: Server, shop: Client, page: Any) -> None:
    page.goto(server.authorize_url(shop))
    page.get_by_role("heading", name="Sign in").wait_for()


def to_wrong_login(server: Server, shop: Client, page: Any) -> None:
    to_login(server, shop, page)
    log_in(page, password="not the right one")
    page.get_by_role("alert").wait_for()


def to_sign_up(server: Server, shop: Client, page: Any) -> None:
    to_login(server, shop, page)
    page.get_by_role("button", name="Create an account").click()
    page.get_by_role("heading", name="Create an account").wait_for()


def to_wrong_sign_up(server: Server, shop: Client, page: Any) -> None:
    to_sign_up(server, shop, page)
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.get_by_role("alert").wait_for()


def to_consent(server: Server, shop: Client, page: Any) -> None:
    page.goto(server.authorize_url(shop, prompt="consent"))
    log_in(page)
    page.get_by_role("heading", name="Give access?").wait_for()


def to_account(server: Server, shop: Client, page: Any) -> None:
    to_consent(server, shop, page)
    page.goto(server.authorize_url(shop, prompt="select_account"))
    page.get_by_role("heading", name="Choose an account").wait_for()


def to_error(server: Server, shop: Client, page: Any) -> None:
    page.goto(server.authorize_url(shop, redirect_uri="https://elsewhere.example/"))
    page.get_by_role("heading", name="That did not work").wait_for()


def to_expired(server: Server, shop: Client, page: Any) -> None:
    to_login(server, shop, page)
    page.locator("input[name=interaction]").first.evaluate("field => field.value = 'stale'")
    log_in(page)
    page.get_by_role("heading", name="This page has expired").wait_for()


def start_device(server: Server, shop: Client, page: Any) -> str:
    """Ask for a user code, as a device does."""
    answer = page.request.post(
        f"{server.url}/auth/device_authorization", form={"client_id": shop.id, "scope": "openid profile"}
    )
    assert answer.status == 200, answer.text()
    code: str = answer.json()["user_code"]
    return code


def to_device(server: Server, shop: Client, page: Any) -> None:
    page.goto(f"{server.url}/auth/device")
    page.get_by_role("heading", name="Connect a device").wait_for()


def to_wrong_device(server: Server, shop: Client, page: Any) -> None:
    to_device(server, shop, page)
    page.get_by_label("Code").fill("BBBB-BBBB")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("alert").wait_for()


def to_device_approval(server: Server, shop: Client, page: Any) -> None:
    code = start_device(server, shop, page)
    to_device(server, shop, page)
    page.get_by_label("Code").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Continue").click()
    log_in(page)
    page.get_by_role("heading", name="Connect this device?").wait_for()


def to_device_done(server: Server, shop: Client, page: Any) -> None:
    to_device_approval(server, shop, page)
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("heading", name="Device connected").wait_for()


def to_logout(server: Server, shop: Client, page: Any) -> None:
    to_consent(server, shop, page)
    page.goto(f"{server.url}/auth/end_session?client_id={shop.id}")
    page.get_by_role("heading", name="Sign out?").wait_for()


def to_logged_out(server: Server, shop: Client, page: Any) -> None:
    to_logout(server, shop, page)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="You are signed out").wait_for()


WALKS: Mapping[str, Walk] = MappingProxyType(
    {
        "login": to_login,
        "login-wrong": to_wrong_login,
        "sign-up": to_sign_up,
        "sign-up-wrong": to_wrong_sign_up,
        "consent": to_consent,
        "account": to_account,
        "device": to_device,
        "device-wrong": to_wrong_device,
        "device-approval": to_device_approval,
        "device-done": to_device_done,
        "logout": to_logout,
        "logged-out": to_logged_out,
        "error": to_error,
        "expired": to_expired,
    }
)
