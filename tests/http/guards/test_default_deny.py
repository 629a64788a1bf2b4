import pytest
from fastapi import APIRouter, FastAPI, WebSocket
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from watchword import Auth, ConfigError, MaybePrincipal, public
from watchword.config import PasswordConfig
from watchword.fastapi.route_report import report
from watchword.testing import TokenFactory


async def plain(request) -> PlainTextResponse:
    return PlainTextResponse("plain")


@pytest.fixture
def app(auth) -> FastAPI:
    app = FastAPI()
    auth.install(app, default="deny")

    @app.get("/closed")
    async def closed() -> str:
        return "closed"

    @app.get("/open")
    @public
    async def open_() -> str:
        return "open"

    @app.get("/greeting")
    @public
    async def greeting(who: MaybePrincipal) -> str:
        return "stranger" if who is None else "friend"

    router = APIRouter(prefix="/router")

    @router.get("/closed")
    async def router_closed() -> str:
        return "router"

    inner = APIRouter(prefix="/inner")
    router.include_router(inner)
    app.include_router(router)

    @inner.get("/late")
    async def late() -> str:
        return "late"

    app.add_route("/plain", plain)
    app.mount("/files", Mount("", routes=[Route("/a", plain)]))
    open_app = FastAPI()

    @open_app.get("/hello")
    async def hello() -> str:
        return "hello"

    app.mount("/public", public(open_app))
    internal = FastAPI()
    internal.add_api_route("/secret", hello)
    app.mount("/internal", internal)
    return app


CLOSED = ["/closed", "/router/closed", "/router/inner/late", "/plain", "/files/a", "/internal/secret", "/auth/me"]
OPEN = ["/open", "/greeting", "/public/hello", "/docs", "/openapi.json", "/auth/jwks"]


@pytest.mark.parametrize("path", CLOSED)
async def test_an_unmarked_route_is_closed_to_strangers_and_open_to_members(app, auth, serve, log_in, path):
    client = await serve(app, auth)
    assert (await client.get(path)).status_code == 401
    assert (await client.get(path, headers={"Authorization": "Bearer x.y.z"})).status_code == 401
    assert (await client.get(path, headers=await log_in(client, auth))).status_code == 200


@pytest.mark.parametrize("path", OPEN)
async def test_a_public_route_is_open(app, auth, serve, path):
    client = await serve(app, auth)
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("path", [path for path in OPEN if path != "/greeting"])
async def test_a_public_route_does_not_look_at_a_token(app, auth, serve, path):
    client = await serve(app, auth)
    assert (await client.get(path, headers={"Authorization": "Bearer x.y.z"})).status_code == 200
    assert (await client.get("/greeting", headers={"Authorization": "Bearer x.y.z"})).status_code == 401


async def test_a_route_added_while_running_is_closed_too(app, auth, serve, log_in):
    client = await serve(app, auth)
    app.add_route("/newcomer", plain)

    @app.get("/newcomer2")
    async def newcomer() -> str:
        return "new"

    headers = await log_in(client, auth)
    for path in ("/newcomer", "/newcomer2"):
        assert (await client.get(path)).status_code == 401
        assert (await client.get(path, headers=headers)).status_code == 200


async def test_an_unmatched_path_is_not_found(app, auth, serve):
    client = await serve(app, auth)
    assert (await client.get("/nowhere")).status_code == 404


async def test_routes_added_before_the_guard_are_refused_at_start(make_auth):
    app = FastAPI()

    @app.get("/early")
    async def early() -> str:
        return "early"

    auth = make_auth()
    auth.install(app, default="deny")
    with pytest.raises(ConfigError, match="/early"):
        await auth.start(follow=False)


async def test_a_plain_route_inside_a_router_is_refused_at_start(make_auth):
    app = FastAPI()
    auth = make_auth()
    auth.install(app, default="deny")
    router = APIRouter()
    router.add_route("/hidden", plain)
    app.include_router(router)
    with pytest.raises(ConfigError, match="/hidden"):
        await auth.start(follow=False)


async def test_a_plain_route_added_to_a_router_while_running_stops_everything(app, auth, serve):
    client = await serve(app, auth)
    router = APIRouter()
    app.include_router(router)
    assert (await client.get("/open")).status_code == 200
    router.add_route("/late", plain)
    with pytest.raises(ConfigError, match="/late"):
        await client.get("/late")


async def test_a_route_put_in_the_place_of_another_is_closed_too(app, auth, serve, log_in):
    client = await serve(app, auth)
    headers = await log_in(client, auth)
    app.router.routes.pop()
    app.router.routes.append(Route("/swapped", plain))
    assert (await client.get("/swapped")).status_code == 401
    assert (await client.get("/swapped", headers=headers)).status_code == 200


async def test_an_answer_to_unmatched_paths_of_ones_own_is_refused_at_start(app, auth):
    app.router.default = plain
    with pytest.raises(ConfigError, match="no route matches"):
        await auth.start(follow=False)


@pytest.mark.parametrize(("environment", "status"), [("production", 401), ("development", 200)])
async def test_documentation_is_open_in_development_alone(make_auth, serve, environment, status):
    app = FastAPI()
    safe = {"issuer": "https://shop.example", "database_url": "sqlite:///unused.db", "passwords": PasswordConfig()}
    auth = make_auth(environment=environment, **safe)
    auth.install(app, default="deny")
    client = await serve(app, auth)
    assert (await client.get("/openapi.json")).status_code == status


@pytest.mark.parametrize(("environment", "status"), [("production", 401), ("development", 200)])
async def test_a_resource_server_in_production_closes_mounts_and_documentation(
    serve, monkeypatch, tmp_path, environment, status
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WATCHWORD_ENV", environment)
    issuer = TokenFactory(issuer="https://issuer.example", audience="https://api.example")
    auth = Auth.remote(issuer=issuer.issuer, audience=issuer.audience, fetcher=issuer.fetcher)
    app, internal = FastAPI(), FastAPI()
    auth.install(app, default="deny")
    internal.add_route("/secret", plain)
    app.mount("/internal", internal)
    client = await serve(app, auth)
    headers = {"Authorization": f"Bearer {issuer.token('ada')}"}
    assert (await client.get("/openapi.json")).status_code == status
    assert (await client.get("/internal/secret")).status_code == 401
    assert (await client.get("/internal/secret", headers=headers)).status_code == 200


def test_a_websocket_is_closed_to_strangers(app, auth):
    @app.websocket("/ws")
    async def ws(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    with TestClient(app) as client:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/ws"):
            pass
        token = _token(client)
        with client.websocket_connect("/ws", headers={"Authorization": f"Bearer {token}"}) as socket:
            assert socket.receive()["type"] == "websocket.close"


def test_the_report_names_each_route_with_its_status(app):
    statuses = {entry.path: entry.status for entry in report(app)}
    assert statuses["/closed"] == "guarded"
    assert statuses["/router/inner/late"] == "guarded"
    assert statuses["/open"] == "public"
    assert "unguarded" not in {status for path, status in statuses.items() if path.startswith("/auth")}


def _token(client: TestClient) -> str:
    person = {"username": "ada", "password": "correct-horse-battery"}
    assert client.post("/auth/signup", json=person).status_code == 201
    return client.post("/auth/token", data=person).json()["access_token"]
