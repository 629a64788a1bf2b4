"""A revocation reaches every process, and none is lost by a restart or by a database that is slow to commit."""

import random
import time
from contextlib import ExitStack

import pytest
from tests.nemesis.figures import milliseconds, note, number, percentile
from tests.nemesis.processes import Light, Refused, lights
from tests.nemesis.waiting import pause

WORKERS = 4
SESSIONS = number(60, 500)
BOUND = 1.0
"""Seconds within which 99 of 100 revocations are to be known everywhere (DESIGN section 6)."""


def log_in(node, name, count):
    node.ask("sign_up", username=name)
    return [node.ask("log_in", username=name)["access"] for _ in range(count)]


def watch(workers, tokens):
    """Let every worker look at every token without end, and return which token each number is about."""
    numbers = {}
    for token in tokens:
        for worker in workers:
            numbers[worker, worker.send("watch", token=token)] = token
    for worker in workers:
        assert [worker.hear()[2] for _ in tokens] == ["good"] * len(tokens)
    return numbers


def end_at_random(origin, tokens):
    """End each session, at no particular moment of anyone's polling, and return when each end was acknowledged."""
    chance, ended = random.Random(0), {}
    for token in tokens:
        pause(chance.uniform(0, 0.2))
        assert origin.ask("end_session_of", token=token) is True
        ended[token] = time.monotonic()
    return ended


def test_every_process_knows_of_a_revocation_within_a_second(database):
    with ExitStack() as stack:
        origin, *workers = lights(stack, 1 + WORKERS, "answer", database.url, follow=True)
        tokens = log_in(origin, "ada", SESSIONS)
        bystander = log_in(origin, "grace", 1)[0]
        numbers = watch(workers, tokens)
        ended, delays = end_at_random(origin, tokens), []
        for worker in workers:
            for _ in tokens:
                heard, code, at = worker.hear()
                assert code == "invalid_token"
                delays.append(at - ended[numbers[worker, heard]])
        assert {worker.ask("who", token=bystander) for worker in workers} == {origin.ask("who", token=bystander)}
    assert len(delays) == SESSIONS * WORKERS
    figures = {f"p{share}_ms": milliseconds(percentile(delays, share / 100)) for share in (50, 99)}
    note("revocation reaches every process", store=database.kind, workers=WORKERS, revocations=SESSIONS, **figures)
    assert percentile(delays, 0.99) < BOUND


def test_a_process_that_starts_knows_every_revocation_before_it_is_ready(database):
    with Light("answer", database.url) as origin:
        tokens = log_in(origin.ready(), "ada", 5)
        good = log_in(origin, "grace", 1)[0]
        for token in tokens:
            origin.ask("end_session_of", token=token)
        origin.kill()
    with Light("answer", database.url, follow=True) as restarted:
        restarted.ready()
        for token in tokens:
            with pytest.raises(Refused, match="invalid_token"):
                restarted.ask("who", token=token)
        assert restarted.ask("who", token=good)
