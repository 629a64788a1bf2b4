"""Clients from npm, each in a process of Node: discovery, code, userinfo, refresh and logout, as far as each can."""

import pytest
from tests.clients.packages import converse, why_not
from tests.conftest import need


@pytest.fixture(scope="module", autouse=True)
def installed():
    need(why_not())


@pytest.fixture
def talk(authority, browser):
    """Runs a script with the browser, until the addresses of the application."""

    def run(script, given, *until):
        return converse(script, given, authority=authority, browser=browser, until=until)

    return run


def test_openid_client_does_all_of_it(talk, static_client, site, provider, ada):
    after = f"{site.place()}/goodbye"
    client = static_client(post_logout_redirect_uris=[after])
    given = {
        "issuer": provider.issuer,
        "client_id": client.client_id,
        "secret": client.secret,
        "redirect_uri": client.redirect_uri,
        "after": after,
    }
    found = talk("openid_client.mjs", given, client.redirect_uri, after)
    assert found.pop("sub")
    assert found == {
        "username": ada.username,
        "refreshed": True,
        "active": True,
        "state": "goodbye",
        "dead": "invalid_grant",
    }


def test_oauth4webapi_registers_and_logs_in(talk, site, provider, ada):
    uri = f"{site.place()}/callback"
    found = talk("oauth4webapi.mjs", {"issuer": provider.issuer, "redirect_uri": uri}, uri)
    assert found.pop("sub")
    assert found == {"email": f"{ada.username}@people.example", "rotated": True, "refused": "invalid_grant"}


def test_the_sdk_of_mcp_gets_and_refreshes_a_token_for_the_resource(talk, resource, provider):
    uri = "http://127.0.0.1:7777/callback"
    given = {"resource": resource, "resource_metadata": f"{resource}/metadata", "redirect_uri": uri}
    found = talk("mcp_sdk.mjs", given, uri)
    assert found["results"] == ["REDIRECT", "AUTHORIZED", "AUTHORIZED"]
    assert found["rotated"] is True
    assert found["claims"]["iss"] == provider.issuer
    assert found["claims"]["aud"] in (resource, [resource])


def test_passport_openidconnect_logs_in(talk, static_client, provider, ada):
    client = static_client(token_endpoint_auth_method="client_secret_post")
    endpoints = {name: provider.metadata[name] for name in provider.metadata if name.endswith("_endpoint")}
    given = {
        **endpoints,
        "issuer": provider.issuer,
        "client_id": client.client_id,
        "secret": client.secret,
        "redirect_uri": client.redirect_uri,
    }
    found = talk("passport_openidconnect.mjs", given, client.redirect_uri)
    assert found["issuer"] == provider.issuer
    assert found["username"] == ada.username
    assert found["id"]
