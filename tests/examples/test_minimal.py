import base64
import json
import sqlite3

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
    assert ("bearer", 600) == (tokens["token_type"], tokens["expires_in"])
    assert {"username": "ada"} == client.get("/me", headers=bearer(tokens)).json()


def test_the_form_may_leave_out_the_grant_type(client, sign_up, log_in, bearer):
    sign_up(client)
    assert 200 == client.get("/me", headers=bearer(log_in(client))).status_code


def test_the_email_address_logs_in_as_well_as_the_username(client, sign_up, log_in, bearer):
    sign_up(client, email="ada@example.com")
    tokens = log_in(client, "ADA@example.com")
    assert {"username": "ada"} == client.get("/me", headers=bearer(tokens)).json()


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer not-a-token", "Bearer a.b.c", "Basic YWRhOng="])
def test_a_missing_or_malformed_token_is_401_with_a_bearer_challenge(client, header):
    answer = client.get("/me", headers={"Authorization": header} if header else {})
    assert (401, "Bearer") == (answer.status_code, answer.headers["WWW-Authenticate"].split()[0])


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(client, sign_up):
    sign_up(client)
    answers = [
        client.post("/auth/token", data={"username": name, "password": "wrong-copper-lantern-42"})
        for name in ("ada", "nobody")
    ]
    assert [400, 400] == [answer.status_code for answer in answers]
    assert answers[0].content == answers[1].content
    assert "invalid_grant" == answers[0].json()["error"]


def test_a_changed_token_is_refused_and_the_same_token_unchanged_is_not(client, sign_up, log_in):
    sign_up(client)
    token = log_in(client)["access_token"]
    head, body, signature = token.split(".")
    changed = f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"
    statuses = [client.get("/me", headers={"Authorization": f"Bearer {each}"}).status_code for each in (changed, token)]
    assert [401, 200] == statuses


def test_a_token_says_who_and_until_when_and_nothing_secret(client, sign_up, log_in):
    account = sign_up(client, email="ada@example.com")
    claims = claims_of(log_in(client)["access_token"])
    assert {"iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid"} <= claims.keys()
    assert (account["id"], 600) == (claims["sub"], int(str(claims["exp"])) - int(str(claims["iat"])))
    assert "ada" not in json.dumps(claims)


def test_the_scope_is_granted_when_asked_for_and_shown_when_missing(client, sign_up, log_in, bearer):
    sign_up(client)
    refused = client.get("/items", headers=bearer(log_in(client)))
    assert (403, ["items:read"]) == (refused.status_code, refused.json()["missing_scopes"])
    accepted = client.get("/items", headers=bearer(log_in(client, scope="items:read")))
    assert ["Lantern", "Compass"] == [item["name"] for item in accepted.json()]


def test_the_administrators_route_needs_the_role_that_the_command_gives(client, sign_up, log_in, bearer, run_command):
    sign_up(client)
    assert 403 == client.get("/admin/stats", headers=bearer(log_in(client))).status_code
    run_command("users", "add", "grace", "--role", "admin", "--password-stdin", typed="tall-copper-lantern-42\n")
    accepted = client.get("/admin/stats", headers=bearer(log_in(client, "grace")))
    assert {"items": 2} == accepted.json()


def test_refreshing_gives_a_new_pair_and_revoking_ends_both(client, sign_up, log_in, bearer):
    sign_up(client)
    first = log_in(client)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = client.post("/auth/token", data=form).json()
    assert first["refresh_token"] != second["refresh_token"]
    assert 200 == client.get("/me", headers=bearer(second)).status_code
    assert 200 == client.post("/auth/revoke", data={"token": second["refresh_token"]}).status_code
    assert 401 == client.get("/me", headers=bearer(second)).status_code
    again = client.post("/auth/token", data={**form, "refresh_token": second["refresh_token"]})
    assert (400, "invalid_grant") == (again.status_code, again.json()["error"])


def test_a_revoked_access_token_is_refused_while_another_login_goes_on(client, sign_up, log_in, bearer):
    sign_up(client)
    lost, kept = log_in(client), log_in(client)
    assert 200 == client.post("/auth/revoke", data={"token": lost["access_token"]}).status_code
    assert [401, 200] == [client.get("/me", headers=bearer(tokens)).status_code for tokens in (lost, kept)]


def test_a_disabled_account_is_403_on_a_route_and_cannot_log_in(client, sign_up, log_in, bearer, run_command):
    account = sign_up(client)
    run_command("users", "add", "grace", "--role", "admin", "--password-stdin", typed="tall-copper-lantern-42\n")
    tokens = log_in(client)
    admin = bearer(log_in(client, "grace", scope="admin"))
    disabled = client.patch(f"/auth/admin/api/users/{account['id']}", json={"disabled": True}, headers=admin)
    assert (200, True) == (disabled.status_code, disabled.json()["disabled"])
    refused = client.get("/me", headers=bearer(tokens))
    assert (403, "account_disabled") == (refused.status_code, refused.json()["code"])
    login = client.post("/auth/token", data={"username": "ada", "password": "tall-copper-lantern-42"})
    assert (400, "invalid_grant") == (login.status_code, login.json()["error"])


