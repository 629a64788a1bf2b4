"""The modules of the Dynamic plan: clients that register themselves (OpenID Connect Registration 1.0, RFC 7591)."""

import json
import time

import pytest
from joserfc import jws
from tests.conformance.test_config import check_discovery
from tests.conformance.world.browser import Landing, Stop, with_query
from tests.conformance.world.relying_party import new_key, public_jwks
from tests.conformance.world.request_objects import signed, unsigned


@pytest.fixture(scope="session")
def key():
    """The key of an application: to make one takes long, and one is enough."""
    return new_key("first")


def page_for(client, browser, **changes):
    """The page that an authorization request leads to at first."""
    parameters = client.request(**changes)
    return browser.open(with_query(client.provider.metadata["authorization_endpoint"], parameters))


def check_stays(end, *uris):
    """Check that an error is shown here, and that nobody was sent to the application."""
    assert isinstance(end, Stop), end
    assert end.page.status == 400
    assert not end.page.url.startswith(uris)


def test_oidcc_discovery_endpoint_verification(provider):
    """The document names the place to register, and what may be registered."""
    found = check_discovery(provider)
    assert found["registration_endpoint"].startswith(provider.issuer)
    assert "client_secret_basic" in found["token_endpoint_auth_methods_supported"]


def test_oidcc_server(dynamic_client, browser):
    """A client that has just registered itself logs somebody in."""
    client = dynamic_client()
    assert client.claims(client.log_in(browser))["sub"]


def test_oidcc_idtoken_rs256(dynamic_client, browser):
    """A client that registers for RS256 gets ID tokens that are signed with it (Registration section 2)."""
    client = dynamic_client(id_token_signed_response_alg="RS256")
    header = jws.extract_compact(client.log_in(browser).id_token.encode()).headers()
    assert header["alg"] == "RS256"


