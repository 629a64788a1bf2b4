import base64
import json
import sqlite3
from contextlib import closing

import pytest
from fastapi.testclient import TestClient

from watchword.testing import as_user


@pytest.fixture
def minimal(load):
    return load("minimal")


@pytest.fixture
def client(minimal):
    with TestClient(minimal.app) as client:
        yield client


def claims_of(token: str) -> dict[str, object]:
    return part_of(token, 1)


def part_of(token: str, index: int) -> dict[str, object]:
    part = token.split(".")[index]
    decoded: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def test_a_login_answers_a_bearer_token_that_opens_me(client, sign_up, log_in, bearer):
    sign_up(client)
    tokens = log_in(client, grant_type="password")
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 600)
    assert client.get("/me", headers=bearer(tokens)).json() == {"username": "ada"}


def test_the_form_may_leave_out_the_grant_type(client, sign_up, log_in, bearer):
    sign_up(client)
    assert client.get("/me", headers=bearer(log_in(client))).status_code == 200


def test_the_email_address_logs_in_as_well_as_the_username(client, sign_up, log_in, bearer):
    sign_up(client, email="ada@example.com")
    tokens = log_in(client, "ADA@example.com")
    assert client.get("/me", headers=bearer(tokens)).json() == {"username": "ada"}


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer not-a-token", "Bearer a.b.c", "Basic YWRhOng="])
def test_a_missing_or_malformed_token_is_401_with_a_bearer_challenge(client, header):
    answer = client.get("/me", headers={"Authorization": header} if header else {})
    assert (answer.status_code, answer.headers["WWW-Authenticate"].split()[0]) == (401, "Bearer")


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(client, sign_up):
    sign_up(client)
    answers = [
        client.post("/auth/token", data={"username": name, "password": "wrong-copper-lantern-42"})
        for name in ("ada", "nobody")
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["error"] == "invalid_grant"


def test_a_changed_token_is_refused_and_the_same_token_unchanged_is_not(client, sign_up, log_in):
    sign_up(client)
    token = log_in(client)["access_token"]
    head, body, signature = token.split(".")
    changed = f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    statuses = [client.get("/me", headers={"Authorization": f"Bearer {each}"}).status_code for each in (changed, token)]
    assert statuses == [401, 200]


def test_a_token_says_who_and_until_when_and_nothing_secret(client, sign_up, log_in):
    account = sign_up(client, email="ada@example.com")
    claims = claims_of(log_in(client)["access_token"])
    assert {"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid"} <= claims.keys()
    assert (account["id"], 600) == (claims["sub"], int(str(claims["exp"])) - int(str(claims["iat"])))
    assert "ada" not in json.dumps(claims)


def test_the_scope_is_granted_when_asked_for_and_shown_when_missing(client, sign_up, log_in, bearer):
    sign_up(client)
    refused = client.get("/items", headers=bearer(log_in(client)))
    assert (refused.status_code, refused.json()["missing_scopes"]) == (403, ["items:read"])
    accepted = client.get("/items", headers=bearer(log_in(client, scope="items:read")))
    assert [item["name"] for item in accepted.json()] == ["Lantern", "Compass"]


def test_the_administrators_route_needs_the_role_that_the_command_gives(client, sign_up, log_in, bearer, run_command):
    sign_up(client)
    assert client.get("/admin/stats", headers=bearer(log_in(client))).status_code == 403
    run_command("users", "add", "grace", "--role", "admin", "--password-stdin", typed="tall-copper-lantern-42\n")
    accepted = client.get("/admin/stats", headers=bearer(log_in(client, "grace")))
    assert accepted.json() == {"items": 2}


def test_refreshing_gives_a_new_pair_and_revoking_ends_both(client, sign_up, log_in, bearer):
    sign_up(client)
    first = log_in(client)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = client.post("/auth/token", data=form).json()
    assert first["refresh_token"] != second["refresh_token"]
    assert client.get("/me", headers=bearer(second)).status_code == 200
    assert client.post("/auth/revoke", data={"token": second["refresh_token"]}).status_code == 200
    assert client.get("/me", headers=bearer(second)).status_code == 401
    again = client.post("/auth/token", data={**form, "refresh_token": second["refresh_token"]})
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


def test_a_revoked_access_token_is_refused_while_another_login_goes_on(client, sign_up, log_in, bearer):
    sign_up(client)
    lost, kept = log_in(client), log_in(client)
    assert client.post("/auth/revoke", data={"token": lost["access_token"]}).status_code == 200
    assert [client.get("/me", headers=bearer(tokens)).status_code for tokens in (lost, kept)] == [401, 200]


def test_a_disabled_account_is_403_on_a_route_and_cannot_log_in(client, sign_up, log_in, bearer, run_command):
    account = sign_up(client)
    run_command("users", "add", "grace", "--role", "admin", "--password-stdin", typed="tall-copper-lantern-42\n")
    tokens = log_in(client)
    admin = bearer(log_in(client, "grace", scope="admin"))
    disabled = client.patch(f"/auth/admin/api/users/{account['id']}", json={"disabled": True}, headers=admin)
    assert (disabled.status_code, disabled.json()["disabled"]) == (200, True)
    refused = client.get("/me", headers=bearer(tokens))
    assert (refused.status_code, refused.json()["code"]) == (403, "account_disabled")
    login = client.post("/auth/token", data={"username": "ada", "password": "tall-copper-lantern-42"})
    assert (login.status_code, login.json()["error"]) == (400, "invalid_grant")


def test_the_key_of_a_token_is_published_and_stays_so_through_a_rotation(client, sign_up, log_in, bearer, run_command):
    sign_up(client)
    run_command("users", "add", "grace", "--role", "admin", "--password-stdin", typed="tall-copper-lantern-42\n")
    tokens = log_in(client, "grace", scope="admin")
    assert tuple(part_of(tokens["access_token"], 0)[name] for name in ("alg", "typ")) == ("ES256", "at+jwt")
    rotated = client.post("/auth/admin/api/keys/rotate", json={"immediately": True}, headers=bearer(tokens))
    assert rotated.status_code == 200
    newer = log_in(client, "grace", scope="admin")
    kids = [part_of(each["access_token"], 0)["kid"] for each in (tokens, newer)]
    assert sorted(map(str, kids)) == sorted(key["kid"] for key in client.get("/auth/jwks").json()["keys"])
    assert [client.get("/me", headers=bearer(each)).status_code for each in (tokens, newer)] == [200, 200]


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "PS256", "ES256", "EdDSA"])
def test_one_setting_chooses_the_algorithm(load, monkeypatch, sign_up, log_in, bearer, algorithm):
    monkeypatch.setenv("WATCHWORD_SIGNING_ALGORITHM", algorithm)
    with TestClient(load("minimal").app) as client:
        sign_up(client)
        tokens = log_in(client)
        assert algorithm == part_of(tokens["access_token"], 0)["alg"]
        assert client.get("/me", headers=bearer(tokens)).status_code == 200


