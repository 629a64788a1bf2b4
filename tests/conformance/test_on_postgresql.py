"""The code flow of OpenID Connect Core 1.0 with a server whose accounts are in PostgreSQL."""

from contextlib import closing

import pytest
from tests.conformance.world.authority import new_authority
from tests.conformance.world.browser import Browser
from tests.conformance.world.operator import operating
from tests.conformance.world.relying_party import Provider, RelyingParty
from tests.conformance.world.server import running_server
from tests.conformance.world.site import running_site


@pytest.fixture
def postgres_client(postgres_url, tmp_path):
    """A client of such a server, and a browser in which nobody is logged in."""
    authority = new_authority(tmp_path)
    trust = authority.trusting()
    with (
        running_server(tmp_path, WATCHWORD_DATABASE_URL=postgres_url) as server,
        operating(server) as operator,
        running_site(authority) as site,
        closing(Provider(server, trust)) as provider,
        closing(Browser(trust, operator.add_person("ada"))) as browser,
    ):
        document = {
            "client_name": "Application under test",
            "redirect_uris": [f"{site.place()}/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "response_types": ["code"],
        }
        yield RelyingParty(provider, document, *operator.add_client(document)), browser


def test_the_code_flow_works_from_request_to_userinfo_and_a_code_is_used_once(postgres_client):
    client, browser = postgres_client
    tokens = client.log_in(browser)
    assert client.claims(tokens)["sub"] == tokens.claims["sub"]
    assert tokens.landing.seen[:2] == ("login", "consent")
    again = client.log_in(browser, prompt="none")
    assert again.claims["auth_time"] == tokens.claims["auth_time"]
    code = client.authorize(browser, prompt="none").fields["code"]
    assert [client.redeem(code).status_code for _ in range(2)] == [200, 400]
