"""The Back-Channel Logout plan (OpenID Connect Back-Channel Logout 1.0)."""

from joserfc import jws
from tests.conformance.test_config import check_discovery
from tests.conformance.world.browser import with_query

EVENT = "http://schemas.openid.net/event/backchannel-logout"


def check_logout_token(client, token, tokens):
    """Check a logout token by section 2.6; return its claims."""
    header = jws.extract_compact(token.encode()).headers()
    assert header["typ"] == "logout+jwt"
    claims, now = client.provider.verify(token), client.provider.server.now
    assert claims["iss"] == client.provider.issuer
    assert claims["aud"] in (client.client_id, [client.client_id])
    assert now - 60 < claims["iat"] < now + 10
    assert now < claims["exp"] <= now + 130
    assert claims["jti"]
    assert claims["events"] == {EVENT: {}}
    assert "nonce" not in claims
    assert claims["sid"] == tokens.claims["sid"]
    assert claims.get("sub", tokens.claims["sub"]) == tokens.claims["sub"]
    return claims


def test_oidcc_backchannel_rp_initiated_logout_discovery_endpoint_verification(provider):
    """The document says that clients are told, and of which session (section 2.1)."""
    found = check_discovery(provider)
    assert found["backchannel_logout_supported"] is True
    assert found["backchannel_logout_session_supported"] is True


def test_oidcc_backchannel_rp_initiated_logout(static_client, browser, site):
    """Every client that the login visited gets a logout token for its own session (sections 2.3 to 2.6)."""
    clients = []
    for _ in range(2):
        place = site.place()
        metadata = {
            "post_logout_redirect_uris": [f"{place}/goodbye"],
            "backchannel_logout_uri": f"{place}/logout",
            "backchannel_logout_session_required": True,
        }
        clients.append(static_client(**metadata))
    logins = [client.log_in(browser) for client in clients]
    after = clients[0].document["post_logout_redirect_uris"][0]
    parameters = {"id_token_hint": logins[0].id_token, "post_logout_redirect_uri": after, "state": "s"}
    endpoint = clients[0].provider.metadata["end_session_endpoint"]
    assert browser.visit(with_query(endpoint, parameters), until=after).fields == {"state": "s"}
    told = []
    for client, tokens in zip(clients, logins, strict=True):
        received = site.wait_for(client.document["backchannel_logout_uri"])
        assert received.headers["content-type"] == "application/x-www-form-urlencoded"
        assert received.form.keys() == {"logout_token"}
        told.append(check_logout_token(client, received.form["logout_token"], tokens))
    assert told[0]["jti"] != told[1]["jti"]
    assert told[0]["sid"] != told[1]["sid"]
