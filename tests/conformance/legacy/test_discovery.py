"""What discovery says where hybrid and implicit response types are on: the plans look there first."""

from tests.conformance.legacy.modules import TYPES
from tests.conformance.legacy.party import Party
from tests.conformance.test_config import check_discovery


def test_oidcc_discovery_endpoint_verification(provider):
    """A dynamic provider has the types that Core section 15.2 names, and the grants that go with them (Discovery 3)."""
    found = check_discovery(provider)
    types = {frozenset(name.split()) for name in found["response_types_supported"]}
    assert types == {frozenset({"code"}), *(frozenset(name.split()) for name in TYPES)}
    assert {"authorization_code", "implicit"} <= {*found["grant_types_supported"]}
    assert found["response_modes_supported"] == ["query", "fragment", "form_post"]


def test_a_client_of_the_code_flow_gets_nothing_else(static_client, browser):
    """That the types are on does not give them to who is not registered for them (RFC 7591 section 2)."""
    client = static_client()
    for name in TYPES:
        parameters = client.request(response_type=name)
        end = client.send(browser, parameters)
        assert end.fields["error"] in {"unsupported_response_type", "unauthorized_client"}
    assert client.log_in(browser).claims["sub"]


def test_a_client_of_the_operator_may_have_every_type(static_client, browsers):
    """One client that the operator declares will do for all variants of both plans."""
    grants = ["authorization_code", "implicit", "refresh_token"]
    client = static_client(response_types=["code", *TYPES], grant_types=grants)
    for name in TYPES:
        document = {**client.document, "response_types": [name]}
        party = Party(client.provider, document, client.client_id, client.secret)
        assert party.log_in(browsers()).claims["sub"]


def test_grants_and_response_types_must_agree(register, site, jwks):
    """What is registered without the grant that goes with it is refused (RFC 7591 section 2.1)."""
    document = {"redirect_uris": [f"{site.place()}/callback"], "response_types": ["id_token token"], "jwks": jwks}
    refused = register({**document, "grant_types": ["authorization_code"]})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client_metadata")
    assert register({**document, "grant_types": ["implicit"]}).status_code == 201
