"""Authlib, in the role of an application (https://docs.authlib.org): what it can do, against the live server."""

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from joserfc import jwt
from joserfc.jwk import KeySet

VERIFIER = "obviously-fake-verifier-of-43-characters-or-more"
SCOPE = "openid profile offline_access"


@pytest.fixture
def client(static_client):
    return static_client()


@pytest.fixture
def session(client, authority):
    with OAuth2Session(
        client.client_id,
        client.secret,
        scope=SCOPE,
        redirect_uri=client.redirect_uri,
        code_challenge_method="S256",
        token_endpoint=client.provider.metadata["token_endpoint"],
        revocation_endpoint_auth_method="client_secret_basic",
    ) as made:
        made.verify, made.trust_env = str(authority.root), False
        yield made


@pytest.fixture
def landing(client, session, browser):
    """The browser comes back from the address that Authlib has made."""
    endpoint = client.provider.metadata["authorization_endpoint"]
    url, _state = session.create_authorization_url(endpoint, code_verifier=VERIFIER, nonce="n", prompt="consent")
    return browser.visit(url, until=client.redirect_uri)


@pytest.fixture
def token(session, landing):
    return session.fetch_token(authorization_response=landing.url, code_verifier=VERIFIER)


def test_discovery_is_valid(provider, authority):
    url = get_well_known_url(provider.issuer, external=True)
    with requests.Session() as session:
        session.verify, session.trust_env = str(authority.root), False
        found = session.get(url, timeout=10).json()
    OpenIDProviderMetadata(found).validate()
    assert found["issuer"] == provider.issuer


def test_it_logs_a_person_in_by_code_and_pkce(token, client, provider):
    keys = KeySet.import_key_set(provider.jwks())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    options = {"iss": {"value": provider.issuer}, "aud": {"value": client.client_id}}
    claims = CodeIDToken(
        decoded.claims,
        decoded.header,
        options,
        {"nonce": "n", "client_id": client.client_id, "access_token": token["access_token"]},
    )
    claims.validate(now=int(provider.server.now), leeway=5)
    assert claims["sub"]
    assert token["token_type"].lower() == "bearer"


def test_it_reads_userinfo(session, token, provider, ada):
    response = session.get(provider.metadata["userinfo_endpoint"])
    assert response.status_code == 200
    assert response.json()["preferred_username"] == ada.username


def test_it_refreshes(session, token, provider):
    refreshed = session.refresh_token(provider.metadata["token_endpoint"])
    assert refreshed["access_token"] != token["access_token"]
    assert session.get(provider.metadata["userinfo_endpoint"]).status_code == 200


def test_it_introspects_and_revokes(session, token, provider):
    url, refresh = provider.metadata["introspection_endpoint"], token["refresh_token"]
    active = session.introspect_token(url, token=refresh, token_type_hint="refresh_token").json()
    revoked = session.revoke_token(provider.metadata["revocation_endpoint"], token=refresh)
    assert (active["active"], revoked.status_code) == (True, 200)
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.refresh_token(provider.metadata["token_endpoint"])


def test_it_says_what_was_refused(session, landing):
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.fetch_token(authorization_response=landing.url, code_verifier=f"other-{VERIFIER}")


def test_it_gets_a_token_for_itself(static_client, authority, operator, provider):
    client_id, secret = operator.add_service("Service")
    with OAuth2Session(client_id, secret) as session:
        session.verify, session.trust_env = str(authority.root), False
        token = session.fetch_token(provider.metadata["token_endpoint"], grant_type="client_credentials")
    assert token["access_token"]
