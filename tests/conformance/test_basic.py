"""The modules of the Basic and Form Post plans of an OpenID Provider, by what OpenID Connect Core 1.0 says.

Each runs twice: with the answer in the query of the redirect URI, and posted by a form (OAuth 2.0 Form Post Response
Mode). The clients are registered by the operator and send no PKCE, as the suite's do.
"""

import pytest
from joserfc import jws
from tests.conformance.world.browser import Stop, with_query
from tests.conformance.world.claims import (
    ADDRESS_CLAIMS,
    EMAIL_CLAIMS,
    PHONE_CLAIMS,
    PROFILE_CLAIMS,
    check_standard_claims,
)
from tests.conformance.world.request_objects import unsigned


@pytest.fixture(params=[None, "form_post"], ids=["query", "form_post"])
def application(request, static_client):
    """Makes clients that take their answers in one of the two ways."""

    def make(**metadata):
        return static_client(mode=request.param, **metadata)

    return make


@pytest.fixture
def client(application):
    return application()


def test_oidcc_server(client, browser):
    """The code flow works from request to userinfo (section 3.1)."""
    tokens = client.log_in(browser)
    assert client.claims(tokens)["sub"] == tokens.claims["sub"]
    assert tokens.landing.seen[:2] == ("login", "consent")


def test_oidcc_response_type_missing(client, browser):
    """A request without response_type is an error, here or at the client (RFC 6749 section 3.1.1)."""
    parameters = client.request(response_type=None)
    end = client.send(browser, parameters)
    client.check_landing(end, parameters)
    assert end.fields["error"] in {"invalid_request", "unsupported_response_type"}
    assert "code" not in end.fields


def test_oidcc_idtoken_signature(client, browser, provider):
    """The ID token is signed by a published key, which its header names (section 2, section 10.1)."""
    tokens = client.log_in(browser)
    header = jws.extract_compact(tokens.id_token.encode()).headers()
    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in provider.jwks()["keys"]}
    assert provider.verify(tokens.id_token) == tokens.claims


def test_oidcc_idtoken_unsigned(client, browser, provider):
    """Unsigned ID tokens are neither offered nor given (Core section 3.1.3.7; Discovery section 3)."""
    assert "none" not in provider.metadata["id_token_signing_alg_values_supported"]
    header = jws.extract_compact(client.log_in(browser).id_token.encode()).headers()
    assert header["alg"] != "none"


def test_oidcc_userinfo_get(client, browser, provider):
    """Userinfo answers a GET with the token in the header (section 5.3.1)."""
    tokens = client.log_in(browser)
    assert client.claims(tokens) == {"sub": tokens.claims["sub"]}
    refused = client.userinfo("no-such-token")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer ")


def test_oidcc_userinfo_post_header(client, browser, provider):
    """Userinfo answers a POST with the token in the header (section 5.3.1)."""
    tokens = client.log_in(browser)
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    response = provider.http.post(provider.metadata["userinfo_endpoint"], headers=headers)
    assert (response.status_code, response.json()) == (200, {"sub": tokens.claims["sub"]})


def test_oidcc_userinfo_post_body(client, browser, provider):
    """Userinfo answers a POST with the token in the form (section 5.3.1, RFC 6750 section 2.2)."""
    tokens = client.log_in(browser)
    form = {"access_token": tokens.access_token}
    response = provider.http.post(provider.metadata["userinfo_endpoint"], data=form)
    assert (response.status_code, response.json()) == (200, {"sub": tokens.claims["sub"]})


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(client, browser):
    """A nonce is not needed in the code flow, and none is made up (section 3.1.2.1)."""
    assert "nonce" not in client.log_in(browser, nonce=None).claims


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param("profile", PROFILE_CLAIMS, id="scope-profile"),
        pytest.param("email", EMAIL_CLAIMS, id="scope-email"),
        pytest.param("address", ADDRESS_CLAIMS, id="scope-address"),
        pytest.param("phone", PHONE_CLAIMS, id="scope-phone"),
        pytest.param(
            "profile email address phone",
            PROFILE_CLAIMS | EMAIL_CLAIMS | ADDRESS_CLAIMS | PHONE_CLAIMS,
            id="scope-all",
        ),
    ],
)
def test_oidcc_scope(client, browser, scope, expected):
    """A scope gives the claims that it stands for, in userinfo, and no others (section 5.4)."""
    tokens = client.log_in(browser, scope=f"openid {scope}")
    claims = client.claims(tokens)
    assert claims.keys() == {"sub", *expected}
    check_standard_claims(claims)
    assert set(tokens.answer.get("scope", f"openid {scope}").split()) == {"openid", *scope.split()}