def test_the_key_of_a_token_is_published_and_stays_so_through_a_rotation(client, sign_up, log_in, bearer, run_command):
    sign_up(client)
    run_command("users", "add", "grace", "--role", "admin", "--password-stdin", typed="tall-copper-lantern-42\n")
    tokens = log_in(client, "grace", scope="admin")
    assert ("ES256", "at+jwt") == tuple(part_of(tokens["access_token"], 0)[name] for name in ("alg", "typ"))
    rotated = client.post("/auth/admin/api/keys/rotate", json={"immediately": True}, headers=bearer(tokens))
    assert 200 == rotated.status_code
    newer = log_in(client, "grace", scope="admin")
    kids = [part_of(each["access_token"], 0)["kid"] for each in (tokens, newer)]
    assert sorted(map(str, kids)) == sorted(key["kid"] for key in client.get("/auth/jwks").json()["keys"])
    assert [200, 200] == [client.get("/me", headers=bearer(each)).status_code for each in (tokens, newer)]


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "PS256", "ES256", "EdDSA"])
def test_one_setting_chooses_the_algorithm(load, monkeypatch, sign_up, log_in, bearer, algorithm):
    monkeypatch.setenv("WATCHWORD_SIGNING_ALGORITHM", algorithm)
    with TestClient(load("minimal").app) as client:
        sign_up(client)
        tokens = log_in(client)
        assert algorithm == part_of(tokens["access_token"], 0)["alg"]
        assert 200 == client.get("/me", headers=bearer(tokens)).status_code


def test_the_stored_hash_is_argon2id_and_an_old_one_is_upgraded_at_login(client, tmp_path, sign_up, log_in):
    sign_up(client)
    old = "$5$rounds=1000$testsalt$5L9K8Q3jNPRNbR3nS6bbYj9RGcYzXp3SASPpukp5Wt6"
    with sqlite3.connect(tmp_path / "example.db") as database:
        (fresh,) = database.execute("SELECT password_hash FROM watchword_users").fetchone()
        database.execute("UPDATE watchword_users SET password_hash = ?", (old,))
    assert fresh.startswith("$argon2id$")
    log_in(client)
    with sqlite3.connect(tmp_path / "example.db") as database:
        (upgraded,) = database.execute("SELECT password_hash FROM watchword_users").fetchone()
    assert upgraded.startswith("$argon2id$")


def test_the_secret_is_made_outside_the_source_for_its_owner_alone(client, tmp_path):
    secret = tmp_path / ".watchword" / "secret"
    assert 0o600 == secret.stat().st_mode & 0o777
    assert 32 <= len(secret.read_bytes().strip())


def test_production_refuses_to_start_without_a_secret_and_starts_with_one(load, monkeypatch):
    monkeypatch.setenv("WATCHWORD_ENV", "production")
    monkeypatch.setenv("WATCHWORD_ISSUER", "https://auth.example.com")
    monkeypatch.delenv("WATCHWORD_ARGON2_MEMORY_KIB")
    monkeypatch.delenv("WATCHWORD_ARGON2_TIME_COST")
    with pytest.raises(Exception, match="WATCHWORD_SECRET_KEY"):
        load("minimal")
    monkeypatch.setenv("WATCHWORD_SECRET_KEY", "6mJ2cVt0q9XbZr4LwEy8NfKsD1hGpUa3")
    assert "Minimal" == load("minimal").app.title


def test_the_kit_signs_a_person_in_without_a_password_and_rules_still_hold(minimal):
    client = TestClient(minimal.app)
    with as_user(minimal.app, "ada", scopes=["items:read"]):
        statuses = [client.get(path).status_code for path in ("/me", "/items", "/admin/stats")]
    assert [200, 200, 403] == statuses
    with as_user(minimal.app, "grace", roles=["admin"]):
        assert 200 == client.get("/admin/stats").status_code


def test_the_documentation_shows_the_scopes_and_where_to_log_in(client):
    document = client.get("/openapi.json").json()
    (scheme,) = document["components"]["securitySchemes"].values()
    flow = scheme["flows"]["password"]
    assert ("auth/token", "Read the items") == (flow["tokenUrl"], flow["scopes"]["items:read"])
    assert [["items:read"]] == [list(*entry.values()) for entry in document["paths"]["/items"]["get"]["security"]]
