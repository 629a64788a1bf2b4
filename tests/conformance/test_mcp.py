"""The authorization server of the Model Context Protocol (authorization, revision 2026-07-28)."""

import pytest
from tests.conformance.world.browser import Landing, Stop


@pytest.fixture
def public_client(static_client):
    """A client without a secret, as most clients of the protocol are."""
    return static_client(token_endpoint_auth_method="none")


def test_mcp_authorization_server_metadata(provider):
    """RFC 8414 metadata stands at the well-known place, with the very issuer, and agrees with OpenID discovery."""
    found = provider.discover("/.well-known/oauth-authorization-server")
    assert found["issuer"] == provider.issuer
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported"):
        assert found[name] == provider.metadata[name]


def test_mcp_pkce_is_advertised(provider):
    """Clients must refuse servers that do not list S256 (RFC 8414 section 2); plain is not there (OAuth 2.1)."""
    assert provider.discover("/.well-known/oauth-authorization-server")["code_challenge_methods_supported"] == ["S256"]


def test_mcp_pkce_is_required_of_public_clients(public_client, browser):
    """A public client without a code challenge is refused, and with `plain` too; with S256 it gets in."""
    assert public_client.refused(browser) == "invalid_request"
    plain = {"code_challenge": "c" * 43, "code_challenge_method": "plain"}
    assert public_client.refused(browser, **plain) == "invalid_request"
    assert public_client.log_in(browser, **public_client.pkce).claims["sub"]


def test_mcp_redirect_uris_are_exact(public_client, browser):
    """What differs from the registered redirect URI in anything is not gone to (OAuth 2.1 section 2.3)."""
    uri = public_client.redirect_uri
    for other in (f"{uri}/", uri.upper(), f"{uri}/../callback", uri.replace("https", "http"), f"{uri}?a=b", f"{uri}#"):
        end = public_client.send(browser, public_client.request(redirect_uri=other, **public_client.pkce))
        assert isinstance(end, Stop), other
        assert end.page.status == 400


def test_mcp_iss_is_in_success_and_error(public_client, browser, provider):
    """Every answer says who gives it, and discovery says so (RFC 9207)."""
    assert provider.metadata["authorization_response_iss_parameter_supported"] is True
    landing = public_client.authorize(browser, **public_client.pkce)
    assert landing.fields["iss"] == provider.issuer
    refused = public_client.send(browser, public_client.request(scope="no-such-scope", response_type="token"))
    assert isinstance(refused, Landing)
    assert refused.fields["iss"] == provider.issuer
    assert refused.fields["error"]


def test_mcp_refresh_tokens_of_public_clients_rotate(public_client, browser, server):
    """A refresh token of a public client works once; used again, all of them are dead (OAuth 2.1 section 4.3.1)."""
    scope = "openid offline_access"
    first = public_client.log_in(browser, scope=scope, prompt="consent", **public_client.pkce)
    second = public_client.check_tokens(public_client.refresh(first.refresh_token))
    assert second.refresh_token != first.refresh_token
    server.tick(30)
    again = public_client.refresh(first.refresh_token)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert public_client.refresh(second.refresh_token).json()["error"] == "invalid_grant"


def test_mcp_unknown_client_is_401(provider):
    """The token endpoint answers an unknown client with 401 and `invalid_client` (RFC 6749 section 5.2)."""
    form = {"grant_type": "authorization_code", "code": "c", "client_id": "no-such-client", "code_verifier": "v" * 43}
    response = provider.http.post(provider.metadata["token_endpoint"], data=form)
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_mcp_resource_is_bound_as_the_audience(public_client, browser, provider, operator):
    """`resource` is accepted at both endpoints, becomes the audience, and cannot be changed later (RFC 8707)."""
    resource, other = "https://mcp.example/server", "https://other.example/mcp"
    operator.add_resource(resource)
    operator.add_resource(other)
    request = {"resource": resource, **public_client.pkce}
    code = public_client.authorize(browser, **request).fields["code"]
    response = public_client.redeem(code, code_verifier=public_client.verifier, resource=resource)
    claims = provider.verify(response.json()["access_token"], algorithm="ES256")
    assert claims["aud"] in (resource, [resource])
    code = public_client.authorize(browser, **request).fields["code"]
    refused = public_client.redeem(code, code_verifier=public_client.verifier, resource=other)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")
    assert public_client.refused(browser, **{**request, "resource": "https://unknown.example"}) == "invalid_target"


def test_mcp_clients_register_themselves(dynamic_client, browser):
    """A public client on the loopback registers itself, and logs in at another port (RFC 7591; RFC 8252, 7.3)."""
    client = dynamic_client(
        redirect_uris=["http://127.0.0.1:7777/callback"],
        token_endpoint_auth_method="none",
    )
    assert not client.secret
    assert client.log_in(browser, **client.pkce).claims["sub"]
    client.document["redirect_uris"] = ["http://127.0.0.1:8888/callback"]
    tokens = client.log_in(browser, redirect_uri="http://127.0.0.1:8888/callback", **client.pkce)
    assert tokens.landing.url.startswith("http://127.0.0.1:8888/")
