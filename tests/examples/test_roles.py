import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from watchword.cli.commands import app as command
from watchword.testing import as_user


@pytest.fixture
def example(load):
    return load("roles")


@pytest.fixture
def client(example):
    with TestClient(example.app) as client:
        yield client


@pytest.fixture
def admin(client, log_in, bearer, run_command):
    """The headers of an administrator, made by the command that the example names."""
    run_command("users", "add", "grace", "--role", "admin", "--password-stdin", typed="tall-copper-lantern-42\n")
    return bearer(log_in(client, "grace", scope="admin"))


def give_role(client, admin, account, role, permissions):
    made = client.put(f"/auth/admin/api/roles/{role}", json={"permissions": permissions}, headers=admin)
    assert 200 == made.status_code, made.text
    given = client.put(f"/auth/admin/api/users/{account['id']}/roles/{role}", headers=admin)
    assert (200, [role]) == (given.status_code, given.json()["roles"])


def test_only_the_public_route_answers_a_stranger(client):
    paths = [
        "/health",
        "/whoami",
        "/admin/stats",
        "/reports",
        "/reports/latest",
        "/notes",
        "/staff/rota",
        "/staff/hello",
    ]
    assert [200] + [401] * 7 == [client.get(path).status_code for path in paths]


def test_a_route_without_a_guard_of_its_own_takes_any_signed_in_caller(client, sign_up, log_in, bearer):
    sign_up(client)
    assert 200 == client.get("/notes", headers=bearer(log_in(client))).status_code


def test_a_wrong_role_is_403_and_the_right_one_200(client, admin, sign_up, log_in, bearer):
    sign_up(client)
    refused = client.get("/admin/stats", headers=bearer(log_in(client)))
    assert (403, "access_refused") == (refused.status_code, refused.json()["code"])
    assert {"reports": 3} == client.get("/admin/stats", headers=admin).json()


def test_a_permission_comes_with_a_role_and_goes_with_it(client, admin, sign_up, log_in, bearer):
    account = sign_up(client)
    give_role(client, admin, account, "analyst", ["reports:read"])
    headers = bearer(log_in(client))
    assert ["reports:read"] == client.get("/whoami", headers=headers).json()["permissions"]
    assert [200, 200] == [client.get(path, headers=headers).status_code for path in ("/reports", "/reports/latest")]
    taken = client.delete(f"/auth/admin/api/users/{account['id']}/roles/analyst", headers=admin)
    assert (200, []) == (taken.status_code, taken.json()["roles"])
    assert 401 == client.get("/reports", headers=headers).status_code
    assert 403 == client.get("/reports", headers=bearer(log_in(client))).status_code


def test_either_side_of_an_or_is_enough(client, admin):
    assert [403, 200] == [client.get(path, headers=admin).status_code for path in ("/reports", "/reports/latest")]


def test_one_guard_on_a_router_covers_all_its_routes(client, admin, sign_up, log_in, bearer):
    account = sign_up(client)
    before = bearer(log_in(client))
    assert [403, 403] == [client.get(f"/staff/{path}", headers=before).status_code for path in ("rota", "hello")]
    give_role(client, admin, account, "staff", [])
    after = bearer(log_in(client))
    assert {"hello": "ada"} == client.get("/staff/hello", headers=after).json()


def test_a_refresh_brings_the_new_role(client, admin, sign_up, log_in, bearer):
    account = sign_up(client)
    tokens = log_in(client)
    give_role(client, admin, account, "staff", [])
    assert 401 == client.get("/staff/rota", headers=bearer(tokens)).status_code
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert 200 == client.get("/staff/rota", headers=bearer(client.post("/auth/token", data=form).json())).status_code


def test_administration_needs_the_scope_beside_the_role(client, admin, log_in, bearer):
    without = client.get("/auth/admin/api/users", headers=bearer(log_in(client, "grace")))
    assert (403, ["admin"]) == (without.status_code, without.json()["missing_scopes"])
    assert 200 == client.get("/auth/admin/api/users", headers=admin).status_code


def test_the_commands_of_the_docstring_work(client, admin, sign_up, log_in, bearer, run_command):
    sign_up(client)
    run_command("roles", "add", "analyst", "--permission", "reports:read")
    run_command("roles", "grant", "analyst", "ada")
    assert ["analyst"] == client.get("/whoami", headers=bearer(log_in(client))).json()["roles"]


def test_watchword_routes_finds_nothing_unguarded(example, monkeypatch):
    monkeypatch.syspath_prepend("")
    result = CliRunner().invoke(command, ["routes", "examples.roles:app"])
    assert (0, "") == (result.exit_code, result.stderr)


def test_the_kit_gives_roles_and_permissions_without_a_store(example):
    client = TestClient(example.app)
    with as_user(example.app, roles=["staff"]):
        assert [200, 403] == [client.get(path).status_code for path in ("/staff/hello", "/reports")]
    with as_user(example.app, permissions=["reports:read"]):
        assert [403, 200] == [client.get(path).status_code for path in ("/staff/hello", "/reports")]
