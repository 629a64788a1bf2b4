"""The two web applications of the README, started by its own commands; and an API in between that remembers tokens."""

import json
import socket
import subprocess
import sys
import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
from tests.docs.pages import ROOT, blocks
from tests.pages.live import Server

BIN = Path(sys.executable).parent
README = ROOT / "README.md"
REGISTER, START = (block.code for block in blocks("sh") if block.page == README and block.mark == "two applications")
NAMES = {"Notes": 9001, "Photos": 9002}
"""The applications of the README, and the ports that they have there."""
AT_MOST = 60.0
"""Seconds that anything here may take; the machine may be busy."""


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """Return what a condition gives as soon as it holds."""
    until = time.monotonic() + AT_MOST
    while time.monotonic() < until:
        if found := condition():
            return found
        threading.Event().wait(0.05)
    raise AssertionError(f"it did not come to this: {what}")


@dataclass
class WebApp:
    """A running application. `calls` are the access tokens that it has sent to its API."""

    name: str
    url: str
    log: Path
    calls: list[str] = field(default_factory=list, repr=False)

    @property
    def heard(self) -> int:
        """How often it was told that a login has ended, and took the notice."""
        return self.log.read_text(encoding="utf-8").count('"POST /backchannel-logout HTTP/1.1" 200')

    def status_of(self, access_token: str) -> int:
        """How its own API answers to a token."""
        headers = {"Authorization": f"Bearer {access_token}"}
        return httpx2.get(f"{self.url}/api/greeting", headers=headers, trust_env=False).status_code

    def answers(self) -> bool:
        try:
            return httpx2.get(self.url, trust_env=False).is_success
        except httpx2.TransportError:
            return False


def claims_of(access_token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    body = access_token.split(".")[1]
    claims: dict[str, Any] = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return claims


@contextmanager
def running_applications(server: Server) -> Iterator[list[WebApp]]:
    """Register and start both by the commands of the README, on free ports of this machine."""
    ports = {name: free_port() for name in NAMES}
    subprocess.run(["bash", "-euc", here(REGISTER, ports)], cwd=server.place, env=server.environment, check=True)
    with ExitStack() as stack:
        apps = [WebApp(name, f"http://localhost:{port}", server.place / f"{name}.log") for name, port in ports.items()]
        for app, line in zip(apps, here(START, ports).splitlines(), strict=True):
            api = stack.enter_context(recording_api(app))
            stack.enter_context(running(app, line.removesuffix(" &"), server, api))
        for app in apps:
            wait_for(app.answers, f"{app.name} answers")
        yield apps


def here(code: str, ports: dict[str, int]) -> str:
    """Commands of the README, with the ports and the programs of this test."""
    for name, port in ports.items():
        code = code.replace(f"localhost:{NAMES[name]}", f"localhost:{port}")
    return code.replace(".venv/bin/", f"{BIN}/")


@contextmanager
def running(app: WebApp, command: str, server: Server, api: str) -> Iterator[None]:
    environment = {**server.environment, "ISSUER": server.url, "API": api, "PYTHONPATH": str(ROOT)}
    with app.log.open("w") as log:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}"], cwd=server.place, env=environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=AT_MOST)


@contextmanager
def recording_api(app: WebApp) -> Iterator[str]:
    """An API that notes the token of each call and lets the application's own API answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            app.calls.append(self.headers["Authorization"].removeprefix("Bearer "))
            headers = {"Authorization": self.headers["Authorization"]}
            answer = httpx2.get(f"{app.url}/api/greeting", headers=headers, trust_env=False)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("localhost", 0), Handler) as api:
        thread = threading.Thread(target=api.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{api.server_address[1]}/"
        finally:
            api.shutdown()
            thread.join()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        port: int = taken.getsockname()[1]
        return port
