"""The Third-Party-Initiated Login plan (OpenID Connect Core section 4, Registration section 2)."""


def test_oidcc_3rd_party_init_login(dynamic_client, browser, site):
    """An initiate_login_uri is registered, returned and kept; a login that began there works like any other."""
    begins = f"{site.place()}/begin"
    client = dynamic_client(initiate_login_uri=begins)
    assert client.document["initiate_login_uri"] == begins
    bearer = {"Authorization": f"Bearer {client.document['registration_access_token']}"}
    kept = client.provider.http.get(client.document["registration_client_uri"], headers=bearer)
    assert (kept.status_code, kept.headers["content-type"]) == (200, "application/json")
    assert kept.json()["initiate_login_uri"] == begins
    assert client.log_in(browser, login_hint="ada").claims["sub"]


def test_oidcc_3rd_party_init_login_nohttps(register, site):
    """An initiate_login_uri without TLS is refused (Registration section 2)."""
    place = site.place()
    document = {"redirect_uris": [f"{place}/callback"]}
    refused = register({**document, "initiate_login_uri": "http://app.example/begin"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")
    assert register({**document, "initiate_login_uri": f"{place}/begin"}).status_code == 201