def test_oidcc_alternate_happy_flow(application, browser, site):
    """Without state, with the scopes in another order, and with the second of two redirect URIs, it works as well."""
    place = site.place()
    uris = [f"{place}/callback", f"{place}/other"]
    client = application(redirect_uris=uris)
    tokens = client.log_in(browser, scope="email openid", state=None, redirect_uri=uris[1])
    assert "state" not in tokens.landing.fields
    assert tokens.landing.url.startswith(uris[1])
    assert "email" in client.claims(tokens)


@pytest.mark.parametrize(
    "display", [pytest.param("page", id="display-page"), pytest.param("popup", id="display-popup")]
)
def test_oidcc_display(client, browser, display):
    """A display parameter is taken note of, and harms nothing (section 3.1.2.1)."""
    assert client.log_in(browser, display=display).landing.seen[:2] == ("login", "consent")


def test_oidcc_prompt_login(client, browser, server):
    """With prompt=login the person logs in again, and auth_time says so (section 3.1.2.1)."""
    first = client.log_in(browser)
    server.tick(2)
    second = client.log_in(browser, prompt="login")
    assert "login" in second.landing.seen
    assert second.claims["auth_time"] > first.claims["auth_time"]
    assert second.claims["sub"] == first.claims["sub"]


def test_oidcc_prompt_none_not_logged_in(client, browser):
    """With prompt=none nobody is shown a page: without a login the client gets an error (section 3.1.2.6)."""
    assert client.refused(browser, prompt="none") == "login_required"


def test_oidcc_prompt_none_logged_in(client, browser, server):
    """With prompt=none who is logged in comes back at once, as the same person, with the same auth_time."""
    first = client.log_in(browser)
    server.tick(2)
    second = client.log_in(browser, prompt="none")
    assert not {"login", "consent", "account"} & {*second.landing.seen}
    assert second.claims["sub"] == first.claims["sub"]
    assert second.claims["auth_time"] == first.claims["auth_time"]


def test_oidcc_max_age_1(client, browser, server):
    """A login that is older than max_age is asked for again, and auth_time is given (section 3.1.2.1)."""
    first = client.log_in(browser)
    server.tick(3)
    second = client.log_in(browser, max_age="1")
    assert "login" in second.landing.seen
    assert second.claims["auth_time"] > first.claims["auth_time"]


def test_oidcc_max_age_10000(client, browser, server):
    """A login that is younger than max_age is enough, and auth_time stays (section 3.1.2.1)."""
    first = client.log_in(browser, max_age="10000")
    server.tick(2)
    second = client.log_in(browser, max_age="10000")
    assert "login" not in second.landing.seen
    assert second.claims["auth_time"] == first.claims["auth_time"]


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(client, browser):
    """Parameters that nobody knows are ignored (RFC 6749 section 3.1)."""
    assert client.log_in(browser, extra="foobar").claims["sub"]


def test_oidcc_id_token_hint(client, browser):
    """With the ID token of who is logged in as a hint, prompt=none succeeds for that person (section 3.1.2.1)."""
    first = client.log_in(browser)
    second = client.log_in(browser, prompt="none", id_token_hint=first.id_token)
    assert second.claims["sub"] == first.claims["sub"]


def test_oidcc_login_hint(client, browser, ada):
    """A login hint harms nothing, and fills the name in (section 3.1.2.1)."""
    parameters = client.request(login_hint=ada.username)
    page = browser.open(with_query(client.provider.metadata["authorization_endpoint"], parameters))
    assert page.form.fields["username"] == ada.username
    assert client.log_in(browser, login_hint=ada.username).claims["sub"]


def test_oidcc_ui_locales(client, browser):
    """Languages that the server does not speak are no error (section 3.1.2.1)."""
    assert client.log_in(browser, ui_locales="se").claims["sub"]


def test_oidcc_claims_locales(client, browser):
    """Languages for claims that nobody has are no error (section 5.2)."""
    assert client.log_in(browser, claims_locales="se").claims["sub"]


def test_oidcc_ensure_request_with_acr_values_succeeds(client, browser, provider):
    """acr_values are wishes: one that is listed is met, and what cannot be met is no error (section 3.1.2.1)."""
    listed = provider.metadata["acr_values_supported"]
    assert client.log_in(browser, acr_values=" ".join(listed)).claims["acr"] in listed
    assert client.log_in(browser, acr_values="1 2").claims["acr"] in listed