def test_oidcc_idtoken_unsigned(register, site):
    """Nobody can register for unsigned ID tokens where they are not offered (Registration section 2)."""
    document = {"redirect_uris": [f"{site.place()}/callback"]}
    refused = register({**document, "id_token_signed_response_alg": "none"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")
    assert register({**document, "id_token_signed_response_alg": "RS256"}).status_code == 201


def test_oidcc_userinfo_rs256(dynamic_client, browser, provider):
    """A client that registers for it gets signed claims (Core section 5.3.2)."""
    client = dynamic_client(userinfo_signed_response_alg="RS256")
    tokens = client.log_in(browser)
    response = client.userinfo(tokens.access_token)
    assert response.headers["content-type"].startswith("application/jwt")
    claims = provider.verify(response.text)
    assert claims["sub"] == tokens.claims["sub"]
    assert claims["iss"] == provider.issuer
    assert claims["aud"] in (client.client_id, [client.client_id])


def test_oidcc_ensure_redirect_uri_in_authorization_request(dynamic_client, browser):
    """An OpenID request names its redirect URI, even where only one is registered (Core section 3.1.2.1)."""
    client = dynamic_client()
    end = client.send(browser, client.request(redirect_uri=None))
    check_stays(end, client.redirect_uri)
    assert client.log_in(browser).claims["sub"]


def test_oidcc_redirect_uri_query_ok(dynamic_client, browser, site):
    """A redirect URI that is registered with a query keeps it (RFC 6749 section 3.1.2)."""
    uri = f"{site.place()}/callback?foo=bar"
    client = dynamic_client(redirect_uris=[uri])
    tokens = client.log_in(browser)
    assert tokens.landing.fields["foo"] == "bar"


def test_oidcc_redirect_uri_query_mismatch(dynamic_client, browser, site):
    """Another value in that query is another redirect URI (Core section 3.1.2.1)."""
    place = site.place()
    client = dynamic_client(redirect_uris=[f"{place}/callback?foo=bar"])
    end = client.send(browser, client.request(redirect_uri=f"{place}/callback?foo=baz"))
    check_stays(end, place)


def test_oidcc_redirect_uri_query_added(dynamic_client, browser):
    """A redirect URI with a query added is another one (Core section 3.1.2.1)."""
    client = dynamic_client()
    end = client.send(browser, client.request(redirect_uri=f"{client.redirect_uri}?foo=bar"))
    check_stays(end, client.redirect_uri)


def test_oidcc_redirect_uri_regfrag(register, site):
    """A redirect URI with a fragment cannot be registered (RFC 6749 section 3.1.2)."""
    uri = f"{site.place()}/callback"
    refused = register({"redirect_uris": [f"{uri}#foobar"]})
    assert refused.status_code == 400
    assert refused.json()["error"] in {"invalid_redirect_uri", "invalid_client_metadata"}
    assert register({"redirect_uris": [uri]}).status_code == 201


def test_oidcc_registration_logo_uri(dynamic_client, browser, site):
    """The logo of the application is on the login page (Registration section 2)."""
    logo = site.publish(f"{site.place()}/logo.png", b"\x89PNG", "image/png")
    assert logo in page_for(dynamic_client(logo_uri=logo), browser).images


def test_oidcc_registration_policy_uri(dynamic_client, browser, site):
    """A link to its policy is on the login page (Registration section 2)."""
    policy = f"{site.place()}/policy"
    assert policy in page_for(dynamic_client(policy_uri=policy), browser).links


def test_oidcc_registration_tos_uri(dynamic_client, browser, site):
    """A link to its terms of service is on the login page (Registration section 2)."""
    terms = f"{site.place()}/terms"
    assert terms in page_for(dynamic_client(tos_uri=terms), browser).links


def assertion_client(dynamic_client, site, key):
    """A client that authenticates with the key that it publishes."""
    uri = site.publish(f"{site.place()}/jwks", json.dumps(public_jwks(key)))
    return dynamic_client(token_endpoint_auth_method="private_key_jwt", jwks_uri=uri, key=key)


def test_oidcc_registration_jwks_uri(dynamic_client, browser, site, key):
    """The keys of a client are fetched from where it registered them (Registration section 2, Core section 9)."""
    client = assertion_client(dynamic_client, site, key)
    assert client.log_in(browser).claims["sub"]
    assert site.received(client.document["jwks_uri"])


def test_oidcc_registration_sector_uri(dynamic_client, browser, site):
    """Clients of one sector see one pairwise subject, which no other client sees (Core section 8.1)."""
    places = [site.place(), site.place()]
    uris = [f"{place}/callback" for place in places]
    sector = site.publish(f"{site.place()}/sector.json", json.dumps(uris))
    subjects = [
        dynamic_client(redirect_uris=[uri], subject_type="pairwise", sector_identifier_uri=sector)
        .log_in(browser)
        .claims["sub"]
        for uri in uris
    ]
    assert subjects[0] == subjects[1]
    assert dynamic_client().log_in(browser).claims["sub"] != subjects[0]


def test_oidcc_registration_sector_bad(register, site):
    """A sector document that does not list every redirect URI is refused (Registration section 5)."""
    sector = site.publish(f"{site.place()}/sector.json", json.dumps([f"{site.place()}/other"]))
    document = {"redirect_uris": [f"{site.place()}/callback"], "subject_type": "pairwise"}
    refused = register({**document, "sector_identifier_uri": sector})
    assert refused.status_code == 400
    assert refused.json()["error"] in {"invalid_redirect_uri", "invalid_client_metadata"}
    site.publish(sector, json.dumps(document["redirect_uris"]))
    assert register({**document, "sector_identifier_uri": sector}).status_code == 201


def test_oidcc_server_rotate_keys(dynamic_client, browser, provider, operator, server):
    """A new key is published beside the old one, and then signs; the old one stays for a while (Core 10.1.1)."""
    client = dynamic_client()
    known = published(provider)
    before = jws.extract_compact(client.log_in(browser).id_token.encode()).headers()["kid"]
    operator.rotate_key("RS256")
    [new] = wait_for_keys(provider, known)
    assert before in published(provider)
    server.tick(600)
    tokens = client.log_in(browser)
    assert jws.extract_compact(tokens.id_token.encode()).headers()["kid"] == new
    assert {before, new} <= published(provider)


def test_a_key_that_signs_at_once_leaves_the_one_before_published(dynamic_client, browser, provider, operator):
    """Where nobody can wait, as in that module of the suite, the keys of before still stay (Core section 10.1.1)."""
    client, known = dynamic_client(), published(provider)
    hint = client.log_in(browser).id_token
    operator.rotate_key("RS256", at_once=True)
    [new] = wait_for_keys(provider, known)
    assert known <= published(provider)
    tokens = client.log_in(browser, id_token_hint=hint)
    assert jws.extract_compact(tokens.id_token.encode()).headers()["kid"] == new


def published(provider):
    return {key["kid"] for key in provider.jwks()["keys"]}


def wait_for_keys(provider, known, *, at_most=10):
    """The keys that are published beside those that are known, as soon as there are any."""
    end = time.monotonic() + at_most
    while not (new := published(provider) - known):
        assert time.monotonic() < end, "no new key is published"
    return new


def test_oidcc_refresh_token_rp_key_rotation(dynamic_client, browser, site, key):
    """A client may change its keys: an unknown one is looked for where it publishes them (Core section 10.1.1)."""
    client = assertion_client(dynamic_client, site, key)
    tokens = client.log_in(browser, scope="openid offline_access", prompt="consent")
    client.key = new_key("second")
    site.publish(client.document["jwks_uri"], json.dumps(public_jwks(client.key)))
    assert client.check_tokens(client.refresh(tokens.refresh_token)).claims["sub"] == tokens.claims["sub"]


def by_reference(client, browser, site, make, **registered):
    """Log in with a request object at a registered address; what it says replaces what is outside."""
    inside = client.request()
    site.publish(client.document["request_uris"][0], make(inside), "application/oauth-authz-req+jwt")
    outside = {"client_id": client.client_id, "scope": "openid", "response_type": "code"}
    end = client.send(browser, {**outside, "request_uri": client.document["request_uris"][0]})
    client.check_landing(end, inside)
    code = end.fields["code"]
    return client.check_tokens(client.redeem(code), nonce=inside["nonce"])


def test_oidcc_request_uri_unsigned(dynamic_client, browser, site):
    """An unsigned request object is fetched from a registered address, and counts (Core section 6.2)."""
    client = dynamic_client(request_uris=[f"{site.place()}/request.jwt"], request_object_signing_alg="none")
    assert by_reference(client, browser, site, unsigned).claims["sub"]


def test_oidcc_request_uri_signed_rs256(dynamic_client, browser, site, key, provider):
    """A request object that the client has signed is fetched, verified with its keys, and counts (Core section 6.2)."""
    client = dynamic_client(
        request_uris=[f"{site.place()}/request.jwt"],
        request_object_signing_alg="RS256",
        jwks=public_jwks(key),
    )
    assert by_reference(client, browser, site, lambda inside: signed(inside, key, audience=provider.issuer)).claims[
        "sub"
    ]
    end = client.send(
        browser,
        {
            **client.request(nonce="outside"),
            "request": unsigned(client.request()),
        },
    )
    assert isinstance(end, Landing)
    assert end.fields["error"] == "invalid_request_object"


def test_oidcc_ensure_request_object_with_redirect_uri(dynamic_client, browser, site):
    """The redirect URI of a request object is the one that counts (Core section 6.1)."""
    client = dynamic_client(request_object_signing_alg="none")
    inside = client.request()
    outside = {**inside, "redirect_uri": f"{site.place()}/stranger", "request": unsigned(inside)}
    end = client.check_landing(client.send(browser, outside), inside)
    response = client.redeem(end.fields["code"])
    assert client.check_tokens(response, nonce=inside["nonce"]).claims["sub"]


def test_oidcc_refresh_token(dynamic_client, browser):
    """A refresh token gives new tokens, and to its own client alone (Core section 12)."""
    client, other = dynamic_client(), dynamic_client()
    tokens = client.log_in(browser, scope="openid offline_access", prompt="consent")
    refreshed = client.check_tokens(client.refresh(tokens.refresh_token))
    assert refreshed.claims["sub"] == tokens.claims["sub"]
    refused = other.refresh(refreshed.refresh_token)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


def test_oidcc_ensure_client_assertion_with_iss_aud_succeeds(dynamic_client, browser, site, key, provider):
    """The issuer is accepted as the audience of a client assertion, and another server is not (RFC 7523 section 3)."""
    client = assertion_client(dynamic_client, site, key)
    assert client.log_in(browser).claims["sub"]
    code = client.authorize(browser).fields["code"]
    client.assertion = lambda: type(client).assertion(client, aud="https://other.example")
    refused = client.redeem(code)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
