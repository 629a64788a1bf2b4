"""kill -9 at random points of `watchword serve` under HTTP load, its start included; clients try again.

Most servers are forked with their modules loaded, since a fresh interpreter takes more than a second to start. Some are
fresh, with two workers, and the whole group is killed.
"""

import random
import threading
import time
from contextlib import ExitStack, contextmanager

from tests.nemesis.asking import FAILED, ask, log_in, refresh
from tests.nemesis.conftest import with_stores
from tests.nemesis.figures import note, number
from tests.nemesis.processes import Command, Light, Served, free_port
from tests.nemesis.waiting import pause, until
from tests.nemesis.world import PASSWORD

KILLS = number(100, 1000, "KILLS")
CLIENTS = 3
LONGEST_LIFE = 0.4
"""Seconds; a server lives for a random part of that, its start included."""
CALM_EVERY, CHECK_EVERY, FRESH_EVERY = 4, 20, 30
SETTINGS = {"WATCHWORD_REFRESH_GRACE": "120", "WATCHWORD_SIGNUP": "open"}
AGAIN = {FAILED, 503}


class Person(threading.Thread):
    """Does one thing after the other, and tries each again until there is an answer."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.done, self.tries, self.wrong = port, 0, 0, []
        self.stopping, self.turning = threading.Event(), threading.Lock()

    def run(self):
        while not self.stopping.is_set():
            with self.turning:
                self.turn()
            pause(0.001)  # whoever waits for the end of a turn

    def insist(self, request, *good):
        """Return the first answer, or None if it is time to stop."""
        while not self.stopping.is_set():
            answer = request()
            if answer.status not in AGAIN:
                if answer.status not in good:
                    self.wrong.append((answer.status, answer.body))
                    self.stopping.set()
                return answer
            self.tries += 1
            pause(0.01)
        return None


class Client(Person):
    """Refreshes, and uses the new access token."""

    def __init__(self, port, username):
        super().__init__(port)
        self.username, self.tokens = username, []
        assert ask(port, "/auth/signup", data={"username": username, "password": PASSWORD}).status == 201
        self.log_in()

    def log_in(self):
        self.held = log_in(self.port, self.username, PASSWORD).json()
        self.first = self.held["refresh_token"]

    def turn(self):
        answer = self.insist(lambda: refresh(self.port, self.held["refresh_token"]), 200)
        if answer is not None and answer.status == 200:
            self.held, self.done = answer.json(), self.done + 1
            self.insist(lambda: ask(self.port, "/auth/me", token=self.held["access_token"]), 200)


class Newcomers(Person):
    """Signs one person up after the other. Of a request without an answer the name may be taken at the next try."""

    def turn(self):
        account = {"username": f"newcomer{self.done}", "password": PASSWORD}
        answer = self.insist(lambda: ask(self.port, "/auth/signup", data=account), 201, 409)
        if answer is not None and answer.status in {201, 409}:
            self.insist(lambda: log_in(self.port, account["username"], PASSWORD), 200)
            self.done += 1


class Load:
    """People at one port, behind which a server is killed and replaced again and again."""

    def __init__(self, place, url):
        self.place, self.url, self.port = place, url, free_port()
        with self.server().ready():
            self.clients = [Client(self.port, f"client{n}") for n in range(CLIENTS)]
        self.newcomers = Newcomers(self.port)
        self.people = [*self.clients, self.newcomers]

    def server(self):
        return Command(self.place, self.url, self.port, **SETTINGS)

    def log(self):
        return (self.place / "server.log").read_text()

    def live(self, seconds, *, calm):
        """Start a server and kill it when its time is over, or (calm) when everyone has been served."""
        before, until_then = [person.done for person in self.people], time.monotonic() + seconds
        with self.server() as server:
            if calm:
                until(lambda: self.served_since(before), "everyone is served")
            pause(max(0.0, until_then - time.monotonic()))
            assert server.process.is_alive()

    def served_since(self, before):
        return all(person.done > n or person.wrong for person, n in zip(self.people, before, strict=True))

    def live_fresh(self):
        with Served(self.place, self.url, "--workers", "2", "--port", str(self.port), **SETTINGS) as server:
            before = [person.done for person in self.people]
            until(lambda: self.served_since(before), "everyone is served")
            assert server.process.poll() is None

    @contextmanager
    def at_rest(self):
        """A server is up, everyone has the answer to what they asked last, and nobody asks for anything meanwhile."""
        with ExitStack() as stack:
            server = stack.enter_context(self.server()).ready()
            for person in self.people:
                stack.enter_context(person.turning)
            yield server

    def check(self):
        """No fork: each family is where its client is. Nobody is there twice."""
        assert [person.wrong for person in self.people] == [[]] * len(self.people)
        with self.at_rest(), Light("answer", self.url, tokens={"refresh_grace": 120}) as node:
            node.ready()
            for client in self.clients:
                family = node.ask("family", token=client.held["refresh_token"])
                assert family["status"] == "active"
                assert family["generation"] == family["presented"]
            users = with_stores(self.url, lambda stores: stores.users.list(limit=100_000))
            assert len(users) == CLIENTS + self.newcomers.done

    def replay(self):
        """The first token of a login, shown much later, ends the session, and a kill at once does not undo that."""
        victim = self.clients[0]
        with self.at_rest() as server:
            assert refused(refresh(self.port, victim.first))
            server.kill()
            with self.server().ready():
                assert refused(refresh(self.port, victim.held["refresh_token"]))
                assert refused(refresh(self.port, victim.first))
                victim.log_in()

    def end(self):
        for person in self.people:
            person.stopping.set()
            person.join()


def refused(answer):
    return (answer.status, answer.json()["error"]) == (400, "invalid_grant")


def test_clients_that_try_again_keep_their_sessions_whenever_the_server_is_killed(database, tmp_path):
    load, begun, chance, replays = Load(tmp_path, database.url), time.monotonic(), random.Random(0), 0
    for person in load.people:
        person.start()
    for kill in range(1, KILLS + 1):
        if kill % FRESH_EVERY == 0:
            load.live_fresh()
        else:
            load.live(chance.uniform(0, LONGEST_LIFE), calm=kill % CALM_EVERY == 0)
        if kill % CHECK_EVERY == 0:
            load.check()
            load.replay()
            database.check()
            replays += 1
    load.end()
    assert "Traceback" not in load.log()
    rotations = sum(client.done for client in load.clients)
    assert rotations >= CLIENTS * (KILLS // CALM_EVERY)
    assert sum(person.tries for person in load.people) > KILLS
    figures = {"rotations": rotations, "sign_ups": load.newcomers.done, "replays": replays, "replays_accepted": 0}
    seconds = round(time.monotonic() - begun, 1)
    note("kill -9 of watchword serve", store=database.kind, kills=KILLS, lost_sessions=0, **figures, seconds=seconds)
