"""The modules that the Hybrid plan alone has: those that need a code."""

import pytest
from tests.conformance.legacy.modules import HYBRID


@pytest.fixture(params=HYBRID, ids=HYBRID)
def response_type(request):
    return request.param


@pytest.fixture
def client(party, response_type):
    return party(response_type)


@pytest.mark.parametrize("later", [pytest.param(0, id="codereuse"), pytest.param(30, id="codereuse-30seconds")])
def test_oidcc_codereuse(client, browser, server, later):
    """A code works once; used again, the tokens that came of it are dead (RFC 6749 section 4.1.2)."""
    arrival = client.log_in(browser)
    server.tick(later)
    again = client.redeem(arrival.landing.fields["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert client.userinfo(arrival.access_token).status_code == 401


def test_oidcc_server_client_secret_post(party, browser, response_type):
    """A client that is registered for it sends its secret in the form."""
    assert party(response_type, token_endpoint_auth_method="client_secret_post").log_in(browser).claims["sub"]


def test_oidcc_refresh_token(party, browser, server, response_type):
    """The refresh token comes with the code, names the scopes that were granted, and is its own client's alone."""
    grants = ["authorization_code", "implicit", "refresh_token"]
    client, other = (party(response_type, grant_types=grants) for _ in range(2))
    scope = "openid offline_access"
    first = client.log_in(browser, scope=scope, prompt="consent")
    assert "refresh_token" not in first.landing.fields
    server.tick(1)
    second = client.check_tokens(client.refresh(first.back.refresh_token, scope=scope))
    for claim in ("iss", "sub", "aud", "auth_time", "azp"):
        assert second.claims.get(claim) == first.back.claims.get(claim)
    assert second.claims["iat"] > first.back.claims["iat"]
    assert client.userinfo(second.access_token).status_code == 200
    refused = other.refresh(second.refresh_token, scope=scope)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_oidcc_ensure_request_with_valid_pkce_succeeds(client, browser):
    """A request with PKCE succeeds with its verifier, and with no other."""
    assert client.log_in(browser, **client.pkce).claims["sub"]
