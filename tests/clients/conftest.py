"""Clients that others have written log people in at one server, in one process."""

import json

import pytest
from tests.conformance.world.fixtures import *  # noqa: F403  fixtures are found by their names


def pytest_collection_modifyitems(items):
    """One process runs them all, so that there is one server."""
    for item in items:
        if "tests/clients" in item.path.as_posix():
            item.add_marker(pytest.mark.xdist_group("clients"))


@pytest.fixture
def resource(site, operator, provider):
    """A protected resource (RFC 9728): without a token of the server that is meant for it, it says where to get one."""
    url = site.place("mcp")
    operator.add_resource(url)
    document = {"resource": url, "authorization_servers": [provider.issuer], "scopes_supported": ["openid"]}
    about = site.publish(f"{url}/metadata", json.dumps(document))

    def answer(received):
        scheme, _, token = received.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            return 401, {"WWW-Authenticate": f'Bearer resource_metadata="{about}"'}, b""
        claims = provider.verify(token, algorithm="ES256")
        return (200 if claims["aud"] in (url, [url]) else 403), {}, json.dumps(claims).encode()

    site.answer(url, answer)
    return url
