"""The modules that the Hybrid and the Implicit plan have in common, for every response type but `code`.

The clients register themselves as the suite's do, send no PKCE, and are asked for consent once. What a module asks is
what the module of that name asks in the Basic plan; here the answer comes in the fragment, and holds tokens.
"""

import pytest
from joserfc import jws
from tests.conformance.legacy.modules import TYPES
from tests.conformance.world.browser import Stop, with_query
from tests.conformance.world.claims import (
    ADDRESS_CLAIMS,
    EMAIL_CLAIMS,
    PHONE_CLAIMS,
    PROFILE_CLAIMS,
    check_standard_claims,
)
from tests.conformance.world.request_objects import unsigned

EVERYTHING = "openid profile email address phone"
ALL_CLAIMS = PROFILE_CLAIMS | EMAIL_CLAIMS | ADDRESS_CLAIMS | PHONE_CLAIMS


@pytest.fixture(params=TYPES, ids=TYPES)
def response_type(request):
    return request.param


@pytest.fixture
def client(party, response_type):
    return party(response_type)


def test_oidcc_server(client, browser):
    """The response holds what its type says, in the fragment, and the ID token binds it (sections 3.2.2.5, 3.3.2.5)."""
    arrival = client.log_in(browser)
    assert arrival.claims["sub"]
    assert "name" not in (arrival.front or {}).keys() | arrival.claims.keys()


def test_oidcc_response_type_missing(client, browser):
    """Without a response type the error is in the query, as for a request that is not understood (RFC 6749, 3.1.1)."""
    parameters = client.request(response_type=None)
    end = client.send(browser, parameters)
    assert end.url.startswith(f"{client.redirect_uri}?")
    assert end.fields["error"] in {"invalid_request", "unsupported_response_type"}
    assert end.fields.keys() <= {"error", "error_description", "state", "iss"}
    assert end.fields["state"] == parameters["state"]


def test_oidcc_idtoken_signature(client, browser, provider):
    """ID tokens are signed by a published key, which their header names (section 10.1)."""
    header = jws.extract_compact(client.log_in(browser).id_token.encode()).headers()
    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in provider.jwks()["keys"]}


def test_oidcc_userinfo_get(client, browser):
    """Userinfo takes the access token of the response, and says the same subject (section 5.3.2)."""
    if client.response_type == "id_token":
        assert client.log_in(browser).back is None
    else:
        assert client.claims(client.log_in(browser)).keys() == {"sub"}


def check_userinfo_post(client, arrival, **how):
    response = client.provider.http.post(client.provider.metadata["userinfo_endpoint"], **how)
    assert (response.status_code, response.json()) == (200, {"sub": arrival.claims["sub"]})


def test_oidcc_userinfo_post_header(party, browser, response_type):
    """Userinfo answers a POST with the token in the header (section 5.3.1)."""
    client = party(with_token(response_type))
    arrival = client.log_in(browser)
    check_userinfo_post(client, arrival, headers={"Authorization": f"Bearer {arrival.access_token}"})


def test_oidcc_userinfo_post_body(party, browser, response_type):
    """Userinfo answers a POST with the token in the form (RFC 6750 section 2.2)."""
    client = party(with_token(response_type))
    arrival = client.log_in(browser)
    check_userinfo_post(client, arrival, data={"access_token": arrival.access_token})


def with_token(response_type):
    """The response type, or one with an access token where it gives none: those modules are not for `id_token`."""
    return "id_token token" if response_type == "id_token" else response_type


def test_oidcc_ensure_request_without_nonce_fails(client, browser):
    """A nonce is needed where an ID token is in the response (sections 3.2.2.1, 3.3.2.11), and not otherwise."""
    if client.wants("id_token"):
        parameters = client.request(nonce=None)
        fields = client.check_landing(client.send(browser, parameters), parameters).fields
        assert fields["error"] == "invalid_request"
        assert fields.keys() == {"error", "error_description", "state", "iss"}
    else:
        assert "nonce" not in client.log_in(browser, nonce=None).claims


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param("openid profile", PROFILE_CLAIMS, id="scope-profile"),
        pytest.param("openid email", EMAIL_CLAIMS, id="scope-email"),
        pytest.param("openid address", ADDRESS_CLAIMS, id="scope-address"),
        pytest.param("openid phone", PHONE_CLAIMS, id="scope-phone"),
        pytest.param(EVERYTHING, ALL_CLAIMS, id="scope-all"),
        pytest.param("email openid", EMAIL_CLAIMS, id="ensure-other-scope-order-succeeds"),
    ],
)
def test_oidcc_scope(client, browser, scope, expected):
    """The claims of a scope are in userinfo, or in the ID token where nobody can ask for them (section 5.4)."""
    claims = client.known_claims(client.log_in(browser, scope=scope))
    assert claims.keys() == {"sub", *expected}
    check_standard_claims(claims)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"display": "page"}, id="display-page"),
        pytest.param({"display": "popup"}, id="display-popup"),
        pytest.param({"extra": "foobar"}, id="ensure-request-with-unknown-parameter-succeeds"),
        pytest.param({"login_hint": "ada@people.example"}, id="login-hint"),
        pytest.param({"ui_locales": "se"}, id="ui-locales"),
        pytest.param({"claims_locales": "se"}, id="claims-locales"),
        pytest.param({"acr_values": "1 2"}, id="ensure-request-with-acr-values-succeeds"),
    ],
)
def test_oidcc_wish(client, browser, changes):
    """A parameter that is a wish at most harms nothing (section 3.1.2.1)."""
    assert client.log_in(browser, **changes).claims["sub"]


