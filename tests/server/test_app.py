"""The standalone server's application: health, headers, body limit, documentation."""

import asyncio

import pytest
from starlette.testclient import TestClient

from watchword.core.errors import ConfigError, StoreUnavailable
from watchword.server.app import create_app
from watchword.server.body_limit import BodyLimit
from watchword.server.first_admin import prepare
from watchword.server.security_headers import ALWAYS
from watchword.settings import Settings
from watchword.stores.open import open_stores

PRODUCTION = {
    "env": "production",
    "issuer": "https://auth.test",
    "secret_key": "not-a-real-one-0123456789-abcdefghijklmnop",
}


@pytest.fixture
def app(settings):
    return create_app(settings)


@pytest.fixture
def client(app):
    with TestClient(app) as client:
        yield client


@pytest.fixture
def production_client():
    def production_client(**values):
        settings = Settings(**PRODUCTION, **values)
        stores = open_stores(settings.database_url)
        asyncio.run(stores.migrate())
        asyncio.run(stores.close())
        return TestClient(create_app(settings))

    return production_client


def test_a_running_server_is_alive_and_ready(client):
    for path in ("/healthz", "/readyz"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert answer.headers["cache-control"] == "no-store"


def test_a_stopping_server_is_alive_but_not_ready(app, client):
    app.state.stopping = True
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
    assert answer.headers["retry-after"] == "1"


def fail_to_answer(failure):
    async def ping():
        if failure is None:
            await asyncio.Event().wait()
        raise failure

    return ping


@pytest.mark.parametrize("failure", [StoreUnavailable(hint="gone"), None])
def test_a_server_without_its_database_is_not_ready_and_says_no_more(app, client, monkeypatch, failure):
    monkeypatch.setattr("watchword.server.health.PING_TIMEOUT", 0.01)
    auth = next(part.kwargs["auth"] for part in app.user_middleware if "auth" in part.kwargs)
    object.__setattr__(auth.context.stores, "ping", fail_to_answer(failure))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/auth/me", "/no-such-path", "/openapi.json", "/docs", "/auth/jwks"])
def test_every_answer_carries_the_security_headers(client, path):
    headers = client.get(path).headers
    for name in ALWAYS:
        assert headers.get_list(name) != []
        assert len(headers.get_list(name)) == 1
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers
    assert "server" not in headers


def test_no_page_may_run_inline_scripts(client):
    policy = client.get("/docs").headers["content-security-policy"]
    scripts = next(part for part in policy.split(";") if "script-src" in part)
    assert "unsafe" not in scripts


def test_an_https_server_tells_browsers_to_stay_with_https(production_client):
    with production_client() as client:
        assert client.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"


def test_production_shows_no_documentation(production_client):
    with production_client() as client:
        assert [client.get(path).status_code for path in ("/docs", "/openapi.json", "/redoc")] == [404, 404, 404]


def test_production_shows_documentation_where_the_setting_says_so(production_client):
    with production_client(docs=True) as client:
        assert [client.get(path).status_code for path in ("/docs", "/openapi.json")] == [200, 200]


def test_production_does_not_start_on_an_unmigrated_database():
    with pytest.raises(ConfigError, match="watchword migrate"), TestClient(create_app(Settings(**PRODUCTION))):
        pass


def test_health_is_no_part_of_the_described_api(client):
    paths = client.get("/openapi.json").json()["paths"]
    assert "/auth/token" in paths
    assert [path for path in paths if path.endswith("z")] == []


def test_the_server_signs_up_logs_in_and_knows_the_person(client):
    person = {"username": "ada", "password": "paper lantern over wet gravel"}
    assert client.post("/auth/signup", json=person).status_code == 201
    token = client.post("/auth/token", data=person).json()["access_token"]
    me = client.get("/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert (me.status_code, me.json()["username"]) == (200, "ada")


@pytest.mark.parametrize("path", ["/auth/token", "/auth/signup", "/no-such-path", "/healthz"])
def test_a_body_over_the_limit_is_refused_whatever_it_is_sent_to(client, path):
    answer = client.post(path, content=b"x" * (64 * 1024 + 1))
    assert (answer.status_code, answer.headers["cache-control"]) == (413, "no-store")


def test_a_body_over_the_limit_without_a_length_is_refused_too(client):
    chunks = (b"x" * 1024 for _ in range(65))
    assert client.post("/auth/token", content=chunks).status_code == 413


def test_a_body_at_the_limit_is_read(client):
    body = b"grant_type=password&username=a&password=b&padding="
    answer = client.post(
        "/auth/token",
        content=body.ljust(64 * 1024, b"x"),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code != 413


@pytest.mark.parametrize("path", ["/auth/token/", "/auth/jwks/", "/healthz/"])
def test_a_slash_too_many_is_no_redirect_to_the_host_of_the_request(client, path):
    with_slash = client.get(path, headers={"Host": "evil.example"}, follow_redirects=False)
    assert (with_slash.status_code, with_slash.headers.get("location")) == (404, None)
    assert client.get(path.rstrip("/")).status_code in {200, 405}


async def echo(scope, receive, send):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def test_a_body_within_the_limit_arrives_whole():
    client = TestClient(BodyLimit(echo, limit=100))
    assert client.post("/", content=(b"x" * 10 for _ in range(10))).content == b"x" * 100
    assert client.post("/", content=b"").content == b""
    assert client.post("/", content=b"x" * 101).status_code == 413


@pytest.mark.parametrize("claim", [b"99999999999999999999999999", b"101"])
async def test_a_claimed_length_over_the_limit_is_refused_unread(claim):
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        raise AssertionError("the body was read")

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-length", claim)]}
    await BodyLimit(echo, limit=100)(scope, receive, send)
    assert sent[0]["status"] == 413


async def test_a_websocket_passes_both_wrappers():
    seen = []

    async def inner(scope, receive, send):
        seen.append(scope["type"])

    await BodyLimit(inner, limit=1)({"type": "websocket"}, None, None)
    assert seen == ["websocket"]


def test_each_start_without_an_administrator_voids_the_invitation_of_the_start_before(settings):
    on_disk = settings.model_copy(update={"database_url": "sqlite:///watchword.db"})
    old, last = [prepare(on_disk.to_config(), may_invite=True).invite for _ in range(2)]
    with TestClient(create_app(on_disk)) as client:
        person = {"username": "ada", "password": "paper lantern over wet gravel"}
        assert client.post("/auth/signup", json=person | {"invite": old}).status_code == 403
        assert client.post("/auth/signup", json=person | {"invite": last}).json()["roles"] == ["admin"]
    assert prepare(on_disk.to_config(), may_invite=True).invite is None
