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
    assert made.status_code == 200, made.text
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
    assert [client.get(path).status_code for path in paths] == [200] + [401] * 7


def test_a_route_without_a_guard_of_its_own_takes_any_signed_in_caller(client, sign_up, log_in, bearer):
    sign_up(client)
    assert client.get("/notes", headers=bearer(log_in(client))).status_code == 200


def test_a_wrong_role_is_403_and_the_right_one_200(client, admin, sign_up, log_in, bearer):
    sign_up(client)
    refused = client.get("/admin/stats", headers=bearer(log_in(client)))
    assert (refused.status_code, refused.json()["code"]) == (403, "access_refused")
    assert client.get("/admin/stats", headers=admin).json() == {"reports": 3}


def test_a_permission_comes_with_a_role_and_goes_with_it(client, admin, sign_up, log_in, bearer):
    account = sign_up(client)
    give_role(client, admin, account, "analyst", ["reports:read"])
    headers = bearer(log_in(client))
    assert client.get("/whoami", headers=headers).json()["permissions"] == ["reports:read"]
    assert [client.get(path, headers=headers).status_code for path in ("/reports", "/reports/latest")] == [200, 200]
    taken = client.delete(f"/auth/admin/api/users/{account['id']}/roles/analyst", headers=admin)
    assert (taken.status_code, taken.json()["roles"]) == (200, [])
    assert client.get("/reports", headers=headers).status_code == 401
    assert client.get("/reports", headers=bearer(log_in(client))).status_code == 403


def test_either_side_of_an_or_is_enough(client, admin):
    assert [client.get(path, headers=admin).status_code for path in ("/reports", "/reports/latest")] == [403, 200]


def test_one_guard_on_a_router_covers_all_its_routes(client, admin, sign_up, log_in, bearer):
    account = sign_up(client)
    before = bearer(log_in(client))
    assert [client.get(f"/staff/{path}", headers=before).status_code for path in ("rota", "hello")] == [403, 403]
    give_role(client, admin, account, "staff", [])
    after = bearer(log_in(client))
    assert client.get("/staff/hello", headers=after).json() == {"hello": "ada"}


def test_a_refresh_brings_the_new_role(client, admin, sign_up, log_in, bearer):
    account = sign_up(client)
    tokens = log_in(client)
    give_role(client, admin, account, "staff", [])
    assert client.get("/staff/rota", headers=bearer(tokens)).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert client.get("/staff/rota", headers=bearer(client.post("/auth/token", data=form).json())).status_code == 200


def test_administration_needs_the_scope_beside_the_role(client, admin, log_in, bearer):
    without = client.get("/auth/admin/api/users", headers=bearer(log_in(client, "grace")))
    assert (without.status_code, without.json()["missing_scopes"]) == (403, ["admin"])
    assert client.get("/auth/admin/api/users", headers=admin).status_code == 200


def test_the_commands_of_the_docstring_work(client, admin, sign_up, log_in, bearer, run_command):
    sign_up(client)
    run_command("roles", "add", "analyst", "--permission", "reports:read")
    run_command("roles", "grant", "analyst", "ada")
    assert client.get("/whoami", headers=bearer(log_in(client))).json()["roles"] == ["analyst"]


def test_watchword_routes_finds_nothing_unguarded(example, monkeypatch):
    monkeypatch.syspath_prepend("")
    result = CliRunner().invoke(command, ["routes", "examples.roles:app"])
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_kit_gives_roles_and_permissions_without_a_store(example):
    client = TestClient(example.app)
    with as_user(example.app, roles=["staff"]):
        assert [client.get(path).status_code for path in ("/staff/hello", "/reports")] == [200, 403]
    with as_user(example.app, permissions=["reports:read"]):
        assert [client.get(path).status_code for path in ("/staff/hello", "/reports")] == [403, 200]
