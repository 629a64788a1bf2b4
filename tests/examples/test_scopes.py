import pytest
from fastapi.testclient import TestClient

from watchword.testing import as_user


@pytest.fixture
def example(load):
    return load("scopes")


@pytest.fixture
def client(example, sign_up):
    with TestClient(example.app) as client:
        sign_up(client)
        yield client


@pytest.mark.parametrize(
    ("asked", "statuses"),
    [
        ("", {"/status": 200, "/users/me": 403, "/users/me/items": 403, "/users/me/export": 403}),
        ("me", {"/status": 200, "/users/me": 200, "/users/me/items": 403, "/users/me/export": 403}),
        ("items", {"/status": 200, "/users/me": 403, "/users/me/items": 403, "/users/me/export": 403}),
        ("me items", {"/status": 200, "/users/me": 200, "/users/me/items": 200, "/users/me/export": 200}),
    ],
)
def test_each_route_takes_the_scopes_it_names_and_no_less(client, log_in, bearer, asked, statuses):
    headers = bearer(log_in(client, scope=asked))
    assert statuses == {path: client.get(path, headers=headers).status_code for path in statuses}


def test_without_a_token_no_route_answers(client):
    paths = ["/status", "/users/me", "/users/me/items", "/users/me/export"]
    assert [client.get(path).status_code for path in paths] == [401] * 4


def test_the_challenge_lists_every_scope_that_the_route_needs(client, log_in, bearer):
    answer = client.get("/users/me/export", headers=bearer(log_in(client, scope="me")))
    challenge = answer.headers["WWW-Authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="items me"' in challenge
    assert answer.json()["missing_scopes"] == ["items"]


def test_a_scope_nobody_declared_is_not_granted_and_the_answer_says_what_was(client, log_in):
    assert log_in(client, scope="me admin root")["scope"] == "me"


def test_the_owner_is_named_beside_the_items(client, log_in, bearer):
    answer = client.get("/users/me/items", headers=bearer(log_in(client, scope="me items")))
    assert answer.json() == [{"name": "Lantern", "owner": "ada"}]


def test_a_refresh_may_narrow_the_scopes_and_never_widen_them(client, log_in):
    tokens = log_in(client, scope="me")
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    wider = client.post("/auth/token", data={**form, "scope": "me items"})
    assert (wider.status_code, wider.json()["error"]) == (400, "invalid_scope")
    same = client.post("/auth/token", data={**form, "scope": "me"})
    assert (same.status_code, same.json()["scope"]) == (200, "me")


def test_the_documentation_lists_the_scopes_of_each_route(client):
    document = client.get("/openapi.json").json()
    needed = {
        path: [scopes for entry in operations["get"]["security"] for scopes in entry.values()]
        for path, operations in document["paths"].items()
        if path.startswith(("/users", "/status"))
    }
    assert needed == {
        "/users/me": [["me"]],
        "/users/me/items": [["items", "me"]],
        "/users/me/export": [["items", "me"]],
        "/status": [[]],
    }


def test_the_kit_holds_a_person_to_declared_scopes_too(example):
    client = TestClient(example.app)
    with as_user(example.app, scopes=["me"]):
        assert [client.get(path).status_code for path in ("/users/me", "/users/me/items")] == [200, 403]
