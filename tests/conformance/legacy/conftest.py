"""The same server, with the hybrid and implicit response types that are off by default."""

import pytest
from tests.conformance.legacy.party import Party, signing_key
from tests.conformance.world.fixtures import *  # noqa: F403  fixtures are found by their names
from tests.conformance.world.relying_party import public_jwks
from tests.conformance.world.server import running_server


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("legacy")


@pytest.fixture(scope="session")
def server(folder, authority):
    settings = {"WATCHWORD_LEGACY_RESPONSE_TYPES": "true", "WATCHWORD_REGISTRATION_CONSENT": "remember"}
    with running_server(folder, **settings) as running:
        yield running


@pytest.fixture(scope="session")
def jwks():
    """The keys of every application, without `kid` and `use`."""
    return public_jwks(signing_key())


@pytest.fixture
def party(register, provider, site, jwks):
    """Makes applications that register themselves for one response type, as the suite does."""

    def make(response_type, **metadata):
        code, rest = "code" in response_type.split(), set(response_type.split()) - {"code"}
        document = {
            "client_name": "Application that registered itself",
            "grant_types": [*(["authorization_code"] if code else []), *(["implicit"] if rest else [])],
            "jwks": jwks,
            "token_endpoint_auth_method": "client_secret_basic",
            "response_types": [response_type],
            "redirect_uris": [f"{site.place()}/callback"],
            "contacts": ["operator@application.example"],
            **metadata,
        }
        response = register(document)
        assert response.status_code == 201, response.text
        registered = response.json()
        return Party(provider, registered, registered["client_id"], registered["client_secret"])

    return make
