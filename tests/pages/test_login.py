"""Login, sign-up, consent, devices and logout in a browser; by keys alone, and without JavaScript."""

import pytest
from tests.pages.live import PASSWORD, VERIFIER
from tests.pages.walks import log_in, start_device, to_consent, to_device, to_login, to_sign_up


def back(page):
    page.get_by_role("heading", name="Back in the shop").wait_for()


def test_login_and_consent_lead_back_with_a_code_that_gives_tokens(server, application, shop, page):
    page.goto(server.authorize_url(shop, prompt="consent"))
    log_in(page)
    page.get_by_role("button", name="Allow").click()
    back(page)
    answer = application.answer
    assert (answer["state"], answer["iss"]) == ("a-state", server.url)
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": application.redirect_uri,
        "client_id": shop.id,
        "code_verifier": VERIFIER,
    }
    assert "id_token" in page.request.post(f"{server.url}/auth/token", form=form).json()


def test_denial_leads_back_without_one(server, application, shop, page):
    to_consent(server, shop, page)
    page.get_by_role("button", name="Deny").click()
    back(page)
    assert application.answer["error"] == "access_denied"


def test_a_wrong_password_is_said_to_a_screen_reader_and_the_field_has_the_focus(server, shop, page):
    to_login(server, shop, page)
    log_in(page, password="not the right one")
    assert page.get_by_role("alert").inner_text() == "Wrong username or password."
    assert page.evaluate("document.activeElement.id") == "password"
    assert page.get_by_label("Password").get_attribute("aria-describedby") == "errors"


def test_password_managers_know_the_fields(server, shop, page):
    to_login(server, shop, page)
    kinds = {name: page.locator(f"#{name}").get_attribute("autocomplete") for name in ("username", "password")}
    assert kinds == {"username": "username", "password": "current-password"}
    to_sign_up(server, shop, page)
    assert page.locator("#password").get_attribute("autocomplete") == "new-password"
    to_device(server, shop, page)
    assert page.locator("#user_code").get_attribute("autocomplete") == "one-time-code"


@pytest.mark.parametrize("scripts", [True, False])
def test_sign_up_works_with_and_without_javascript(server, application, shop, open_page, scripts):
    page = open_page(java_script_enabled=scripts)
    to_sign_up(server, shop, page)
    page.get_by_label("Username").fill(f"newcomer-{scripts}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    page.get_by_role("button", name="Allow").click()
    back(page)
    assert "code" in application.answer


def test_everything_can_be_done_by_keys_alone(server, application, shop, page):
    page.goto(server.authorize_url(shop, prompt="consent"))
    page.locator("#username:focus").wait_for()
    page.keyboard.type("alice")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Give access?").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.value") == "allow"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    back(page)
    assert "code" in application.answer


@pytest.mark.parametrize("scripts", [True, False])
def test_an_answer_is_posted_by_itself_or_by_a_button(server, application, shop, open_page, scripts):
    page = open_page(java_script_enabled=scripts)
    page.goto(server.authorize_url(shop, prompt="consent", response_mode="form_post"))
    log_in(page)
    page.get_by_role("button", name="Allow").click()
    if not scripts:
        page.get_by_role("button", name="Continue").click()
    back(page)
    assert application.answer["state"] == "a-state"


def test_the_back_button_shows_no_form_that_still_works_after_logout(server, shop, page):
    to_consent(server, shop, page)
    page.goto(f"{server.url}/auth/logout")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="You are signed out").wait_for()
    page.goto(server.authorize_url(shop))
    assert page.get_by_role("heading", name="Sign in").is_visible()


def test_a_form_that_is_sent_twice_does_no_harm(server, application, shop, page):
    to_consent(server, shop, page)
    page.get_by_role("button", name="Allow").dblclick()
    back(page)
    assert "code" in application.answer


def test_a_device_is_connected(server, shop, open_page):
    page = open_page(java_script_enabled=False)
    code = start_device(server, shop, page)
    page.goto(f"{server.url}/auth/device?user_code={code}")
    page.get_by_role("button", name="Continue").click()
    log_in(page)
    assert page.get_by_text(code).is_visible()
    page.get_by_role("button", name="Allow").click()
    assert page.get_by_role("heading", name="Device connected").is_visible()


def test_a_stolen_link_gains_nothing_in_another_browser(server, shop, open_page):
    thief, victim = open_page(), open_page()
    to_login(server, shop, thief)
    stolen = thief.locator("input[name=interaction]").first.input_value()
    to_login(server, shop, victim)
    field = victim.locator("form[action$=login] input[name=interaction]")
    field.evaluate("(field, value) => field.value = value", stolen)
    log_in(victim)
    assert victim.get_by_role("heading", name="This page has expired").is_visible()


def test_a_page_cannot_be_framed(server, shop, application, page):
    page.goto(application.redirect_uri.replace("/callback", "/"))
    page.set_content(f'<iframe id="inner" src="{server.authorize_url(shop)}"></iframe>')
    frame = page.frame_locator("#inner")
    assert frame.get_by_role("heading", name="Sign in").count() == 0
