"""The resource server against an issuer in memory, and against a real Watchword."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from watchword import Auth
from watchword.ports.outside import Fetched
from watchword.testing import FakeClock, TokenFactory, as_user

ISSUER = "https://issuer.example"
AUDIENCE = "https://api.example"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def factory(clock) -> TokenFactory:
    return TokenFactory(issuer=ISSUER, audience=AUDIENCE, clock=clock)


@pytest.fixture
def client(load, factory, clock) -> Iterator[TestClient]:
    auth = Auth.remote(issuer=ISSUER, audience=AUDIENCE, clock=clock, fetcher=factory.fetcher)
    with TestClient(load("resource_server").create_app(auth)) as client:
        yield client


def get(client, path, token):
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def test_a_token_of_the_issuer_opens_the_routes_that_it_is_good_for(client, factory):
    token = factory.token("ada", scopes=["items:read"])
    assert get(client, "/whoami", token).json() == {"subject": "ada", "issuer": ISSUER, "client": "test"}
    assert [get(client, path, token).status_code for path in ("/items", "/admin/stats")] == [200, 403]


def test_roles_of_the_issuer_count(client, factory):
    assert get(client, "/admin/stats", factory.token("ada", roles=["admin"])).json() == {"items": 2}


@pytest.mark.parametrize("missing", ["exp", "iat", "iss", "aud", "sub"])
def test_a_token_without_a_required_claim_is_refused(client, factory, missing):
    assert get(client, "/whoami", factory.token("ada", **{missing: None})).status_code == 401
    assert get(client, "/whoami", factory.token("ada")).status_code == 200


def test_a_token_for_another_audience_or_issuer_is_refused(client, factory, clock):
    stranger = TokenFactory(issuer=ISSUER, audience=AUDIENCE, clock=clock)
    tokens = [
        factory.token("ada", aud="https://other.example"),
        factory.token("ada", iss="https://evil.example"),
        stranger.token("ada"),
        factory.token("ada"),
    ]
    assert [get(client, "/whoami", token).status_code for token in tokens] == [401, 401, 401, 200]


def test_a_token_expires(client, factory, clock):
    token = factory.token("ada", expires_in=timedelta(minutes=5))
    clock.tick(299)
    assert get(client, "/whoami", token).status_code == 200
    clock.tick(1)
    assert get(client, "/whoami", token).status_code == 401


def test_a_new_key_of_the_issuer_is_found_without_a_restart(client, factory, clock):
    assert get(client, "/whoami", factory.token("ada")).status_code == 200
    factory.rotate()
    clock.tick(31)
    assert get(client, "/whoami", factory.token("ada")).status_code == 200


def test_tokens_are_verified_while_the_issuer_is_down(client, factory, clock):
    token = factory.token("ada", expires_in=timedelta(hours=2))
    assert get(client, "/whoami", token).status_code == 200
    factory.fetcher.down = True
    clock.tick(timedelta(hours=1))
    assert get(client, "/whoami", token).status_code == 200


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
def test_every_asymmetric_algorithm_is_taken(load, clock, algorithm):
    factory = TokenFactory(issuer=ISSUER, audience=AUDIENCE, algorithm=algorithm, clock=clock)
    auth = Auth.remote(issuer=ISSUER, audience=AUDIENCE, clock=clock, fetcher=factory.fetcher)
    with TestClient(load("resource_server").create_app(auth)) as client:
        assert get(client, "/whoami", factory.token("ada")).status_code == 200


def test_a_stranger_may_be_greeted_and_a_bad_token_is_refused_all_the_same(client, factory):
    assert client.get("/hello").json() == {"hello": "stranger"}
    assert get(client, "/hello", factory.token("ada")).json() == {"hello": "ada"}
    assert get(client, "/hello", factory.token("ada", aud="https://other.example")).status_code == 401


def test_the_kit_needs_no_issuer_at_all(load):
    example = load("resource_server")
    with as_user(example.app, scopes=["items:read"]):
        client = TestClient(example.app)
        assert [client.get(path).status_code for path in ("/items", "/admin/stats")] == [200, 403]


class OneServer:
    """Fetches from an application in this process, as if it stood at its issuer's address."""

    def __init__(self, client: TestClient) -> None:
        self._client = client

    async def get(self, url: str, *, accept: str = "application/json") -> Fetched:
        answer = self._client.get(url.removeprefix("http://localhost:8000"), headers={"Accept": accept})
        return Fetched(status=answer.status_code, headers=dict(answer.headers), body=answer.content)


def test_tokens_of_another_watchword_open_it(load, sign_up, log_in):
    with TestClient(load("minimal").app) as issuer:
        account = sign_up(issuer)
        token = log_in(issuer, scope="items:read")["access_token"]
        here = "http://localhost:8000"
        auth = Auth.remote(issuer=here, audience=here, fetcher=OneServer(issuer))
        with TestClient(load("resource_server").create_app(auth)) as client:
            assert account["id"] == get(client, "/whoami", token).json()["subject"]
            assert get(client, "/items", token).json() == ["Lantern", "Compass"]
