"""The web site of the applications under https: documents that the server fetches, and what it sends to them."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Received:
    """A request that came."""

    method: str
    url: str
    headers: dict
    form: dict = field(default_factory=dict)

    @property
    def path(self):
        return urlsplit(self.url).path

    @property
    def query(self):
        return dict(parse_qsl(urlsplit(self.url).query))


class Site:
    """Serves documents and notes what is asked for.

    Attributes:
        origin: its address.
    """

    def __init__(self, port):
        self.origin = f"https://localhost:{port}"
        self._documents = {}
        self._answers = {}
        self._received = []
        self._changed = threading.Condition()
        self._numbers = count(1)

    def place(self, name="app"):
        """An address under which nothing is yet, for one application."""
        return f"{self.origin}/{name}-{next(self._numbers)}"

    def publish(self, url, body, media_type="application/json"):
        """Put a document there, or change it."""
        self._documents[urlsplit(url).path] = (media_type, body.encode() if isinstance(body, str) else body)
        return url

    def answer(self, url, answer):
        """Let a function answer requests there: `(status, headers, body)` of what was received."""
        self._answers[urlsplit(url).path] = answer

    def respond(self, received):
        """The answer to a request; what nobody has published is an empty page."""
        if received.path in self._answers:
            return self._answers[received.path](received)
        media_type, body = self._documents.get(received.path, ("text/html", b"<p>Hello</p>"))
        return 200, {"Content-Type": media_type}, body

    def note(self, received):
        with self._changed:
            self._received.append(received)
            self._changed.notify_all()

    def received(self, url):
        """The requests to this address, whatever their query."""
        with self._changed:
            return [each for each in self._received if each.path == urlsplit(url).path]

    def wait_for(self, url, *, at_most=10):
        """The first request to this address; it may still be on its way."""
        with self._changed:
            arrived = self._changed.wait_for(lambda: self.received_now(url), timeout=at_most)
            assert arrived, f"nothing was sent to {url}"
            return arrived[0]

    def received_now(self, url):
        return [each for each in self._received if each.path == urlsplit(url).path]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._respond(self._note({}))

    def _respond(self, received):
        status, headers, body = self.server.site.respond(received)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self._respond(self._note(dict(parse_qsl(body.decode()))))

    def _note(self, form):
        headers = {name.lower(): value for name, value in self.headers.items()}
        received = Received(self.command, self.path, headers, form)
        self.server.site.note(received)
        return received

    def log_message(self, *_args):
        pass


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.site = Site(self.server_address[1])
        self._context = context

    def get_request(self):
        plain, address = self.socket.accept()
        return self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, *_args):
        """A client that goes away in the middle is no failure of a test."""


@contextmanager
def running_site(authority):
    """Serve as long as the block lasts."""
    listener = _Listener(authority.serving())
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield listener.site
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