@pytest.mark.parametrize("later", [pytest.param(0, id="codereuse"), pytest.param(30, id="codereuse-30seconds")])
def test_oidcc_codereuse(client, browser, server, later):
    """A code works once; used again, what came of it is dead (RFC 6749 section 4.1.2)."""
    tokens = client.log_in(browser)
    assert client.userinfo(tokens.access_token).status_code == 200
    server.tick(later)
    again = client.redeem(tokens.landing.fields["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert client.userinfo(tokens.access_token).status_code == 401
    if "refresh_token" in tokens.answer:
        assert client.refresh(tokens.refresh_token).json()["error"] == "invalid_grant"


def test_oidcc_ensure_registered_redirect_uri(client, browser, site):
    """Nobody is sent to a redirect URI that is not registered (RFC 6749 section 3.1.2.3)."""
    stranger = f"{site.place()}/stranger"
    end = client.send(browser, client.request(redirect_uri=stranger))
    assert isinstance(end, Stop)
    assert end.page.status == 400
    assert not end.page.url.startswith(stranger)
    assert site.received(stranger) == []


def test_oidcc_ensure_post_request_succeeds(client, browser):
    """The authorization endpoint takes POST as well (section 3.1.2.1)."""
    assert client.log_in(browser, post=True).claims["sub"]


def test_oidcc_server_client_secret_post(application, browser):
    """A client that is registered for it sends its secret in the form (RFC 6749 section 2.3.1)."""
    client = application(token_endpoint_auth_method="client_secret_post")
    assert client.claims(client.log_in(browser))["sub"]
    client.secret = "wrong"
    refused = client.redeem(client.authorize(browser).fields["code"])
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(client, browser, site):
    """A request_uri is followed, or refused as not supported; a server that cannot does not ignore it (section 6.2)."""
    parameters = client.request()
    uri = site.publish(f"{site.place()}/request.jwt", unsigned(parameters), "application/jwt")
    error = client.refused(browser, state=parameters["state"], nonce="outside", request_uri=uri)
    assert error in {"request_uri_not_supported", "invalid_request_uri"}
    assert site.received(uri) == []


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(client, browser):
    """What an unsigned request object says holds; the server says that it takes them (section 6.1)."""
    inside = client.request()
    parameters = {**inside, "nonce": None, "state": None, "request": unsigned(inside)}
    kept = {name: value for name, value in parameters.items() if value}
    end = client.check_landing(client.send(browser, kept), inside)
    assert client.check_tokens(client.redeem(end.fields["code"]), nonce=inside["nonce"]).claims["sub"]


def test_oidcc_claims_essential(client, browser):
    """A claim that is asked for by name is given in userinfo, and not in the ID token (section 5.5)."""
    tokens = client.log_in(browser, claims='{"userinfo": {"name": {"essential": true}}}')
    assert client.claims(tokens)["name"] == "Ada Example"
    assert "name" not in tokens.claims


def test_oidcc_ensure_request_object_with_redirect_uri(client, browser, site):
    """The redirect URI of a request object is the one that counts (section 6.1)."""
    inside = client.request()
    outside = {**inside, "redirect_uri": f"{site.place()}/stranger", "request": unsigned(inside)}
    end = client.check_landing(client.send(browser, outside), inside)
    assert client.check_tokens(client.redeem(end.fields["code"]), nonce=inside["nonce"]).claims["sub"]


def test_oidcc_refresh_token(application, browser, server):
    """A refresh token gives new tokens for the same login, and to its own client alone (section 12)."""
    client, other = application(), application()
    first = client.log_in(browser, scope="openid offline_access", prompt="consent")
    server.tick(2)
    second = client.check_tokens(client.refresh(first.refresh_token, scope="openid offline_access"))
    assert second.access_token != first.access_token
    for claim in ("iss", "sub", "aud", "auth_time"):
        assert second.claims[claim] == first.claims[claim]
    assert second.claims["iat"] > first.claims["iat"]
    assert client.userinfo(second.access_token).status_code == 200
    refused = other.refresh(second.refresh_token)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_oidcc_ensure_request_with_valid_pkce_succeeds(client, browser):
    """A request with PKCE succeeds with its verifier, and with no other (RFC 7636 section 4.6)."""
    assert client.log_in(browser, **client.pkce).claims["sub"]
    code = client.authorize(browser, **client.pkce).fields["code"]
    refused = client.redeem(code, code_verifier="w" * 43)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
