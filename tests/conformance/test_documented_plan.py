"""The plan configuration of the documentation leads a real browser through our pages, module by module."""

from types import SimpleNamespace

import pytest
from tests.conformance.world.browser import with_query
from tests.conformance.world.scripted import Scripted
from tests.docs.pages import blocks

CLIENTS = ("certification", "certification-2", "certification-post")
SUBMITTED = '<p id="submission_complete">Submitted</p>'
HINTS = {
    "no-id-token-hint": lambda _: None,
    "modified-id-token-hint": lambda hint: f"eyJhbGciOiJub25lIn0.{hint.split('.')[1]}.",
    "bad-id-token-hint": lambda _: "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhcHAifQ.c2lnbmF0dXJl",
}


@pytest.fixture(scope="module")
def documented():
    """The program of the documentation that makes the configuration."""
    [block] = [block for block in blocks("python") if block.file == "conformance_plan.py"]
    names = {"__name__": "conformance_plan"}
    exec(compile(block.code, block.file, "exec"), names)
    return names


@pytest.fixture
def scripted(documented, provider, ada, page):
    """Makes browsers that follow the configuration, or that of one module."""
    documented |= {"USERNAME": ada.username, "PASSWORD": ada.password}
    plan = documented["plan"](provider.issuer, dict.fromkeys(CLIENTS, "a secret"))
    return lambda module="": Scripted(page, plan["override"].get(module, plan)["browser"])


@pytest.fixture
def suite(site):
    """Where the suite is."""
    place = f"{site.origin}/test/a/watchword"
    found = {name: f"{place}/{name}" for name in ("callback", "post_logout_redirect", "frontchannel_logout")}
    site.publish(found["callback"], SUBMITTED, "text/html")
    return SimpleNamespace(**found)


@pytest.fixture
def client(static_client, suite):
    return static_client(
        redirect_uris=[suite.callback], post_logout_redirect_uris=[suite.post_logout_redirect], client_name="Suite"
    )


def authorization(client, **changes):
    return with_query(client.provider.metadata["authorization_endpoint"], client.request(**changes))


def logout(client, **parameters):
    return with_query(client.provider.metadata["end_session_endpoint"], parameters)


def log_in(client, browser):
    """Log in by the steps; return the tokens."""
    request = client.request()
    browser.go(with_query(client.provider.metadata["authorization_endpoint"], request))
    fields = browser.page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    assert fields["state"] == request["state"]
    return client.check_tokens(client.redeem(fields["code"]), nonce=request["nonce"])


def test_the_steps_log_in_and_agree_once(client, scripted):
    browser = scripted()
    browser.go(authorization(client))
    browser.go(authorization(client))
    assert browser.done == ["Log in", "Agree", "Come back", "Come back"]


def test_the_steps_agree_for_a_second_client_and_with_prompt_consent(client, static_client, suite, scripted):
    browser, other = scripted(), static_client(redirect_uris=[suite.callback])
    browser.go(authorization(client))
    browser.go(authorization(other))
    browser.go(authorization(other, prompt="consent", scope="openid offline_access"))
    assert browser.done == ["Log in", "Agree", "Come back", *["Log in", "Come back"] * 2]


def test_the_steps_lead_to_an_answer_that_is_posted(client, scripted, site, suite):
    scripted().go(authorization(client, response_mode="form_post"))
    assert {"code", "state", "iss", "session_state"} == site.received(suite.callback)[-1].form.keys()


@pytest.mark.parametrize(("module", "again"), [("prompt-login", {"prompt": "login"}), ("max-age-1", {"max_age": "1"})])
def test_the_steps_log_in_again_as_the_same_person(client, scripted, server, module, again):
    browser = scripted(f"oidcc-{module}")
    browser.go(authorization(client))
    server.tick(2)
    browser.go(authorization(client, **again), wants_picture=True)
    assert (browser.pictures, browser.done[-2:]) == (["Sign in"], ["Log in", "Come back"])


@pytest.mark.parametrize("module", ["ensure-registered-redirect-uri", "redirect-uri-query-added"])
def test_the_steps_take_a_picture_of_a_redirect_uri_that_is_refused(client, scripted, suite, module):
    browser = scripted(f"oidcc-{module}")
    browser.go(authorization(client, redirect_uri=f"{suite.callback}?foo=bar"), wants_picture=True)
    assert browser.pictures == ["That did not work"]


def test_the_steps_take_a_picture_of_the_login_page(client, scripted):
    browser = scripted("oidcc-registration-logo-uri")
    browser.go(authorization(client), wants_picture=True)
    assert browser.pictures == ["Sign in"]


@pytest.mark.parametrize("module", [*HINTS, "bad-post-logout-redirect-uri"])
def test_the_steps_take_a_picture_of_the_question_where_a_logout_is_not_proved(client, scripted, suite, module):
    browser = scripted(f"oidcc-rp-initiated-logout-{module}")
    hint = HINTS.get(module, str)(log_in(client, browser).id_token)
    uri = suite.post_logout_redirect + ("/bad" if module not in HINTS else "")
    parameters = {"id_token_hint": hint, "post_logout_redirect_uri": uri, "state": "s"}
    browser.go(logout(client, **parameters), wants_picture=True)
    assert browser.pictures == ["Sign out"]


@pytest.mark.parametrize("module", ["no-post-logout-redirect-uri", "no-params", "only-state"])
def test_the_steps_take_a_picture_after_a_logout_that_leads_nowhere(client, scripted, module):
    browser = scripted(f"oidcc-rp-initiated-logout-{module}")
    hint = log_in(client, browser).id_token if module.startswith("no-post") else log_in(client, browser) and None
    state = None if module == "no-params" else "s"
    browser.go(logout(client, id_token_hint=hint, state=state), wants_picture=True)
    assert browser.pictures == ["You are signed out"]


def test_the_steps_come_back_after_a_logout_whose_other_applications_were_told(static_client, scripted, suite, site):
    client = static_client(
        redirect_uris=[suite.callback],
        post_logout_redirect_uris=[suite.post_logout_redirect],
        frontchannel_logout_uri=suite.frontchannel_logout,
    )
    browser = scripted()
    tokens = log_in(client, browser)
    parameters = {"id_token_hint": tokens.id_token, "post_logout_redirect_uri": suite.post_logout_redirect}
    browser.go(logout(client, **parameters, state="s"))
    assert site.received(suite.post_logout_redirect)[-1].query == {"state": "s"}
    told = site.received(suite.frontchannel_logout)[-1].query
    assert told == {"iss": client.provider.issuer, "sid": tokens.claims["sid"]}
