"""Servers behind a balancer are replaced one after the other under load, and no request fails."""

import threading
from collections import Counter
from contextlib import ExitStack

from tests.nemesis.asking import FAILED, ask, log_in, refresh
from tests.nemesis.figures import note, number
from tests.nemesis.processes import Served
from tests.nemesis.proxy import Proxy
from tests.nemesis.waiting import until
from tests.nemesis.world import PASSWORD

SERVERS = 2
TURNS = number(1, 10)
"""How often each server is replaced."""
SETTINGS = {"WATCHWORD_SHUTDOWN_DELAY": "1"}


class Client(threading.Thread):
    """Somebody who uses the API and refreshes, one request after the other, until told to stop."""

    def __init__(self, port, username):
        super().__init__(daemon=True)
        self.port, self.stopping, self.statuses, self.problems = port, threading.Event(), Counter(), []
        assert ask(port, "/auth/signup", data={"username": username, "password": PASSWORD}).status == 201
        self.held = log_in(port, username, PASSWORD).json()

    def run(self):
        while not self.stopping.is_set():
            self.note(ask(self.port, "/auth/me", token=self.held["access_token"]))
            answer = self.note(refresh(self.port, self.held["refresh_token"]))
            self.held = answer.json() if answer.status == 200 else self.held

    def note(self, answer):
        self.statuses[answer.status] += 1
        if answer.status != 200:
            self.problems.append(answer.problem if answer.status == FAILED else answer.body)
        return answer

    def end(self):
        self.stopping.set()
        self.join()


def balance(proxy, servers):
    """Send new connections to those servers that say they are ready."""
    ready = [server for server in servers if ask(server.port, "/readyz").status == 200]
    proxy.send_to(*(("127.0.0.1", server.port) for server in ready))
    return ready


def replace(stack, proxy, servers, index, start):
    """Stop one server as an orchestrator does; start another in its place."""
    old = servers[index]
    old.process.terminate()
    until(lambda: old not in balance(proxy, servers), "the balancer turns away")
    _, errors = old.process.communicate(timeout=30)
    assert old.process.returncode == 0, errors
    assert "Traceback" not in errors
    servers[index] = stack.enter_context(start()).ready()
    until(lambda: len(balance(proxy, servers)) == SERVERS, "the balancer comes back")


def test_no_request_fails_while_every_server_is_replaced_under_load(database, tmp_path):
    def start():
        return Served(tmp_path, database.url, **SETTINGS)

    with ExitStack() as stack:
        servers = [server.ready() for server in [stack.enter_context(start()) for _ in range(SERVERS)]]
        proxy = stack.enter_context(Proxy(*(("127.0.0.1", server.port) for server in servers)))
        clients = [Client(proxy.port, f"client{n}") for n in range(4)]
        for client in clients:
            client.start()
        for turn in range(SERVERS * TURNS):
            replace(stack, proxy, servers, turn % SERVERS, start)
        for client in clients:
            client.end()
    assert [problem for client in clients for problem in client.problems[:3]] == []
    requests = sum(client.statuses.total() for client in clients)
    assert requests > 100
    note("rolling restart", store=database.kind, restarts=SERVERS * TURNS, requests=requests, failed=0)
