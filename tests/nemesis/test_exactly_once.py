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
ROUNDS = number(1000, 10_000, "ROUNDS")


def race(url, name):
    """Return what came of each round, counted over both processes."""
    ends, each = connected_pair(), CALLERS // PROCESSES
    with ExitStack() as stack:
        racers = [
            stack.enter_context(Light("race", url, contest=name, rounds=ROUNDS, callers=each, other=end))
            for end in ends
        ]
        for racer in racers:
            racer.ready()
        for racer in racers:
            racer.pipe.send("go")
        return [sum((racer.hear() for racer in racers), Counter()) for _ in range(ROUNDS)]


@pytest.mark.parametrize("name", CONTESTS)
def test_of_64_callers_in_2_processes_exactly_one_wins_each_round(database, name):
    contest = CONTESTS[name]
    with_stores(database.url, lambda stores: contest.prepare(stores, ROUNDS))
    begun = time.monotonic()
    counts = race(database.url, name)
    expected = Counter({contest.won: 1, contest.lost: CALLERS - 1})
    assert [(n, count) for n, count in enumerate(counts) if count != expected] == []
    assert with_stores(database.url, lambda stores: contest.count_spent(stores, ROUNDS)) == ROUNDS
    database.check()
    seconds = round(time.monotonic() - begun, 1)
    note(
        f"exactly once: {name}",
        store=database.kind,
        rounds=ROUNDS,
        callers=CALLERS,
        doubles=0,
        errors=0,
        seconds=seconds,
    )
