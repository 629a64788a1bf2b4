"""kill -9 at random points of a node under load: nobody is logged out, nothing forks, nothing spent comes back."""

import random
import signal
import time
from dataclasses import dataclass, field
from multiprocessing.connection import wait

import pytest
from tests.nemesis.conftest import with_stores
from tests.nemesis.figures import note, number
from tests.nemesis.processes import Light, Refused

KILLS = number(200, 1000, "KILLS")
CLIENTS = 4
LONGEST_LIFE = 0.25
"""Seconds; a node lives for a random part of that, its start included."""
CALM_EVERY = 4
"""After so many kills everyone is served once before the next, so that nobody's retry is older than the grace."""
CHECK_EVERY, REPLAY_EVERY = 5, 20
NODE = {"tokens": {"refresh_grace": 120}}


@dataclass
class Client:
    """Refreshes for ever. It sends the same token again until it hears an answer."""

    token: str
    tokens: list[str] = field(default_factory=list)
    waits_for: int = 0

    def send(self, node):
        self.waits_for = node.send("refresh", token=self.token)

    def take(self, code, value):
        assert (code, value if code else "") == ("", "")
        self.tokens.append(self.token)
        self.token = value["refresh"]


class Load:
    """The clients at one node, which is killed and replaced again and again."""

    def __init__(self, url):
        self.url = url
        with self.node() as node:
            node.ready()
            for n in range(CLIENTS):
                node.ask("sign_up", username=f"client{n}")
            self.clients = [Client(node.ask("log_in", username=f"client{n}")["refresh"]) for n in range(CLIENTS)]

    def node(self):
        return Light("answer", self.url, **NODE)

    def live(self, seconds, *, calm):
        """Start a node, let everyone refresh at it until its time is over (calm: everyone once at least), kill it."""
        until, served = time.monotonic() + seconds, set()
        with self.node() as node:
            for client in self.clients:
                client.send(node)
            while time.monotonic() < until or (calm and len(served) < CLIENTS):
                if wait([node.pipe], 30 if calm else max(0, until - time.monotonic())):
                    self.serve(node, served)
            node.signal(signal.SIGKILL)
            node.process.join()
            while self.serve(node, served):  # what it had answered is answered
                pass

    def serve(self, node, served):
        """Give one answer to whose it is, who goes on at once. Returns False where no whole answer is left."""
        try:
            heard = node.hear(0) if node.pipe.poll() else None
        except (EOFError, OSError):
            return False
        if heard is None or heard == "ready":
            return heard is not None
        number, code, value = heard
        client = next(client for client in self.clients if client.waits_for == number)
        client.take(code, value)
        served.add(number % CLIENTS)
        if node.process.is_alive():
            client.send(node)
        return True

    def check(self):
        """No fork: each family is where its client is, or one further for an answer that was lost."""
        with self.node() as node:
            node.ready()
            for client in self.clients:
                family = node.ask("family", token=client.token)
                assert family["status"] == "active"
                assert family["generation"] - family["presented"] in {0, 1}

    def replay(self):
        """A token from long ago, shown to a fresh node, ends its family, and a kill at once does not undo that."""
        victim = self.clients.pop()
        with self.node() as node:
            node.ready()
            with pytest.raises(Refused, match="invalid_grant"):
                node.ask("refresh", token=victim.tokens[0])
        with self.node() as node:
            node.ready()
            with pytest.raises(Refused, match="invalid_grant"):
                node.ask("refresh", token=victim.token)
            assert node.ask("family", token=victim.token)["status"] == "revoked"
            self.clients.append(Client(node.ask("log_in", username="client0")["refresh"]))


def test_a_client_that_tries_again_keeps_its_session_whenever_the_node_is_killed(database):
    load, begun, rotations, chance = Load(database.url), time.monotonic(), 0, random.Random(0)
    replays = 0
    for kill in range(1, KILLS + 1):
        load.live(chance.uniform(0, LONGEST_LIFE), calm=kill % CALM_EVERY == 0)
        if kill % CHECK_EVERY == 0:
            database.check()
        if kill % REPLAY_EVERY == 0:
            load.check()
            rotations += len(load.clients[-1].tokens)
            load.replay()
            replays += 1
    load.check()
    database.check()
    rotations += sum(len(client.tokens) for client in load.clients)
    assert rotations > KILLS
    assert len(with_stores(database.url, lambda stores: stores.users.list(limit=100))) == CLIENTS
    seconds = round(time.monotonic() - begun, 1)
    figures = {"rotations": rotations, "lost_sessions": 0, "forks": 0, "replays_accepted": 0, "seconds": seconds}
    note("kill -9 of a node", store=database.kind, kills=KILLS, replays=replays, **figures)
