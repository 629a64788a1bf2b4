"""The users of the MongoDB tutorial move into an application, in any database, and log in there."""

import json

import passlib.hash
import pytest
from fastapi.testclient import TestClient

PASSWORD = "tall-copper-lantern-42"
DOCUMENTS = [
    {
        "_id": {"$oid": "65bdb9f20000000000000001"},
        "username": "ada",
        "password": passlib.hash.sha256_crypt.using(rounds=1000).hash(PASSWORD),
        "disabled": False,
        "created_date": {"$date": "2024-02-03T04:05:06.789Z"},
        "modified_date": {"$date": "2024-03-04T05:06:07Z"},
    },
    {
        "_id": {"$oid": "65bdb9f20000000000000002"},
        "username": "bob",
        "password": passlib.hash.md5_crypt.hash(PASSWORD),
        "disabled": True,
        "created_date": {"$date": "2024-02-03T04:05:06Z"},
    },
]


@pytest.fixture(params=["sqlite", "postgres", "mongo"])
def database(request, monkeypatch):
    if request.param != "sqlite":
        monkeypatch.setenv("WATCHWORD_DATABASE_URL", request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def client(database, load, run_command, tmp_path):
    lines = "\n".join(map(json.dumps, DOCUMENTS))
    (tmp_path / "users.json").write_text(lines, encoding="utf-8")
    assert "added: 2" in run_command("users", "import", "users.json")
    with TestClient(load("minimal").app) as client:
        yield client


def test_a_person_of_the_tutorials_collection_logs_in_with_their_old_password(client, log_in, bearer, run_command):
    for _ in range(2):  # the second time by the new hash
        tokens = log_in(client)
        assert client.get("/me", headers=bearer(tokens)).json() == {"username": "ada"}
    exported = [json.loads(line) for line in run_command("users", "export", "--with-password-hashes").splitlines()]
    by_name = {row["username"]: row for row in exported}
    assert by_name["ada"]["password_hash"].startswith("$argon2id$")
    assert by_name["ada"]["created_at"] == "2024-02-03T04:05:06.789Z"
    assert by_name["bob"]["password_hash"].startswith("$1$")


def test_who_was_disabled_there_is_disabled_here(client, log_in, run_command):
    form = {"username": "bob", "password": PASSWORD}
    assert client.post("/auth/token", data=form).json()["error"] == "invalid_grant"
    run_command("users", "enable", "bob")
    assert log_in(client, "bob")["token_type"] == "bearer"
