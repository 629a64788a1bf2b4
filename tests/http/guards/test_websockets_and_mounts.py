from typing import Annotated

import pytest
from fastapi import FastAPI, WebSocket
from starlette.testclient import TestClient, WebSocketDenialResponse

from watchword import CurrentPrincipal, CurrentUser, Principal, requires

PERSON = {"username": "ada", "password": "correct-horse-battery"}


@pytest.fixture
def app(app) -> FastAPI:
    @app.websocket("/ws/me")
    async def me(socket: WebSocket, user: CurrentUser) -> None:
        await socket.accept()
        await socket.send_text(user.username)
        await socket.close()

    @app.websocket("/ws/items")
    async def items(socket: WebSocket, who: Annotated[Principal, requires(scopes="items:read")]) -> None:
        await socket.accept()
        await socket.send_text(" ".join(sorted(who.scopes)))
        await socket.close()

    mounted = FastAPI()

    @mounted.get("/who")
    async def who(principal: CurrentPrincipal) -> dict[str, str]:
        return {"subject": principal.subject}

    app.mount("/mounted", mounted)
    return app


def token(client: TestClient, scope: str = "") -> dict[str, str]:
    client.post("/auth/signup", json=PERSON)
    answer = client.post("/auth/token", data={**PERSON, "scope": scope})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_current_user_works_on_a_websocket(app):
    with TestClient(app) as client:
        with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect("/ws/me"):
            pass
        assert 401 == refused.value.status_code
        assert refused.value.headers["www-authenticate"].startswith("Bearer")
        with client.websocket_connect("/ws/me", headers=token(client)) as socket:
            assert "ada" == socket.receive_text()


def test_scopes_are_enforced_on_a_websocket(app):
    with TestClient(app) as client:
        with (
            pytest.raises(WebSocketDenialResponse) as refused,
            client.websocket_connect("/ws/items", headers=token(client)),
        ):
            pass
        assert 403 == refused.value.status_code
        with client.websocket_connect("/ws/items", headers=token(client, "items:read")) as socket:
            assert "items:read" == socket.receive_text()


def test_a_guard_in_a_mounted_application_finds_the_auth_of_the_outer_one(app):
    with TestClient(app) as client:
        refused = client.get("/mounted/who")
        assert (401, "Bearer") == (refused.status_code, refused.headers["www-authenticate"].split()[0])
        assert 200 == client.get("/mounted/who", headers=token(client)).status_code


def test_a_guard_without_an_installed_auth_stays_closed():
    app = FastAPI()
    ran = []

    @app.get("/who")
    async def who(principal: CurrentPrincipal) -> str:
        ran.append(principal)
        return "never"

    client = TestClient(app, raise_server_exceptions=False)
    assert 500 == client.get("/who").status_code
    assert [] == ran


def test_the_application_works_without_its_lifespan(app):
    client = TestClient(app)
    headers = token(client)
    assert 200 == client.get("/auth/me", headers=headers).status_code
    assert 204 == client.post("/auth/logout", headers=headers).status_code
    assert 401 == client.get("/auth/me", headers=headers).status_code
