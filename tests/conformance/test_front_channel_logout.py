"""The Front-Channel Logout plan (OpenID Connect Front-Channel Logout 1.0)."""

from tests.conformance.test_config import check_discovery
from tests.conformance.world.browser import with_query


def test_oidcc_frontchannel_rp_initiated_logout_discovery_endpoint_verification(provider):
    """The document says that clients are told in frames, and of which session (section 3)."""
    found = check_discovery(provider)
    assert found["frontchannel_logout_supported"] is True
    assert found["frontchannel_logout_session_supported"] is True


def test_oidcc_frontchannel_rp_initiated_logout(static_client, browser, site):
    """The logged-out page frames the client's address with `iss` and `sid`, and leads on to the client (section 3)."""
    place = site.place()
    uri, after = f"{place}/logout?tenant=7", f"{place}/goodbye"
    client = static_client(
        post_logout_redirect_uris=[after],
        frontchannel_logout_uri=uri,
        frontchannel_logout_session_required=True,
    )
    tokens = client.log_in(browser)
    parameters = {"id_token_hint": tokens.id_token, "post_logout_redirect_uri": after, "state": "s"}
    page = browser.open(with_query(client.provider.metadata["end_session_endpoint"], parameters))
    [frame] = page.frames
    assert f"frame-src {site.origin}" in page.headers["content-security-policy"]
    browser.get(frame)
    [received] = site.received(uri)
    assert received.query == {"tenant": "7", "iss": client.provider.issuer, "sid": tokens.claims["sid"]}
    assert f"{after}?state=s" in page.links
    assert client.refused(browser, prompt="none") == "login_required"
