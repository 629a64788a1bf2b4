"""`watchword serve` as a real process: what it prints, how it starts and how it stops."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx2
import pytest

pytestmark = pytest.mark.xdist_group("serve")  # each takes a core; two at once would only wait for each other

COMMAND = [sys.executable, "-c", "from watchword.cli.main import run; run()", "serve", "--port", "0"]
PATIENCE = 60
"""Seconds after which a server that has not done what it should is taken for broken."""
PASSWORD = "paper lantern over wet gravel"
CHEAP = {"WATCHWORD_ARGON2_MEMORY_KIB": "64", "WATCHWORD_ARGON2_TIME_COST": "1"}
PRODUCTION = {
    "WATCHWORD_ENV": "production",
    "WATCHWORD_ISSUER": "https://auth.test",
    "WATCHWORD_SECRET_KEY": "not-a-real-one-0123456789-abcdefghijklmnop",
}


class Server:
    """A server process with what it has printed so far."""

    def __init__(self, process):
        self.process = process
        self.printed = ""

    def read_welcome(self):
        while "Ctrl-C stops it." not in self.printed:
            line = self.process.stdout.readline()
            assert line, f"the server ended: {self.process.stderr.read()}"
            self.printed += line
        self.port = int(re.search(r"listening on \S+ port (\d+)", self.printed)[1])
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    def wait_for(self, path, status):
        """Ask until the status comes; refused connections are answers too. Loading certificates would cost a core."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if httpx2.get(self.url + path, verify=False).status_code == status:
                    return self
            except httpx2.TransportError:
                assert self.process.poll() is None, self.process.stderr.read()
            self.pause()
        raise AssertionError(f"{path} never answered {status}")

    def pause(self):
        try:
            self.process.wait(0.05)
        except subprocess.TimeoutExpired:
            return

    def stop(self, sig):
        """Send a signal, Ctrl-C as a terminal does to all its processes; return exit code and standard error."""
        (os.killpg if sig == signal.SIGINT else os.kill)(self.process.pid, sig)
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors

    @property
    def invite(self):
        found = re.search(r'"invite": "(wwiv_[^"]+)"', self.printed)
        return found and found[1]


