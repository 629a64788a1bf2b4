"""The client of the Model Context Protocol's Python SDK, with a protected resource that trusts the live server."""

import httpx2
import pytest
from mcp.client.auth import OAuthClientProvider
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata


class Storage:
    """Keeps tokens and registration in memory."""

    def __init__(self):
        self.tokens = self.client_info = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client_info

    async def set_client_info(self, client_info):
        self.client_info = client_info


@pytest.fixture
def storage():
    return Storage()


@pytest.fixture
def auth(resource, storage, browser):
    """The SDK's client; whoever sits at the browser agrees."""
    callback = "http://127.0.0.1:7777/callback"
    landed = []

    async def redirect(url):
        landed.append(browser.visit(url, until=callback))

    async def receive():
        fields = landed[-1].fields
        assert "code" in fields, fields
        return AuthorizationCodeResult(code=fields["code"], state=fields["state"], iss=fields["iss"])

    metadata = OAuthClientMetadata(
        client_name="Client of the protocol",
        redirect_uris=[callback],
        grant_types=["authorization_code", "refresh_token"],
        token_endpoint_auth_method="none",
    )
    return OAuthClientProvider(resource, metadata, storage, redirect, receive)


async def call(trust, auth, url):
    async with httpx2.AsyncClient(verify=trust, trust_env=False, auth=auth) as http:
        return await http.get(url)


async def test_it_discovers_registers_and_gets_a_token_for_the_resource(trust, auth, resource, storage):
    response = await call(trust, auth, resource)
    assert response.status_code == 200
    assert response.json()["aud"] in (resource, [resource])
    assert storage.client_info.client_id
    assert storage.tokens.refresh_token


async def test_it_refreshes_what_has_expired(trust, auth, resource, storage, server):
    before = (await call(trust, auth, resource)).json()
    first = storage.tokens
    auth.context.token_expiry_time = 1.0
    server.tick(1)
    after = (await call(trust, auth, resource)).json()
    assert after["jti"] != before["jti"]
    assert storage.tokens.refresh_token != first.refresh_token
    assert after["sub"] == before["sub"]
