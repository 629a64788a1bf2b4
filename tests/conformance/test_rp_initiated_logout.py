"""The RP-Initiated Logout plan (OpenID Connect RP-Initiated Logout 1.0)."""

from base64 import urlsafe_b64encode

import pytest
from tests.conformance.test_config import check_discovery
from tests.conformance.world.browser import Landing, Stop, with_query


@pytest.fixture
def client(static_client, site):
    return static_client(post_logout_redirect_uris=[f"{site.place()}/goodbye"])


def send(client, browser, **parameters):
    """Send the browser to log out; return where it ends, after the person has said yes to every question."""
    endpoint = client.provider.metadata["end_session_endpoint"]
    return browser.visit(with_query(endpoint, parameters), until=after(client))


def after(client):
    """Where the application wants the browser to be afterwards."""
    return client.document["post_logout_redirect_uris"][0]


def is_logged_in(client, browser):
    parameters = client.request(prompt="none")
    end = client.check_landing(client.send(browser, parameters), parameters)
    assert "code" in end.fields or end.fields["error"] == "login_required"
    return "code" in end.fields


def check_stays(client, end):
    """Check that the browser ended at a page of the server."""
    assert isinstance(end, Stop), end
    assert end.page.url.startswith(client.provider.issuer)
    assert end.page.text


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(provider):
    """The document says where to log out (section 2.1)."""
    assert check_discovery(provider)["end_session_endpoint"].startswith(provider.issuer)


def test_oidcc_rp_initiated_logout(client, browser):
    """With a hint, a registered URI and a state, the browser comes back with that state, logged out (section 2)."""
    tokens = client.log_in(browser)
    assert is_logged_in(client, browser)
    end = send(client, browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=after(client), state="a b&c")
    assert isinstance(end, Landing)
    assert end.fields == {"state": "a b&c"}
    assert not is_logged_in(client, browser)
    assert client.userinfo(tokens.access_token).status_code == 401


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(client, browser, site):
    """Nobody is sent to a URI that is not registered: the person is asked, and stays here (section 3)."""
    tokens = client.log_in(browser)
    stranger = f"{site.place()}/stranger"
    end = send(client, browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=stranger, state="s")
    check_stays(client, end)
    assert end.seen == ("logout",)
    assert site.received(stranger) == []


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(client, browser):
    """Without a URI the person is logged out, and stays here (section 2)."""
    tokens = client.log_in(browser)
    end = send(client, browser, id_token_hint=tokens.id_token, state="s")
    check_stays(client, end)
    assert end.page.status == 200
    assert not is_logged_in(client, browser)


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(client, browser, site):
    """A registered URI with a query added is another one (section 3)."""
    tokens = client.log_in(browser)
    added = f"{after(client)}?foo=bar"
    end = send(client, browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=added, state="s")
    check_stays(client, end)
    assert end.seen == ("logout",)
    assert site.received(after(client)) == []


def test_oidcc_rp_initiated_logout_no_id_token_hint(client, browser):
    """Without a hint the person is asked, and not sent to the URI: nobody knows whose it is (section 2).

    A client id proves nothing: anyone can write it into an address.
    """
    for client_id in (None, client.client_id):
        client.log_in(browser)
        end = send(client, browser, client_id=client_id, post_logout_redirect_uri=after(client), state="s")
        check_stays(client, end)
        assert end.seen == ("logout",)
        assert not is_logged_in(client, browser)


def modified(id_token):
    """The ID token with its signature taken away, and `alg` saying that it has none."""
    header = urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{header}.{id_token.split('.')[1]}."


def test_oidcc_rp_initiated_logout_modified_id_token_hint(client, browser):
    """A hint that does not verify is none: no redirection, and no logout without asking (section 2)."""
    tokens = client.log_in(browser)
    hint = modified(tokens.id_token)
    endpoint = client.provider.metadata["end_session_endpoint"]
    page = browser.open(with_query(endpoint, {"id_token_hint": hint, "post_logout_redirect_uri": after(client)}))
    assert page.kind in {"logout", ""}
    assert is_logged_in(client, browser)
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": after(client), "client_id": client.client_id}
    check_stays(client, send(client, browser, **asked, state="s"))


def test_oidcc_rp_initiated_logout_bad_id_token_hint(client, static_client, browser):
    """A hint that was made for another client proves nothing for this one (section 2)."""
    foreign = static_client().log_in(browser)
    end = send(
        client,
        browser,
        id_token_hint=foreign.id_token,
        client_id=client.client_id,
        post_logout_redirect_uri=after(client),
        state="s",
    )
    check_stays(client, end)
    end = send(client, browser, id_token_hint=foreign.id_token, post_logout_redirect_uri=after(client), state="s")
    check_stays(client, end)


def test_oidcc_rp_initiated_logout_no_params(client, browser):
    """Without any parameter the person is asked, and then logged out (section 2)."""
    client.log_in(browser)
    end = send(client, browser)
    check_stays(client, end)
    assert end.seen == ("logout",)
    assert not is_logged_in(client, browser)


def test_oidcc_rp_initiated_logout_no_state(client, browser):
    """Without a state the browser comes back without one (section 3)."""
    tokens = client.log_in(browser)
    end = send(client, browser, id_token_hint=tokens.id_token, post_logout_redirect_uri=after(client))
    assert isinstance(end, Landing)
    assert end.url == after(client)
    assert not is_logged_in(client, browser)


def test_oidcc_rp_initiated_logout_only_state(client, browser):
    """A state alone is no reason to go anywhere (section 2)."""
    client.log_in(browser)
    end = send(client, browser, state="s")
    check_stays(client, end)
    assert not is_logged_in(client, browser)
