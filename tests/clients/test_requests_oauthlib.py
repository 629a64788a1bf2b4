"""requests-oauthlib, in the role of an application: what it can do, against the live server."""

import pytest
from oauthlib.oauth2 import InvalidGrantError
from requests_oauthlib import OAuth2Session
from tests.conformance.world.browser import with_query


@pytest.fixture
def client(static_client, site):
    return static_client(post_logout_redirect_uris=[f"{site.place()}/goodbye"])


@pytest.fixture
def session(client, authority):
    scope = ["openid", "email", "offline_access"]
    with OAuth2Session(client.client_id, scope=scope, redirect_uri=client.redirect_uri, pkce="S256") as made:
        made.verify, made.trust_env = str(authority.root), False
        yield made


@pytest.fixture
def landing(client, session, browser):
    """The browser comes back from the address that the library has made."""
    url, _state = session.authorization_url(client.provider.metadata["authorization_endpoint"], prompt="consent")
    return browser.visit(url, until=client.redirect_uri)


@pytest.fixture
def token(client, session, landing):
    endpoint = client.provider.metadata["token_endpoint"]
    return session.fetch_token(endpoint, authorization_response=landing.url, client_secret=client.secret)


def test_it_logs_a_person_in_by_code_and_pkce(token, provider):
    assert provider.verify(token["id_token"])["iss"] == provider.issuer


def test_it_reads_userinfo(session, token, provider, ada):
    claims = session.get(provider.metadata["userinfo_endpoint"]).json()
    assert claims["email"] == f"{ada.username}@people.example"


def test_it_refreshes(client, session, token, provider):
    auth = (client.client_id, client.secret)
    refreshed = session.refresh_token(provider.metadata["token_endpoint"], auth=auth)
    assert refreshed["access_token"] != token["access_token"]
    assert session.get(provider.metadata["userinfo_endpoint"]).status_code == 200


def test_it_says_what_was_refused(client, session, landing, token):
    endpoint = client.provider.metadata["token_endpoint"]
    with pytest.raises(InvalidGrantError):
        session.fetch_token(endpoint, authorization_response=landing.url, client_secret=client.secret)


def test_its_login_ends_at_a_logout(client, session, token, browser, provider):
    after = client.document["post_logout_redirect_uris"][0]
    parameters = {"id_token_hint": token["id_token"], "post_logout_redirect_uri": after}
    assert browser.visit(with_query(provider.metadata["end_session_endpoint"], parameters), until=after).url == after
    assert session.get(provider.metadata["userinfo_endpoint"]).status_code == 401
