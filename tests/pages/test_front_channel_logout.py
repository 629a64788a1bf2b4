"""Front-channel logout in a browser: the logged-out page loads what every application registered, and nothing else."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from tests.pages.applications import claims_of, wait_for
from tests.pages.live import VERIFIER, running_application
from tests.pages.walks import log_in

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => window.violations.push(event.blockedURI));
"""
FRAME = """
(url) => new Promise((done) => {
    document.addEventListener("securitypolicyviolation", (event) => done(event.blockedURI), { once: true });
    document.body.append(Object.assign(document.createElement("iframe"), { src: url }));
})
"""


@pytest.fixture(scope="module")
def three():
    """Three applications, each with an origin of its own."""
    with running_application() as first, running_application() as second, running_application() as third:
        yield first, second, third


@pytest.fixture
def clients(server, three):
    """The first two are told by frames; the third registered nothing."""
    first, second, third = three
    told = [
        server.add_client(
            name,
            each.redirect_uri,
            metadata={
                "frontchannel_logout_uri": f"{each.origin}/ended?of={name}",
                "frontchannel_logout_session_required": True,
                "post_logout_redirect_uris": (f"{each.origin}/bye",),
            },
            first_party=True,
        )
        for name, each in (("Corner", first), ("Market", second))
    ]
    return [*told, server.add_client("Quiet", third.redirect_uri, first_party=True)]


def log_in_at(server, client, application, page):
    """Log in, with the password only where it is asked for; return the ID token."""
    before = len(application.calls)
    page.goto(server.authorize_url(client))
    if page.get_by_role("heading", name="Sign in").is_visible():
        log_in(page)
        page.get_by_role("heading", name="Back in the shop").wait_for()
    assert len(application.calls) == before + 1
    form = {
        "grant_type": "authorization_code",
        "code": application.answer["code"],
        "redirect_uri": application.redirect_uri,
        "client_id": client.id,
        "code_verifier": VERIFIER,
    }
    token: str = page.request.post(f"{server.url}/auth/token", form=form).json()["id_token"]
    return token


def notices(application):
    """What was loaded at the address that it registered, as the parameters that came."""
    return [dict(parse_qsl(urlsplit(path).query)) for path in application.loaded if path.startswith("/ended")]


@pytest.fixture
def logged_in(server, clients, three, page):
    """A browser that is logged in at all three, and the ID tokens."""
    for application in three:
        application.loaded.clear()
    return [log_in_at(server, client, each, page) for client, each in zip(clients, three, strict=True)]


def test_each_application_is_told_in_a_frame_whose_login_has_ended(server, three, logged_in, page):
    first, second, third = three
    page.add_init_script(WATCH)
    page.goto(f"{server.url}/auth/logout")
    with page.expect_response(lambda response: response.request.is_navigation_request()) as answered:
        page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="You are signed out").wait_for()
    wait_for(lambda: notices(first) and notices(second), "both were told")
    for application, name, id_token in zip((first, second), ("Corner", "Market"), logged_in, strict=False):
        assert notices(application) == [{"of": name, "iss": server.url, "sid": claims_of(id_token)["sid"]}]
    assert third.loaded == []
    policy = dict(part.split(" ", 1) for part in answered.value.headers["content-security-policy"].split("; "))
    assert policy["frame-src"].split() == sorted([first.origin, second.origin])
    assert page.evaluate("window.violations") == []


def test_nothing_else_can_be_framed_there(server, three, logged_in, page):
    *_, third = three
    page.goto(f"{server.url}/auth/logout")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="You are signed out").wait_for()
    assert page.evaluate(FRAME, f"{third.origin}/ended").startswith(third.origin)
    assert notices(third) == []


def test_the_way_back_is_taken_when_the_frames_were_loaded(server, three, logged_in, page):
    first, second, _third = three
    query = {"id_token_hint": logged_in[0], "post_logout_redirect_uri": f"{first.origin}/bye", "state": "s"}
    page.goto(f"{server.url}/auth/end_session?{urlencode(query)}")
    page.wait_for_url(f"{first.origin}/bye?state=s")
    assert [len(notices(application)) for application in (first, second)] == [1, 1]
    page.goto(f"{server.url}/auth/logout")
    assert page.get_by_role("button", name="Sign out").count() == 0
