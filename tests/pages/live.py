"""A server process with hosted pages, an application that people come back to, and a browser to drive both."""

import asyncio
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from watchword.core.ids import new_id
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.models.grants import Client
from watchword.core.oauth.pkce import challenge_of
from watchword.flows.clock import SystemClock
from watchword.ports.bundle import Stores
from watchword.stores.open import open_stores

COMMAND = [sys.executable, "-c", "from watchword.cli.main import run; run()"]
CHEAP = {
    "WATCHWORD_ARGON2_MEMORY_KIB": "64",
    "WATCHWORD_ARGON2_TIME_COST": "1",
    "WATCHWORD_DATABASE_URL": "sqlite:///w.db",
}
PASSWORD = "obviously fake lantern orchard"
VERIFIER = "not-a-real-verifier-" * 3
LOGO = "https://shop.example/logo.svg"
LOGO_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="10" fill="#f4ede1"/>'
    '<path d="M13 19h22l-2.500 16h-17z" fill="#c2552d"/><path d="M18 20v-3a6 6 0 0 1 12 0v3" fill="none" '
    'stroke="#7a3117" stroke-width="3"/></svg>'
)


@dataclass
class Server:
    """A running `watchword serve`, its directory, and the settings that it was started with."""

    url: str
    place: Path
    environment: dict[str, str] = field(repr=False)

    def run(self, *words: str, text: str = "") -> str:
        """Run a command beside it."""
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=self.place,
            env=self.environment,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def add_person(self, name: str, *more: str) -> None:
        self.run("users", "add", name, "--password-stdin", *more, text=f"{PASSWORD}\n")

    def add_client(self, name: str, redirect_uri: str, **more: Any) -> Client:
        """Register a client as an operator would, but for what only the store takes."""
        metadata = ClientMetadata(redirect_uris=(redirect_uri,), application_type="native", **more.pop("metadata", {}))
        client = Client(
            id=new_id(SystemClock().now()),
            name=name,
            grants=frozenset({"authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"}),
            scopes=more.pop("scopes", None),
            created_at=SystemClock().now(),
            metadata=metadata,
            **more,
        )
        self.in_store(lambda stores: stores.clients.add(client))
        return client

    def in_store(self, work: Callable[[Stores], Any]) -> Any:
        async def run() -> Any:
            stores = open_stores(self.environment["WATCHWORD_DATABASE_URL"].replace("///w.db", f"///{self.place}/w.db"))
            try:
                return await work(stores)
            finally:
                await stores.close()

        with ThreadPoolExecutor(max_workers=1) as other:  # a browser keeps the loop of this thread
            return other.submit(lambda: asyncio.run(run())).result()

    def authorize_url(self, client: Client, **more: str) -> str:
        parameters = {
            "client_id": client.id,
            "redirect_uri": client.metadata.redirect_uris[0],
            "response_type": "code",
            "scope": "openid profile email",
            "state": "a-state",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
            **more,
        }
        return f"{self.url}/auth/authorize?{urlencode({name: value for name, value in parameters.items() if value})}"


@contextmanager
def running_server(place: Path, **environment: str) -> Iterator[Server]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WATCHWORD_")}
    settings = {**kept, **CHEAP, **environment}
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0"],
        cwd=place,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        printed = ""
        while "Ctrl-C stops it." not in printed:
            line = process.stdout.readline() if process.stdout else ""
            assert line, process.stderr.read() if process.stderr else ""
            printed += line
        found = re.search(r"on (http://localhost:\d+)", printed)
        assert found is not None, printed
        yield Server(found[1], place, settings)
    finally:
        process.terminate()
        process.communicate(timeout=30)


class Application:
    """What people come back to: it remembers the addresses that it was called at, and what else was loaded."""

    def __init__(self, port: int) -> None:
        self.origin = f"http://localhost:{port}"
        self.redirect_uri = f"{self.origin}/callback"
        self.calls: list[str] = []
        self.loaded: list[str] = []

    @property
    def answer(self) -> dict[str, str]:
        """The parameters of the last call."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.calls[-1]).query).items()}


@contextmanager
def running_application() -> Iterator[Application]:
    """An application on a port of its own; every page of it says that one is back."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen = application.calls if self.path.startswith("/callback") else application.loaded
            seen.append(self.path)
            self._answer()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            application.calls.append(f"{self.path}?{body}")
            self._answer()

        def _answer(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Shop</title><h1>Back in the shop</h1>")

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("localhost", 0), Handler)
    application = Application(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield application
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
