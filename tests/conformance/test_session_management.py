"""The Session Management plan (OpenID Connect Session Management 1.0), in Chromium."""

from tests.conformance.test_config import check_discovery
from tests.conformance.world.browser import with_query

ASK = """
([frame, origin, message]) => new Promise((resolve, reject) => {
  const iframe = document.createElement("iframe");
  window.addEventListener("message", (event) => event.origin === origin && resolve(event.data), { once: true });
  iframe.addEventListener("load", () => iframe.contentWindow.postMessage(message, origin));
  iframe.src = frame;
  document.body.append(iframe);
  window.setTimeout(() => reject(new Error("no answer")), 8000);
})
"""
"""What the frame of the application does (section 3.1)."""


def log_in(client, page, person):
    """Log in as a person does; return what the application gets."""
    page.goto(with_query(client.provider.metadata["authorization_endpoint"], client.request(nonce=None)))
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill(person.password)
    page.locator("button", has_text="Sign in").first.click()
    page.locator("button[value=allow]").click()
    page.wait_for_url(f"{client.redirect_uri}?*")
    return page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")


def ask(client, page, session_state):
    """Ask the server's frame whether the login is still the same."""
    frame = client.provider.metadata["check_session_iframe"]
    return page.evaluate(ASK, [frame, client.provider.issuer, f"{client.client_id} {session_state}"])


def test_oidcc_session_management_discovery_endpoint_verification(provider):
    """The document names the frame (section 3.3)."""
    assert check_discovery(provider)["check_session_iframe"].startswith(provider.issuer)


def test_oidcc_session_management_rp_initiated_logout(static_client, site, page, ada):
    """The frame says `unchanged` while the login lasts, `changed` after the logout, and `error` to nonsense."""
    after = f"{site.place()}/goodbye"
    client = static_client(post_logout_redirect_uris=[after])
    landed = log_in(client, page, ada)
    assert " " not in landed["session_state"]
    assert ask(client, page, landed["session_state"]) == "unchanged"
    assert ask(client, page, "nonsense") == "error"
    tokens = client.check_tokens(client.redeem(landed["code"]), nonce=None)
    parameters = {"id_token_hint": tokens.id_token, "post_logout_redirect_uri": after}
    page.goto(with_query(client.provider.metadata["end_session_endpoint"], parameters))
    page.wait_for_url(after)
    assert ask(client, page, landed["session_state"]) == "changed"
