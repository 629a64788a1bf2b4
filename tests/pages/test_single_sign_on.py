"""The mission of the README for real: two applications, one login, tokens refreshed, one logout everywhere.

`WATCHWORD_SCREENSHOTS=1` writes its pictures into docs/images.
"""

import base64
import os

import httpx2
import pytest
from tests.docs.pages import ROOT
from tests.pages.applications import claims_of, running_applications, wait_for
from tests.pages.live import PASSWORD, running_server

pytestmark = pytest.mark.xdist_group("single-sign-on")  # one process, so that both are started once
SIZE = {"width": 560, "height": 640}
STRIP = """<!doctype html><style>
body { margin: 0; padding: 16px; background: #dde3ea; font: 17px/1.4 system-ui, sans-serif; color: #1f2933;
  display: grid; grid-template-columns: repeat(4, 1fr); gap: 16px }
figure { margin: 0 } img { width: 100%; border-radius: 8px; display: block } figcaption { padding: 10px 4px 0 }
</style>"""


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("mission")) as running:
        running.environment["WATCHWORD_ISSUER"] = running.url  # commands cannot know which port was free
        yield running


@pytest.fixture(scope="module")
def applications(issuer):
    with running_applications(issuer) as running:
        yield running


@pytest.fixture
def hasty_applications(tmp_path):
    """Access tokens live for so short a time that each use of one needs a new one."""
    with running_server(tmp_path, WATCHWORD_ACCESS_TTL="20") as server, running_applications(server) as running:
        yield running


@pytest.fixture
def strip(open_page):
    """Pictures side by side, each with a caption; written where pictures are asked for."""
    figures = []

    def add(page, caption):
        picture = base64.b64encode(page.screenshot()).decode()
        source = f"data:image/png;base64,{picture}"
        figures.append(f'<figure><img src="{source}"><figcaption>{caption}</figcaption></figure>')

    yield add
    if os.environ.get("WATCHWORD_SCREENSHOTS") == "1" and figures:
        page = open_page(viewport={"width": 1600, "height": 200}, bypass_csp=True)
        page.set_content(STRIP + "".join(figures))
        page.screenshot(path=ROOT / "docs" / "images" / "single-sign-on.png", full_page=True)


def sign_up(page, name):
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Create an account").click()
    page.get_by_role("heading", name="Create an account").wait_for()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()


def allow(page):
    page.get_by_role("heading", name="Give access?").wait_for()
    page.get_by_role("button", name="Allow").click()
    page.get_by_text("You are signed in as").wait_for()


def test_one_login_serves_two_applications_until_one_logout_ends_it_in_both(issuer, applications, open_page, strip):
    notes, photos = applications
    first = open_page(viewport=SIZE)
    second = first.context.new_page()
    first.goto(notes.url)
    sign_up(first, "ada")
    first.get_by_role("heading", name="Give access?").wait_for()
    strip(first, "<b>Notes</b> sends Ada to log in, once. She is asked what it may know.")
    allow(first)
    second.goto(photos.url)
    second.get_by_role("link", name="Sign in").click()
    allow(second)  # no password: the login at the provider serves
    for page in (first, second):
        page.get_by_role("button", name="Refresh now").click()
        page.get_by_text("1 time", exact=True).wait_for()
    strip(first, "She is back, and the tokens were refreshed.")
    strip(second, "<b>Photos</b> needed no password, and has refreshed its own.")
    for app in applications:
        before, after = app.calls
        assert before != after
        assert claims_of(before)["sid"] == claims_of(after)["sid"]
        assert [app.status_of(token) for token in app.calls] == [200, 200]

    heard = photos.heard
    first.get_by_role("button", name="Sign out everywhere").click()
    first.get_by_text("You are not signed in").wait_for()
    assert first.url == f"{notes.url}/"
    wait_for(lambda: photos.heard > heard, "Photos was told")
    second.goto(photos.url)
    assert second.get_by_role("alert").inner_text() == "Your login has ended."
    strip(second, "Ada signs out at Notes. The provider tells Photos, which refuses the old tokens.")
    assert len(photos.calls) == 2  # it knew before it asked anybody
    for app in applications:
        assert [app.status_of(token) for token in app.calls] == [401, 401]
        assert [status_of_userinfo(issuer, token) for token in app.calls] == [401, 401]
    second.get_by_role("link", name="Sign in").click()
    assert second.get_by_role("heading", name="Sign in").is_visible()


def test_an_application_refreshes_by_itself_before_a_token_ends(hasty_applications, open_page):
    notes, _photos = hasty_applications
    page = open_page(viewport=SIZE)
    page.goto(notes.url)
    sign_up(page, "grace")
    allow(page)
    page.reload()
    assert page.get_by_text("2 times", exact=True).is_visible()
    assert len(set(notes.calls)) == 2


@pytest.mark.parametrize("command", [["disable"], ["delete", "--yes"]], ids=["disable", "delete"])
def test_an_application_hears_that_a_command_has_ended_a_login(issuer, applications, open_page, command):
    notes, _photos = applications
    page, name = open_page(viewport=SIZE), f"heidi-{command[0]}"
    page.goto(notes.url)
    sign_up(page, name)
    allow(page)
    calls, heard = len(notes.calls), notes.heard
    issuer.run("users", *command, name)
    assert notes.heard == heard + 1
    page.reload()
    assert page.get_by_role("alert").inner_text() == "Your login has ended."
    assert len(notes.calls) == calls


def test_the_api_of_one_application_refuses_the_tokens_of_the_other(applications, open_page):
    notes, photos = applications
    page = open_page(viewport=SIZE)
    page.goto(notes.url)
    sign_up(page, "mallory")
    allow(page)
    assert [app.status_of(notes.calls[-1]) for app in (notes, photos)] == [200, 401]


def status_of_userinfo(issuer, token):
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.get(f"{issuer.url}/auth/userinfo", headers=headers, trust_env=False).status_code
