"""kill -9 of the database server under load: what was acknowledged is there, and clients go on without a restart."""

import threading
import time

from tests.nemesis.conftest import with_stores
from tests.nemesis.figures import note, number
from tests.nemesis.processes import Light, Refused
from tests.nemesis.waiting import pause, until

KILLS = number(5, 100)
CLIENTS = 4
RECOVER_WITHIN = 5.0


class Client(threading.Thread):
    """Refreshes for ever at a node of its own, which lives on; sends a token again until it hears an answer."""

    def __init__(self, url, name):
        super().__init__(daemon=True)
        self.node = Light("answer", url, tokens={"refresh_grace": 120}, follow=True).ready()
        self.node.ask("sign_up", username=name)
        self.token = self.node.ask("log_in", username=name)["refresh"]
        self.stopping, self.rotations, self.refused, self.lost = threading.Event(), 0, 0, []

    def run(self):
        while not self.stopping.is_set():
            try:
                self.token = self.node.ask("refresh", token=self.token)["refresh"]
                self.rotations += 1
            except Refused as refused:
                self.refused += 1
                if refused.code != "temporarily_unavailable":
                    self.lost.append(refused)
                    return
                pause(0.05)

    def end(self):
        self.stopping.set()
        self.join()
        family = self.node.ask("family", token=self.token)
        self.node.__exit__()
        return family


def test_killing_the_database_server_loses_no_session_and_needs_no_restart(server_database):
    clients = [Client(server_database.url, f"client{n}") for n in range(CLIENTS)]
    recoveries = []
    for client in clients:
        client.start()
    for kill in range(KILLS):
        pause(0.2 + 0.1 * (kill % 5))
        server_database.kill()
        before = [client.rotations for client in clients]
        back = time.monotonic()
        until(
            lambda b=before: all(client.rotations > n or client.lost for client, n in zip(clients, b, strict=True)),
            "everyone goes on",
            RECOVER_WITHIN,
        )
        recoveries.append(time.monotonic() - back)
    families = [client.end() for client in clients]
    assert [client.lost for client in clients] == [[]] * CLIENTS
    assert {family["status"] for family in families} == {"active"}
    assert all(family["generation"] == family["presented"] for family in families)
    assert len(with_stores(server_database.url, lambda stores: stores.users.list(limit=100))) == CLIENTS
    server_database.check()
    figures = {"rotations": sum(client.rotations for client in clients), "recovery_s": round(max(recoveries), 2)}
    note("kill -9 of the database server", store=server_database.kind, kills=KILLS, lost_sessions=0, **figures)
