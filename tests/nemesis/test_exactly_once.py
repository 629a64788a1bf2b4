"""What is used once is used once: 64 callers at the same moment in 2 processes, round after round."""

import time
from collections import Counter
from contextlib import ExitStack

import pytest
from tests.nemesis.conftest import with_stores
from tests.nemesis.contests import CONTESTS
from tests.nemesis.figures import note, number
from tests.nemesis.processes import Light, connected_pair

CALLERS, PROCESSES = 64, 2
ROUNDS = {"sqlite": 1000, "postgresql": 1000, "mongodb": 1000}
"""In an ordinary run. The server of MongoDB's protocol that the tests have does one thing at a time, and slowly."""


def rounds_on(kind):
    return number(ROUNDS[kind], 10_000, "ROUNDS")


def race(url, name, rounds):
    """Return what came of each round, counted over both processes."""
    ends, each = connected_pair(), CALLERS // PROCESSES
    with ExitStack() as stack:
        racers = [
            stack.enter_context(Light("race", url, contest=name, rounds=rounds, callers=each, other=end))
            for end in ends
        ]
        for racer in racers:
            racer.ready()
        for racer in racers:
            racer.pipe.send("go")
        return [sum((racer.hear() for racer in racers), Counter()) for _ in range(rounds)]


@pytest.mark.parametrize("name", CONTESTS)
def test_of_64_callers_in_2_processes_exactly_one_wins_each_round(database, name):
    contest, rounds = CONTESTS[name], rounds_on(database.kind)
    with_stores(database.url, lambda stores: contest.prepare(stores, rounds))
    begun = time.monotonic()
    counts = race(database.url, name, rounds)
    expected = Counter({contest.won: 1, contest.lost: CALLERS - 1})
    assert [(n, count) for n, count in enumerate(counts) if count != expected] == []
    assert with_stores(database.url, lambda stores: contest.count_spent(stores, rounds)) == rounds
    database.check()
    seconds = round(time.monotonic() - begun, 1)
    note(
        f"exactly once: {name}",
        store=database.kind,
        rounds=rounds,
        callers=CALLERS,
        doubles=0,
        errors=0,
        seconds=seconds,
    )
