"""Every answer of the authorization server leaves with safe headers, also errors (ATTACKS A22, A40, S12, S19, T19)."""

import pytest
from starlette.testclient import TestClient

from watchword.server.app import create_app
from watchword.settings import Settings

PATHS = [
    *("/auth/authorize", "/auth/continue", "/auth/device", "/auth/logout", "/auth/end_session", "/auth/check_session"),
    *("/auth/login", "/auth/consent", "/auth/userinfo", "/auth/jwks", "/auth/register/x", "/auth/static/x", "/nothing"),
    *("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/auth//authorize", "/auth/%00"),
]
SECRET = "not-a-real-secret-only-for-tests-0123456789"


@pytest.fixture
def https():
    options = {"issuer": "https://auth.example", "secret_key": SECRET, "database_url": "memory://"}
    with TestClient(create_app(Settings(**options)), base_url="https://auth.example") as client:
        yield client


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
def test_every_answer_has_safe_headers(https, path, method):
    answer = https.request(method, path)
    headers = answer.headers
    assert answer.status_code < 500
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    if path != "/auth/check_session" or method != "GET":
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


@pytest.mark.parametrize(("size", "status"), [(16_384, 200), (16_385, 400), (60_000, 400)])
def test_what_is_too_long_is_refused_at_once(https, size, status):
    """The whole server refuses heads of over 64 KiB before the application sees them: `test_bounded_headers`."""
    assert https.get("/auth/device", params={"user_code": "x" * size}).status_code == status


@pytest.mark.parametrize("count", [129, 5_000])
def test_too_many_parameters_are_refused_at_once(https, count):
    query = "&".join(f"a{number}=1" for number in range(count))
    assert https.get(f"/auth/authorize?{query}").status_code == 400
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert https.post("/auth/authorize", content=query, headers=form).status_code in (400, 413)
    assert https.post("/auth/authorize", content="state=" + "x" * 1_000_000, headers=form).status_code == 413
