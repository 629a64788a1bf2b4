"""oidc-client-ts in headless Chromium: an application without a server of its own."""

import pytest
from tests.clients.packages import folder, why_not
from tests.conftest import need

SCRIPT = "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.js"
PAGE = '<!doctype html><title>Application</title><script src="{script}"></script><p>Application</p>'
MANAGER = "const manager = new oidc.UserManager(settings);"


@pytest.fixture(scope="module", autouse=True)
def installed():
    need(why_not())


@pytest.fixture
def application(site, operator, provider):
    """Publishes the application and registers it; returns the settings of its client."""
    place = site.place()
    script = site.publish(f"{place}/oidc.js", (folder() / SCRIPT).read_bytes(), "text/javascript")
    for name in ("app", "callback", "goodbye"):
        site.publish(f"{place}/{name}", PAGE.format(script=script), "text/html")
    document = {
        "redirect_uris": [f"{place}/callback"],
        "post_logout_redirect_uris": [f"{place}/goodbye"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    }
    client_id, _ = operator.add_client(document, origins=[site.origin])
    return {
        "authority": provider.issuer,
        "client_id": client_id,
        "redirect_uri": f"{place}/callback",
        "post_logout_redirect_uri": f"{place}/goodbye",
        "scope": "openid profile offline_access",
        "loadUserInfo": True,
    }


def test_it_logs_in_refreshes_and_logs_out(page, application, ada):
    place = application["redirect_uri"].removesuffix("/callback")
    page.goto(f"{place}/app")
    page.evaluate(f"(settings) => {{ {MANAGER} manager.signinRedirect({{ prompt: 'consent' }}); }}", application)
    page.get_by_label("Username").fill(ada.username)
    page.get_by_label("Password").fill(ada.password)
    page.locator("button", has_text="Sign in").first.click()
    page.locator("button[value=allow]").click()
    page.wait_for_url(f"{place}/callback?*")
    user = page.evaluate(f"async (settings) => {{ {MANAGER} return await manager.signinCallback(); }}", application)
    assert user["profile"]["preferred_username"] == ada.username
    fresh = page.evaluate(f"async (settings) => {{ {MANAGER} return await manager.signinSilent(); }}", application)
    assert fresh["access_token"] != user["access_token"]
    assert fresh["profile"]["sub"] == user["profile"]["sub"]
    page.evaluate(f"(settings) => {{ {MANAGER} manager.signoutRedirect(); }}", application)
    page.wait_for_url(f"{place}/goodbye*")
    page.goto(f"{place}/app")
    page.evaluate(f"(settings) => {{ {MANAGER} manager.signinRedirect({{ prompt: 'none' }}); }}", application)
    page.wait_for_url(f"{place}/callback?*")
    refused = (
        f"async (settings) => {{ {MANAGER} return await manager.signinCallback().catch((error) => error.error); }}"
    )
    assert page.evaluate(refused, application) == "login_required"
