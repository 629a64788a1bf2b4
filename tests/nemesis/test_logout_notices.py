"""SIGTERM while an application is being told of a logout: it is told, or the log says that it was not."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from tests.http.provider.world import VERIFIER, hidden
from tests.nemesis.asking import ask
from tests.nemesis.databases import sqlite
from tests.nemesis.processes import Served
from tests.nemesis.waiting import pause, until
from tests.nemesis.world import PASSWORD

from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.models.grants import Client
from watchword.core.oauth.pkce import challenge_of
from watchword.stores.open import open_stores

REDIRECT = "https://app.example/cb"
STOPS_WITHIN = 20


class Receiver:
    """The application's end: it takes `seconds` for an answer, and gives these in turn, the last for ever."""

    def __init__(self, seconds, *answers):
        self.begun, self.told, self._answers = [], [], list(answers)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.begun.append(body)
                pause(seconds)
                answers = receiver._answers
                self.send_response(answers.pop(0) if len(answers) > 1 else answers[0])
                self.end_headers()
                receiver.told.append(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


async def add_application(url, receiver):
    stores = open_stores(url)
    metadata = ClientMetadata(redirect_uris=(REDIRECT,), backchannel_logout_uri=f"http://{receiver.host}/told")
    grants = frozenset({"authorization_code", "refresh_token"})
    await stores.clients.add(Client(id="shop", name="Shop", grants=grants, first_party=True, metadata=metadata))
    await stores.close()


def log_in_and_out(port):
    """Log in for the application in a browser of its own, and out again."""
    assert ask(port, "/auth/signup", data={"username": "ada", "password": PASSWORD}).status == 201
    with httpx2.Client(base_url=f"http://localhost:{port}", trust_env=False, timeout=20) as browser:
        asked = {"client_id": "shop", "redirect_uri": REDIRECT, "response_type": "code", "scope": "openid"}
        proof = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
        page = browser.get("/auth/authorize", params={**asked, **proof})
        fields = {**hidden(page, "login"), "username": "ada", "password": PASSWORD}
        going_on = browser.post("/auth/login", data=fields)
        back = browser.get(going_on.headers["location"]).headers["location"]
        form = {"grant_type": "authorization_code", "client_id": "shop", "code_verifier": VERIFIER}
        form |= {"redirect_uri": REDIRECT, "code": parse_qs(urlsplit(back).query)["code"][0]}
        tokens = browser.post("/auth/token", data=form).json()
        left = browser.post("/auth/end_session", data={"id_token_hint": tokens["id_token"]})
        assert "You are signed out" in left.text


@pytest.mark.parametrize(
    ("seconds", "answers", "tries", "lost"),
    [(2.0, [200], 1, False), (0.0, [503, 200], 2, False), (0.0, [503], 2, True), (60.0, [200], 2, True)],
    ids=["slow", "busy at first", "busy", "silent"],
)
async def test_a_notice_under_way_at_sigterm_is_delivered_or_named(tmp_path, seconds, answers, tries, lost):
    with sqlite(None, tmp_path) as database, Receiver(seconds, *answers) as receiver:
        with Served(tmp_path, database.url) as server:
            server.ready()
            await add_application(database.url, receiver)
            log_in_and_out(server.port)
            until(lambda: receiver.begun if seconds else receiver.told, "the application is being told")
            server.process.terminate()
            until(lambda: server.process.poll() is not None, "it stops", STOPS_WITHIN)
            _, errors = server.process.communicate()
        assert server.process.returncode == 0
        assert len(receiver.begun) == tries
        assert len(receiver.told) == (0 if seconds > STOPS_WITHIN else tries)
        named = re.findall(r"stopped before a logout was told to: (\S+) \(1\)", errors)
        assert named == ([receiver.host] if lost else [])
        database.check()