def test_oidcc_prompt_login(client, browser, server):
    """With prompt=login the person logs in again, and auth_time says so."""
    first = client.log_in(browser)
    server.tick(2)
    second = client.log_in(browser, prompt="login")
    assert "login" in second.landing.seen
    assert second.claims["auth_time"] > first.claims["auth_time"]
    assert second.claims["sub"] == first.claims["sub"]


def test_oidcc_prompt_none_not_logged_in(client, browser):
    """Without a login, prompt=none is an error in the fragment (section 3.1.2.6)."""
    parameters = client.request(prompt="none")
    fields = client.check_landing(client.send(browser, parameters), parameters).fields
    assert fields["error"] in {"login_required", "interaction_required"}
    assert not {"code", "id_token", "access_token"} & fields.keys()


@pytest.mark.parametrize(
    "hint", [pytest.param(False, id="prompt-none-logged-in"), pytest.param(True, id="id-token-hint")]
)
def test_oidcc_prompt_none_logged_in(client, browser, server, hint):
    """Who is logged in comes back at once with prompt=none, as the same person with the same auth_time."""
    first = client.log_in(browser)
    server.tick(2)
    second = client.log_in(browser, prompt="none", **({"id_token_hint": first.id_token} if hint else {}))
    assert second.landing.seen == ()
    assert (second.claims["sub"], second.claims["auth_time"]) == (first.claims["sub"], first.claims["auth_time"])


@pytest.mark.parametrize(
    ("max_age", "again"), [pytest.param("1", True, id="max-age-1"), pytest.param("10000", False, id="max-age-10000")]
)
def test_oidcc_max_age(client, browser, server, max_age, again):
    """A login that is older than max_age is asked for again, and auth_time is given."""
    first = client.log_in(browser)
    server.tick(3)
    second = client.log_in(browser, max_age=max_age)
    assert ("login" in second.landing.seen) == again
    assert (second.claims["auth_time"] > first.claims["auth_time"]) == again


def test_oidcc_ensure_registered_redirect_uri(client, browser, site):
    """Nobody is sent to a redirect URI that is not registered, whatever the response type."""
    stranger = f"{site.place()}/stranger"
    end = client.send(browser, client.request(redirect_uri=stranger))
    assert isinstance(end, Stop)
    assert end.page.status == 400
    assert site.received(stranger) == []


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(party, browser, site, response_type):
    """A request_uri that is registered is followed; what it says comes back in the fragment (section 6.2)."""
    client = party(response_type, request_uris=[f"{site.place()}/request.jwt"])
    inside = client.request()
    uri = site.publish(client.document["request_uris"][0], unsigned(inside), "application/jwt")
    outside = {name: value for name, value in inside.items() if name not in {"state", "nonce"}}
    assert client.arrive(client.send(browser, {**outside, "request_uri": uri}), inside).claims["sub"]


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(client, browser):
    """What an unsigned request object says holds: state and nonce stand in it alone (section 6.1)."""
    inside = client.request()
    outside = {name: value for name, value in inside.items() if name not in {"state", "nonce"}}
    assert client.arrive(client.send(browser, {**outside, "request": unsigned(inside)}), inside).claims["sub"]


def test_oidcc_ensure_request_object_with_redirect_uri(client, browser):
    """The redirect URI of a request object is the one that counts (section 6.1)."""
    inside = client.request()
    outside = {**inside, "redirect_uri": f"{client.redirect_uri}_invalid", "request": unsigned(inside)}
    assert client.arrive(client.send(browser, outside), inside).claims["sub"]


def test_oidcc_claims_essential(client, browser):
    """A claim that is asked for by name is where it was asked for, and nowhere else (section 5.5)."""
    place = "id_token" if client.response_type == "id_token" else "userinfo"
    arrival = client.log_in(browser, claims=f'{{"{place}": {{"name": {{"essential": true}}}}}}')
    assert client.known_claims(arrival)["name"] == "Ada Example"
    assert ("name" in arrival.claims) == (place == "id_token")


def test_each_type_may_be_posted(client, browser):
    """Each type may be asked for as a form, which the plans of Form Post do (Form Post Response Mode section 2)."""
    assert client.log_in(browser, response_mode="form_post").claims["sub"]


def test_no_token_goes_into_a_query(client, browser):
    """No token is put into a query (Multiple Response Types section 3)."""
    parameters = client.request(response_mode="query")
    fields = client.check_landing(client.send(browser, parameters), parameters).fields
    assert fields["error"] == "invalid_request"


def test_a_login_hint_fills_the_name_in(client, browser, ada):
    page = browser.open(
        with_query(client.provider.metadata["authorization_endpoint"], client.request(login_hint=ada.username))
    )
    assert page.form.fields["username"] == ada.username
