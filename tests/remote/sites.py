"""A real HTTP server on the loopback whose answers a test chooses, and a clock that a test moves."""

import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

START = datetime(2030, 1, 1, 12, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start=START):
        self._now = start

    def now(self):
        return self._now

    def tick(self, **timedelta_arguments):
        self._now += timedelta(**timedelta_arguments)


@dataclass
class Answer:
    """What the site answers; one that is `mute` sends nothing until the site is closed."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    mute: bool = False
    drip: bool = False


class Site:
    """Serves `answers` by path (404 elsewhere) on a random port of 127.0.0.1 and counts what is asked."""

    def __init__(self, ssl_context: ssl.SSLContext | None = None):
        self.answers: dict[str, Answer] = {}
        self.requests: list[str] = []
        self.headers: list[Mapping[str, str]] = []
        self.bodies: list[bytes] = []
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._server.daemon_threads = False
        self._server.handle_error = lambda *_: None
        if ssl_context is not None:
            self._server.socket = ssl_context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    @property
    def port(self):
        return self._server.server_address[1]

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def count(self, path):
        return self.requests.count(path)

    def close(self):
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler_of(site):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            site.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.do_GET()

        def do_GET(self):
            site.requests.append(self.path)
            site.headers.append({name.lower(): value for name, value in self.headers.items()})
            answer = site.answers.get(self.path, Answer(b"<html>not found</html>", 404))
            if answer.mute:
                site.closing.wait(30)
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            while answer.drip and not site.closing.wait(0.01):
                self.wfile.write(b" ")

        def log_message(self, *_):
            """Say nothing."""

    return Handler