@pytest.fixture
def start(place):
    """Start a server in this test's directory; whatever still runs at the end is killed."""
    started = []

    def start(*options, **environment):
        process = subprocess.Popen(
            [*COMMAND, *options],
            env={**os.environ, **CHEAP, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return Server(process)

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def workers_of(server):
    """The worker processes; multiprocessing's own resource tracker is none of them."""
    return [
        pid for pid in children_of(server.process.pid) if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]


def test_a_new_server_says_where_it_is_and_lets_the_first_administrator_in(start, place):
    server = start().read_welcome().wait_for("/readyz", 200)
    assert f"Watchword on http://localhost:{server.port} " in server.printed
    assert f"Documentation: http://localhost:{server.port}/docs\n" in server.printed
    assert "watchword users add NAME --role admin" in server.printed
    command = re.search(r"curl -X POST (\S+) -H '([^']+)' -d @- <<'END'\n(.+)\nEND\n", server.printed)
    url, header, body = command[1], command[2], json.loads(command[3])
    headers = {header.split(": ")[0]: header.split(": ")[1]}
    assert httpx2.post(url, headers=headers, json=body).status_code == 422
    signed_up = httpx2.post(url, headers=headers, json={**body, "password": PASSWORD})
    assert signed_up.status_code == 201
    again = httpx2.post(url, headers=headers, json={**body, "username": "second", "password": PASSWORD})
    assert again.status_code == 403
    form = {"username": "admin", "password": PASSWORD, "scope": "admin"}
    assert httpx2.post(f"{server.url}/auth/token", data=form).json()["scope"] == "admin"
    assert server.stop(signal.SIGINT) == (0, "")
    assert sorted(path.name for path in place.iterdir() if path.name.startswith("watchword.db"))[0] == "watchword.db"


def test_a_server_with_an_administrator_invites_nobody(start):
    first = start().read_welcome()
    first.wait_for("/readyz", 200)
    body = {"username": "admin", "password": PASSWORD, "invite": first.invite}
    assert httpx2.post(f"{first.url}/auth/signup", json=body).status_code == 201
    assert first.stop(signal.SIGTERM) == (0, "")
    second = start().read_welcome()
    assert "administrator" not in second.printed
    assert second.stop(signal.SIGTERM) == (0, "")


@pytest.mark.parametrize("sig", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_while_the_server_starts_is_an_orderly_stop(start, sig, workers):
    server = start("--workers", str(workers)).read_welcome()
    assert server.stop(sig) == (0, "")
    with pytest.raises(httpx2.TransportError):
        httpx2.get(f"{server.url}/healthz")


def test_a_stopping_server_answers_and_says_that_it_is_not_ready(start):
    server = start(WATCHWORD_SHUTDOWN_DELAY="2").read_welcome().wait_for("/readyz", 200)
    server.process.send_signal(signal.SIGTERM)
    server.wait_for("/readyz", 503)
    assert httpx2.get(f"{server.url}/healthz").status_code == 200
    assert server.process.wait(PATIENCE) == 0


def test_a_second_ctrl_c_skips_the_delay(start):
    server = start(WATCHWORD_SHUTDOWN_DELAY="300").read_welcome().wait_for("/readyz", 200)
    server.process.send_signal(signal.SIGINT)
    server.wait_for("/readyz", 503)
    assert server.stop(signal.SIGINT) == (0, "")


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the workers in /proc, which is not here")
def test_a_worker_that_dies_is_replaced(start):
    server = start("--workers", "2").read_welcome().wait_for("/readyz", 200)
    before = workers_of(server)
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while len(set(workers_of(server)) - {before[0]}) < 2 and time.monotonic() < deadline:
        server.pause()
    after = workers_of(server)
    assert before[1] in after
    assert len(set(after) - set(before)) == 1
    server.wait_for("/readyz", 200)
    assert server.stop(signal.SIGTERM) == (0, "")
    assert [pid for pid in after if Path(f"/proc/{pid}").exists()] == []


def test_workers_share_accounts_keys_and_an_issuer_that_follows_the_port(start):
    server = start("--workers", "2").read_welcome().wait_for("/readyz", 200)
    person = {"username": "ada", "password": PASSWORD}
    assert httpx2.post(f"{server.url}/auth/signup", json=person).status_code == 201
    token = httpx2.post(f"{server.url}/auth/token", data=person).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert {httpx2.get(f"{server.url}/auth/me", headers=headers).status_code for _ in range(20)} == {200}
    metadata = httpx2.get(f"{server.url}/.well-known/oauth-authorization-server").json()
    assert metadata["issuer"] == f"http://localhost:{server.port}"
    assert server.stop(signal.SIGINT) == (0, "")


def ended(server):
    printed, errors = server.process.communicate(timeout=PATIENCE)
    return server.process.returncode, printed, errors


def test_a_port_that_is_taken_is_one_sentence(start):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, printed, errors = ended(start("--port", port))
    assert (code, printed) == (2, "")
    assert re.fullmatch(rf"Cannot listen on 127\.0\.0\.1 port {port} \(.+\); choose --host or --port\.\n", errors)


def test_the_memory_store_has_one_worker(start):
    code, printed, errors = ended(start("--workers", "2", WATCHWORD_DATABASE_URL="memory://"))
    assert (code, printed, errors.count("\n")) == (2, "", 1)
    server = start(WATCHWORD_DATABASE_URL="memory://").read_welcome().wait_for("/readyz", 200)
    assert server.stop(signal.SIGTERM) == (0, "")


def test_production_lists_every_problem_and_does_not_start(start):
    code, printed, errors = ended(start(WATCHWORD_ENV="production", WATCHWORD_DEBUG="true"))
    assert (code, printed) == (2, "")
    names = [line.split()[0] for line in errors.splitlines()]
    assert names == [f"WATCHWORD_{name}" for name in ("SECRET_KEY", "ISSUER", "ARGON2_MEMORY_KIB", "DEBUG")]


def test_production_starts_only_on_a_migrated_database_and_prints_no_secret(start, place):
    environment = {**PRODUCTION, "WATCHWORD_ARGON2_MEMORY_KIB": "19456", "WATCHWORD_ARGON2_TIME_COST": "2"}
    code, printed, errors = ended(start(**environment))
    assert (code, printed, errors.count("\n")) == (2, "", 1)
    assert "watchword migrate" in errors
    migrate = [*COMMAND[:3], "migrate"]
    assert subprocess.run(migrate, env={**os.environ, **environment}, check=True, capture_output=True).returncode == 0
    server = start(**environment).read_welcome().wait_for("/readyz", 200)
    assert "Watchword on https://auth.test " in server.printed
    assert "/docs" not in server.printed
    assert server.invite is None
    assert "watchword users add NAME --role admin" in server.printed
    assert server.stop(signal.SIGTERM) == (0, "")


def test_a_server_whose_sign_up_is_closed_invites_nobody_but_says_what_to_do(start):
    server = start(WATCHWORD_SIGNUP="closed").read_welcome()
    assert server.invite is None
    assert "watchword users add NAME --role admin" in server.printed
    assert server.stop(signal.SIGTERM) == (0, "")


def test_an_issuer_that_was_set_does_not_follow_the_port(start):
    server = start(WATCHWORD_ISSUER="http://auth.localhost:9").read_welcome().wait_for("/readyz", 200)
    metadata = httpx2.get(f"{server.url}/.well-known/oauth-authorization-server").json()
    assert metadata["issuer"] == "http://auth.localhost:9"
    assert server.stop(signal.SIGTERM) == (0, "")
