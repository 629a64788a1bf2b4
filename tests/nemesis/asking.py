"""HTTP, one connection for each request, as a load balancer does it while servers come and go."""

import http.client
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

FAILED = 0
"""The status of a request that got no answer."""


@dataclass(frozen=True)
class Heard:
    """An answer, or the lack of one."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    problem: str = ""

    def json(self) -> dict:
        return json.loads(self.body)


def ask(
    port: int, path: str, form: dict[str, str] | None = None, *, token: str = "", data: object = None, wait: float = 30
) -> Heard:
    """GET, or POST a form or JSON."""
    body, kind = _body(form, data)
    headers = {"Content-Type": kind} if body is not None else {}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=wait)
    begun = time.monotonic()
    try:
        connection.request("GET" if body is None else "POST", path, body, {**headers, "Connection": "close"})
        answer = connection.getresponse()
        text = answer.read()
        heard = {name.lower(): value for name, value in answer.getheaders()}
        return Heard(answer.status, text, heard, time.monotonic() - begun)
    except (OSError, http.client.HTTPException) as error:
        return Heard(FAILED, seconds=time.monotonic() - begun, problem=repr(error))
    finally:
        connection.close()


def _body(form: dict[str, str] | None, data: object) -> tuple[str | None, str]:
    if form is not None:
        return urlencode(form), "application/x-www-form-urlencoded"
    return (json.dumps(data), "application/json") if data is not None else (None, "")


def refresh(port: int, token: str, wait: float = 30) -> Heard:
    return ask(port, "/auth/token", {"grant_type": "refresh_token", "refresh_token": token}, wait=wait)


def log_in(port: int, username: str, password: str, wait: float = 30) -> Heard:
    return ask(port, "/auth/token", {"username": username, "password": password}, wait=wait)