def test_the_stored_hash_is_argon2id_and_an_old_one_is_upgraded_at_login(client, tmp_path, sign_up, log_in):
    sign_up(client)
    old = "$5$rounds=1000$testsalt$5L9K8Q3jNPRNbR3nS6bbYj9RGcYzXp3SASPpukp5Wt6"
    with closing(sqlite3.connect(tmp_path / "example.db", isolation_level=None)) as database:
        (fresh,) = database.execute("SELECT password_hash FROM watchword_users").fetchone()
        database.execute("UPDATE watchword_users SET password_hash = ?", (old,))
    assert fresh.startswith("$argon2id$")
    log_in(client)
    with closing(sqlite3.connect(tmp_path / "example.db", isolation_level=None)) as database:
        (upgraded,) = database.execute("SELECT password_hash FROM watchword_users").fetchone()
    assert upgraded.startswith("$argon2id$")


def test_the_secret_is_made_outside_the_source_for_its_owner_alone(client, tmp_path):
    secret = tmp_path / ".watchword" / "secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(secret.read_bytes().strip()) >= 32


def test_production_refuses_to_start_without_a_secret_and_starts_with_one(load, monkeypatch):
    monkeypatch.setenv("WATCHWORD_ENV", "production")
    monkeypatch.setenv("WATCHWORD_ISSUER", "https://auth.example.com")
    monkeypatch.delenv("WATCHWORD_ARGON2_MEMORY_KIB")
    monkeypatch.delenv("WATCHWORD_ARGON2_TIME_COST")
    with pytest.raises(Exception, match="WATCHWORD_SECRET_KEY"):
        load("minimal")
    monkeypatch.setenv("WATCHWORD_SECRET_KEY", "6mJ2cVt0q9XbZr4LwEy8NfKsD1hGpUa3")
    assert load("minimal").app.title == "Minimal"


def test_the_kit_signs_a_person_in_without_a_password_and_rules_still_hold(minimal):
    client = TestClient(minimal.app)
    with as_user(minimal.app, "ada", scopes=["items:read"]):
        statuses = [client.get(path).status_code for path in ("/me", "/items", "/admin/stats")]
    assert statuses == [200, 200, 403]
    with as_user(minimal.app, "grace", roles=["admin"]):
        assert client.get("/admin/stats").status_code == 200


def test_the_documentation_shows_the_scopes_and_where_to_log_in(client):
    document = client.get("/openapi.json").json()
    (scheme,) = document["components"]["securitySchemes"].values()
    flow = scheme["flows"]["password"]
    assert (flow["tokenUrl"], flow["scopes"]["items:read"]) == ("auth/token", "Read the items")
    assert [list(*entry.values()) for entry in document["paths"]["/items"]["get"]["security"]] == [["items:read"]]
