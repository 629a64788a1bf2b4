"""No secret reaches a log, also where the application turns the root logger to DEBUG."""

import logging

from starlette.testclient import TestClient

from watchword.server.app import create_app
from watchword.settings import Settings

PASSWORD = "canary lantern over wet gravel"
LATER = "canary compass under dry leaves"
EMAIL = "eve@canary.example"


def a_person_comes_and_changes_everything(client):
    person = {"username": "eve", "email": EMAIL, "password": PASSWORD}
    assert client.post("/auth/signup", json=person).status_code == 201
    answer = client.post("/auth/token", data={"username": "eve", "password": PASSWORD}).json()
    bearer = {"Authorization": f"Bearer {answer['access_token']}"}
    change = {"current_password": PASSWORD, "new_password": LATER}
    assert client.post("/auth/me/password", headers=bearer, json=change).status_code == 204
    again = client.post("/auth/token", data={"grant_type": "refresh_token", "refresh_token": answer["refresh_token"]})
    assert again.status_code == 200
    assert client.post("/auth/token", data={"username": EMAIL, "password": LATER + "!"}).status_code == 400
    return [part for token in (answer, again.json()) for part in (token["access_token"][-40:], token["refresh_token"])]


def test_no_password_hash_address_key_or_token_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    settings = Settings(argon2_memory_kib=64, argon2_time_cost=1)
    with TestClient(create_app(settings)) as client:
        tokens = a_person_comes_and_changes_everything(client)
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "new branch insert 0001" in logged, "nobody logged at DEBUG, so this test shows nothing"
    secrets = [PASSWORD, LATER, EMAIL, "$argon2", "sealed", "BEGIN PRIVATE", *tokens]
    assert [secret for secret in secrets if secret in logged] == []
