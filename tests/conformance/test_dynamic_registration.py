"""What the modules of the Dynamic plan send whatever they are about: the registration, its keys, and its end.

Their clients register with their keys by value, authenticate by `private_key_jwt` for the token endpoint, name the
scopes that they were granted when they refresh, and are deleted at the end (RFC 7592 section 2.3).
"""

import json

import pytest
from joserfc.jwk import RSAKey
from tests.conformance.world.relying_party import RelyingParty, public_jwks


@pytest.fixture(scope="module")
def key():
    """A key that says what it is for by `alg` alone: it has no `kid` and no `use`."""
    return RSAKey.generate_key(2048, {"alg": "RS256"}, private=True)


class Plain(RelyingParty):
    """A client whose assertions are for the token endpoint."""

    def assertion(self, **changes):
        return super().assertion(**{"aud": self.provider.metadata["token_endpoint"], **changes})


@pytest.fixture
def suite_client(register, provider, site, key):
    """Makes clients as the suite does."""

    def make(**metadata):
        keys = {} if "jwks_uri" in metadata else {"jwks": public_jwks(key)}
        document = {
            "client_name": "Application that registered itself",
            "grant_types": ["authorization_code"],
            "token_endpoint_auth_method": "private_key_jwt",
            "response_types": ["code"],
            "redirect_uris": [f"{site.place()}/callback"],
            "contacts": ["operator@application.example"],
            **keys,
            **metadata,
        }
        response = register(document)
        assert response.status_code == 201, response.text
        assert response.headers["content-type"].split(";")[0] == "application/json"
        answer = response.json()
        assert "error" not in answer
        assert answer["registration_access_token"]
        assert answer["registration_client_uri"].startswith("https://")
        assert "client_secret" not in answer or type(answer["client_secret_expires_at"]) is int
        return Plain(provider, answer, answer["client_id"], key=key)

    return make


def test_a_client_with_a_key_without_a_name_logs_somebody_in(suite_client, browser):
    """One key needs no `kid` (RFC 7515 section 4.1.4); the audience may be the token endpoint (Core section 9)."""
    client = suite_client()
    assert client.claims(client.log_in(browser))["sub"]


def test_a_registration_is_deleted_with_its_token(suite_client, provider, browser):
    """The token of a registration ends it, with 204 and no content; nothing of it works then (RFC 7592 section 2.3)."""
    client = suite_client()
    tokens = client.log_in(browser)
    uri, token = (client.document[name] for name in ("registration_client_uri", "registration_access_token"))
    assert provider.http.delete(uri, headers={"Authorization": "Bearer not-it"}).status_code == 401
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "Accept-Charset": "utf-8"}
    gone = provider.http.delete(uri, headers=headers)
    assert (gone.status_code, gone.content) == (204, b"")
    assert provider.http.get(uri, headers=headers).status_code == 401
    assert client.userinfo(tokens.access_token).status_code == 401


def test_a_refresh_may_name_the_scopes_that_were_granted(suite_client, browser, server):
    """The first refresh names them all (RFC 6749 section 6); the ID token stays about the same login (Core 12.2)."""
    client, other = (suite_client(grant_types=["authorization_code", "refresh_token"]) for _ in range(2))
    scope = "openid offline_access"
    assert "offline_access" in client.provider.metadata["scopes_supported"]
    assert "refresh_token" in client.provider.metadata["grant_types_supported"]
    first = client.log_in(browser, scope=scope, prompt="consent")
    server.tick(1)
    response = client.refresh(first.refresh_token, scope=scope)
    assert response.headers["cache-control"] == "no-store"
    second = client.check_tokens(response)
    for claim in ("iss", "sub", "aud", "auth_time", "azp"):
        assert second.claims.get(claim) == first.claims.get(claim)
    assert second.claims["iat"] != first.claims["iat"]
    assert client.claims(second)["sub"]
    refused = other.refresh(second.refresh_token, scope=scope)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_a_nonce_may_be_long_and_hold_every_unreserved_character(suite_client, browser):
    """The second client of a module sends 43 characters (RFC 3986 section 2.3)."""
    nonce = f"{'n' * 39}-._~"
    assert suite_client().log_in(browser, nonce=nonce).claims["nonce"] == nonce


def test_a_client_changes_its_keys_by_thumbprint(suite_client, site, browser, server):
    """A client renews its key set by name: the server asks anew, however lately it asked (Core section 10.1.1)."""
    keys = [RSAKey.generate_key(2048, {"alg": "RS256"}, private=True, auto_kid=True) for _ in range(2)]
    uri = site.publish(f"{site.place()}/jwks", json.dumps(public_jwks(keys[0])))
    grants = ["authorization_code", "refresh_token"]
    client = suite_client(jwks_uri=uri, grant_types=grants)
    client.key = keys[0]
    scope = "openid offline_access"
    first = client.log_in(browser, scope=scope, prompt="consent")
    site.publish(uri, json.dumps(public_jwks(keys[1])))
    client.key = keys[1]
    server.tick(60)
    assert client.check_tokens(client.refresh(first.refresh_token, scope=scope)).claims["sub"] == first.claims["sub"]


def test_a_request_uri_may_have_512_characters(suite_client, register, site):
    """Core section 6.2 says how long it may be; one more is refused."""
    longest = f"{site.place()}/".ljust(512, "r")
    assert suite_client(request_uris=[longest]).document["request_uris"] == [longest]
    refused = register({"redirect_uris": [f"{site.place()}/callback"], "request_uris": [f"{longest}r"]})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")


def test_two_redirect_uris_and_none_in_the_request_lead_nowhere(suite_client, browser, site):
    """Which of several is meant cannot be told (RFC 6749 section 3.1.2.3)."""
    uris = [f"{site.place()}/callback", "https://example.org/redirect"]
    client = suite_client(redirect_uris=uris)
    end = client.send(browser, client.request(redirect_uri=None))
    assert end.page.status == 400
    assert not end.page.url.startswith(tuple(uris))


def test_the_sector_document_of_another_is_invalid_client_metadata(register, site):
    """The suite wants this very error, and warns of any other (Registration section 3.3)."""
    sector = site.publish(f"{site.place()}/redirect_uris.json", json.dumps(["https://example.com/op"]))
    document = {"redirect_uris": [f"{site.place()}/callback"], "subject_type": "pairwise"}
    refused = register({**document, "sector_identifier_uri": sector})
    assert refused.headers["content-type"].split(";")[0] == "application/json"
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")
