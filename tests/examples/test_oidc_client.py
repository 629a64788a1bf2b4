"""The client of the examples against a provider in memory: what it takes, and what it refuses."""

import asyncio
import time
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from examples.oidc_client import Provider, Refused, Registration
from tests.examples.provider_in_memory import CLIENT, ISSUER, Issuer


@pytest.fixture
def issuer():
    return Issuer()


@pytest.fixture
def provider(issuer):
    return Provider(CLIENT, httpx2.AsyncClient(transport=httpx2.MockTransport(issuer.answer)))


@pytest.fixture
def begun(provider):
    return asyncio.run(provider.begin_login())


def query_of(url):
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def finish(provider, issuer, begun, *, ticket=None, nonce=None, **answer):
    asked = query_of(begun.url)
    issuer.id_token = issuer.id_token or issuer.sign(nonce=nonce or asked["nonce"])
    answer = {"code": "a-code", "state": asked["state"], "iss": ISSUER, **answer}
    kept = {name: value for name, value in answer.items() if value is not None}
    return asyncio.run(provider.finish_login(kept, begun.ticket if ticket is None else ticket))


def test_a_login_asks_for_a_code_with_pkce_and_redeems_it(provider, issuer, begun):
    asked = query_of(begun.url)
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    tokens, person = finish(provider, issuer, begun)
    assert (tokens["access_token"], person["preferred_username"], person["sid"]) == ("at", "ada", "a-login")
    form = issuer.form()
    assert (form["code"], form["redirect_uri"]) == ("a-code", CLIENT.redirect_uri)
    assert form["code_verifier"] not in begun.url


@pytest.mark.parametrize(
    "wrong",
    [
        {"ticket": ""},
        {"ticket": "another.browsers.ticket"},
        {"state": "another"},
        {"state": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"code": None, "error": "access_denied"},
        {"nonce": "of another login"},
    ],
)
def test_an_answer_to_another_question_is_refused(provider, issuer, begun, wrong):
    with pytest.raises(Refused):
        finish(provider, issuer, begun, **wrong)
    issuer.id_token = ""
    assert finish(provider, issuer, begun)


def test_what_is_told_of_somebody_else_is_refused(provider, issuer, begun):
    issuer.person = "bob-id"
    with pytest.raises(Refused, match="somebody else"):
        finish(provider, issuer, begun)


def test_a_provider_of_another_name_is_refused(provider, issuer):
    issuer.named = "https://evil.example"
    with pytest.raises(Refused, match="not the provider"):
        asyncio.run(provider.begin_login())


def test_a_refusal_of_the_provider_is_told(provider, issuer):
    issuer.refusal = "invalid_grant"
    with pytest.raises(Refused, match="invalid_grant"):
        asyncio.run(provider.refresh("spent"))
    issuer.refusal = ""
    assert asyncio.run(provider.refresh("good"))["refresh_token"] == "rt"
    assert issuer.form() == {"grant_type": "refresh_token", "refresh_token": "good"}


def test_a_logout_names_the_login_and_the_way_back(provider):
    url = asyncio.run(provider.logout_url("an-id-token"))
    assert query_of(url) == {"id_token_hint": "an-id-token", "post_logout_redirect_uri": CLIENT.home}


def test_a_logout_token_names_the_login_that_has_ended(provider, issuer):
    assert asyncio.run(provider.check_logout(issuer.logout_token())) == "a-login"


WRONG = {
    "nothing": lambda _: "",
    "no_token": lambda _: "not.a.token",
    "an_id_token": lambda issuer: issuer.sign(nonce="n"),
    "one_with_a_nonce": lambda issuer: issuer.logout_token(nonce="n"),
    "one_of_another_event": lambda issuer: issuer.logout_token(events={"https://issuer.example/other": {}}),
    "one_for_another_client": lambda issuer: issuer.logout_token(aud="photos"),
    "one_of_another_issuer": lambda issuer: issuer.logout_token(iss="https://evil.example"),
    "one_that_has_expired": lambda issuer: issuer.logout_token(exp=int(time.time()) - 60),
    "one_without_an_end": lambda issuer: issuer.logout_token(exp=None),
    "one_of_no_login": lambda issuer: issuer.logout_token(sid=None),
    "one_that_nobody_signed": lambda issuer: "eyJhbGciOiJub25lIn0." + issuer.logout_token().split(".")[1] + ".",
    "one_by_another_key": lambda issuer: issuer.logout_token(key=Issuer().key),
    "one_by_another_key_of_the_same_name": lambda issuer: issuer.logout_token(
        key=Issuer().key, header={"kid": issuer.key.kid}
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_logout_token_for_this_client_is_refused(provider, issuer, name):
    with pytest.raises(Refused):
        asyncio.run(provider.check_logout(WRONG[name](issuer)))
    assert asyncio.run(provider.check_logout(issuer.logout_token())) == "a-login"


def test_a_new_key_of_the_provider_is_found_but_not_looked_for_all_the_time(provider, issuer, monkeypatch):
    assert asyncio.run(provider.check_logout(issuer.logout_token()))
    issuer.rotate()
    for _ in range(3):
        with pytest.raises(Refused):
            asyncio.run(provider.check_logout(issuer.logout_token()))
    assert [request.url.path for request in issuer.asked].count("/jwks") == 1
    later = time.monotonic() + 6
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert asyncio.run(provider.check_logout(issuer.logout_token())) == "a-login"


def test_the_file_of_the_command_describes_the_application(run_command, tmp_path, monkeypatch):
    words = ("--redirect-uri", CLIENT.redirect_uri, "--post-logout-redirect-uri", CLIENT.home, "--json")
    (tmp_path / "notes.json").write_text(run_command("clients", "add", "Notes", *words), encoding="utf-8")
    monkeypatch.setenv("ISSUER", ISSUER)
    read = Registration.read(tmp_path / "notes.json")
    assert (read.issuer, read.name, read.redirect_uri, read.home) == (ISSUER, "Notes", CLIENT.redirect_uri, CLIENT.home)
    assert read.secret.startswith("wwcs_")
    assert read.secret not in repr(read)
