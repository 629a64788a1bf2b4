"""Keys change every few seconds under load in 4 processes; a resource server keeps the key set as long as it may.

Time runs 120 times as fast here, for every process alike: so the lifetimes stay as they are set in earnest, a key set
is kept for the 5 minutes that it may be, and a new key waits for the 6 until it signs.
"""

import time
from contextlib import ExitStack

from tests.nemesis.asking import ask
from tests.nemesis.figures import note, number
from tests.nemesis.processes import Site, lights
from tests.nemesis.world import part_of

ISSUERS = 4
SECONDS = number(18, 120)
RATE = 120
TOKENS = {"access_ttl": 240, "key_lifetime": 600}
"""Seconds of the fast clock. A token lives for 2 of ours, and every 8 another key signs."""
OLD = 1.5
"""Seconds of ours after which a token is shown once more."""


class Verified:
    """Every token that is issued is taken by every process and by the resource server, at once and once more later."""

    def __init__(self, issuers, machine, resource):
        self.issuers, self.machine, self.resource = issuers, machine, resource
        self.kids, self.verifications, self.refused = set(), 0, []

    def round(self, number):
        client_id, secret = self.machine
        issuer = self.issuers[number % ISSUERS]
        token = issuer.ask("machine_token", client_id=client_id, secret=secret)
        self.kids.add(part_of(token, 0, "kid"))
        self.take(token)
        return token

    def take(self, token):
        numbers = [issuer.send("who", token=token) for issuer in self.issuers]
        answers = [issuer.hear() for issuer in self.issuers]
        assert [number for number, _, _ in answers] == numbers
        answer = ask(self.resource.port, "/who", token=token)
        self.refused += [code for _, code, _ in answers if code] + ([answer.body] if answer.status != 200 else [])
        self.verifications += ISSUERS + 1


def test_no_valid_token_is_refused_while_keys_change_under_load(database):
    clock = {"rate": RATE, "epoch": time.time()}
    options = {"clock": clock, "tokens": TOKENS}
    with ExitStack() as stack:
        issuer = stack.enter_context(Site("issuer", database.url, **options)).ready()
        url = f"http://127.0.0.1:{issuer.port}"
        nodes = lights(stack, ISSUERS, "answer", database.url, follow=True, **options)
        machine = nodes[0].ask("new_machine")
        resource = stack.enter_context(
            Site(
                "resource",
                "http://localhost:8000",
                clock=clock,
                audience="http://localhost:8000",
                jwks_uri=f"{url}/auth/jwks",
            )
        ).ready()
        load, end, earlier, rounds = Verified(nodes, machine, resource), time.monotonic() + SECONDS, [], 0
        while time.monotonic() < end:
            earlier.append((time.monotonic(), load.round(rounds)))
            rounds += 1
            while earlier and time.monotonic() - earlier[0][0] > OLD:
                load.take(earlier.pop(0)[1])
    assert load.refused == []
    assert len(load.kids) >= SECONDS / 10
    figures = {"keys": len(load.kids), "tokens": rounds, "verifications": load.verifications, "refused": 0}
    note("key rotation under load", store=database.kind, processes=ISSUERS, seconds=SECONDS, **figures)
