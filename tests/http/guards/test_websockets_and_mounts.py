from typing import Annotated

import httpx2
import pytest
from fastapi import FastAPI, WebSocket
from starlette.testclient import TestClient, WebSocketDenialResponse

from watchword import CurrentPrincipal, CurrentUser, Principal, requires
from watchword.core.errors import StoreUnavailable

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
        assert refused.value.status_code == 401
        assert refused.value.headers["www-authenticate"].startswith("Bearer")
        with client.websocket_connect("/ws/me", headers=token(client)) as socket:
            assert socket.receive_text() == "ada"


def test_scopes_are_enforced_on_a_websocket(app):
    with TestClient(app) as client:
        with (
            pytest.raises(WebSocketDenialResponse) as refused,
            client.websocket_connect("/ws/items", headers=token(client)),
        ):
            pass
        assert refused.value.status_code == 403
        with client.websocket_connect("/ws/items", headers=token(client, "items:read")) as socket:
            assert socket.receive_text() == "items:read"


def test_a_guard_in_a_mounted_application_finds_the_auth_of_the_outer_one(app):
    with TestClient(app) as client:
        refused = client.get("/mounted/who")
        assert (refused.status_code, refused.headers["www-authenticate"].split()[0]) == (401, "Bearer")
        assert client.get("/mounted/who", headers=token(client)).status_code == 200


def test_a_guard_without_an_installed_auth_stays_closed():
    app = FastAPI()
    ran = []

    @app.get("/who")
    async def who(principal: CurrentPrincipal) -> str:
        ran.append(principal)
        return "never"

    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/who").status_code == 500
    assert ran == []


def test_the_application_works_without_its_lifespan(app):
    client = TestClient(app)
    headers = token(client)
    assert client.get("/auth/me", headers=headers).status_code == 200
    assert client.post("/auth/logout", headers=headers).status_code == 204
    assert client.get("/auth/me", headers=headers).status_code == 401


async def test_a_store_that_is_away_at_the_first_request_is_503(app, auth, monkeypatch):
    async def fail() -> None:
        raise StoreUnavailable(hint="the test took it away")

    monkeypatch.setattr(auth.backend, "attend", fail)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        refused = await client.get("/auth/me")
        monkeypatch.undo()
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert (await client.get("/auth/me")).status_code == 401
    await auth.close()
