"""The web application in one process; tests/pages/test_single_sign_on.py runs two of them for real, in a browser."""

from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from examples.web_app import create_app
from fastapi.testclient import TestClient
from tests.examples.provider_in_memory import CLIENT, ISSUER, Issuer

from watchword import Auth
from watchword.testing import TokenFactory


@pytest.fixture
def issuer():
    return Issuer()


@pytest.fixture
def factory():
    return TokenFactory(issuer=ISSUER, audience=ISSUER)


@pytest.fixture
def client(issuer, factory):
    auth = Auth.remote(issuer=ISSUER, audience=ISSUER, fetcher=factory.fetcher)
    http = httpx2.AsyncClient(transport=httpx2.MockTransport(issuer.answer))
    with TestClient(create_app(CLIENT, auth, http), base_url="https://notes.example") as client:
        yield client


def log_in(client, issuer):
    """Go to the provider, and come back with its answer."""
    url = client.get("/login", follow_redirects=False).headers["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    issuer.id_token = issuer.sign(nonce=asked["nonce"])
    return client.get("/callback", params={"code": "a-code", "state": asked["state"], "iss": ISSUER})


def greet(client, token):
    return client.get("/api/greeting", headers={"Authorization": f"Bearer {token}"})


def test_a_login_shows_who_came_and_keeps_the_tokens_from_the_browser(client, issuer):
    assert "You are not signed in" in client.get("/").text
    page = log_in(client, issuer)
    assert "<strong>ada</strong>" in page.text
    given, _taken = page.history[0].headers.get_list("Set-Cookie")
    assert ("HttpOnly" in given, "SameSite=lax" in given) == (True, True)
    assert [secret for secret in ("at", "rt", issuer.id_token) if secret in client.cookies.values()] == []


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(client, issuer):
    answer = client.get("/callback", params={"code": "a-code", "state": "a-state", "iss": ISSUER})
    assert (answer.status_code, "not begun in this browser" in answer.text) == (400, True)
    assert client.get("/callback").status_code == 400
    assert log_in(client, issuer).status_code == 200


def test_a_refresh_that_the_provider_refuses_ends_the_login(client, issuer):
    log_in(client, issuer)
    assert "1 time<" in client.post("/refresh").text
    issuer.refusal = "invalid_grant"
    assert "Your login has ended" in client.post("/refresh").text


def test_an_access_token_that_the_api_refuses_ends_the_login(client, issuer):
    log_in(client, issuer)
    issuer.api = 401
    assert "Your login has ended" in client.get("/").text


def test_signing_out_forgets_the_login_and_goes_to_the_provider(client, issuer):
    log_in(client, issuer)
    answer = client.post("/logout", follow_redirects=False)
    assert answer.headers["Location"].startswith(f"{ISSUER}/logout?id_token_hint=")
    assert "You are not signed in" in client.get("/").text
    assert client.post("/logout", follow_redirects=False).headers["Location"] == "/"


def test_a_logout_token_ends_the_login_that_it_names_and_no_other(client, issuer):
    log_in(client, issuer)
    other = client.post("/backchannel-logout", data={"logout_token": issuer.logout_token(sid="another-login")})
    assert (other.status_code, other.headers["Cache-Control"]) == (200, "no-store")
    assert "<strong>ada</strong>" in client.get("/").text
    assert client.post("/backchannel-logout", data={"logout_token": issuer.logout_token()}).status_code == 200
    assert "Your login has ended" in client.get("/").text
    assert "ended already" in log_in(client, issuer).text


@pytest.mark.parametrize("form", [{}, {"logout_token": ""}, {"logout_token": "no.such.token"}])
def test_a_notice_that_does_not_verify_is_refused_and_ends_nothing(client, issuer, form):
    log_in(client, issuer)
    assert client.post("/backchannel-logout", data=form).status_code == 400
    assert "<strong>ada</strong>" in client.get("/").text


def test_the_api_takes_the_tokens_of_its_application_until_their_login_ends(client, issuer, factory):
    token = factory.token("ada-id", client_id=CLIENT.id, sid="a-login")
    assert greet(client, token).json()["subject"] == "ada-id"
    client.post("/backchannel-logout", data={"logout_token": issuer.logout_token()})
    answer = greet(client, token)
    assert (answer.status_code, 'error="invalid_token"' in answer.headers["WWW-Authenticate"]) == (401, True)
    assert greet(client, factory.token("ada-id", client_id=CLIENT.id, sid="a-later-login")).status_code == 200


def test_the_api_refuses_the_tokens_of_other_applications_and_strangers(client, factory):
    assert greet(client, factory.token("ada-id", client_id="photos", sid="a-login")).status_code == 401
    assert client.get("/api/greeting").status_code == 401
