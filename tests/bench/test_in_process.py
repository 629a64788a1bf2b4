"""A small benchmark without server or network. It reports what it measured and fails for wrong answers alone."""

import time
from statistics import median

import pytest
from fastapi import FastAPI

from watchword import Auth, requires
from watchword.flows.signup import SignUp, sign_up
from watchword.flows.token import TokenRequest, issue_token
from watchword.testing.config import config_for_tests

CALLS = 200


async def hello() -> dict[str, str]:
    return {"hello": "world"}


async def call(app, path, headers):
    """Send one GET through the application as ASGI; return status and body."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {},
    }  # fmt: skip
    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


async def microseconds(app, path, headers):
    """Return the median time of a call. Fails where an answer is wrong."""
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        answer = await call(app, path, headers)
        times.append((time.perf_counter() - began) * 1e6)
        assert answer == (200, b'{"hello":"world"}')
    return median(times)


@pytest.fixture
async def guarded():
    app = FastAPI()
    auth = Auth(config_for_tests(), scopes={"items:read": "Read"}, default_scopes=["items:read"])
    auth.install(app)
    app.add_api_route("/guarded", hello, dependencies=[requires(scopes="items:read")])
    await auth.start(follow=False)
    await sign_up(auth.context, SignUp(username="ada", password="tall-copper-lantern-42"))
    form = {"username": "ada", "password": "tall-copper-lantern-42"}
    answer = await issue_token(auth.context, TokenRequest(form=form, basic=None, address="", user_agent=""))
    yield app, answer.access_token
    await auth.close()


async def test_a_guarded_route_is_measured_against_a_bare_one(guarded, record_property):
    app, token = guarded
    bare = FastAPI()
    bare.add_api_route("/guarded", hello)
    headers = [(b"host", b"bench"), (b"authorization", f"Bearer {token}".encode())]
    assert (await call(app, "/guarded", headers[:1]))[0] == 401
    with_guard = await microseconds(app, "/guarded", headers)
    without = await microseconds(bare, "/guarded", headers)
    record_property("guarded_us", round(with_guard, 1))
    record_property("bare_us", round(without, 1))
    print(f"guarded {with_guard:.0f} us, bare {without:.0f} us, share {without / with_guard:.2f}")  # noqa: T201  it reports
