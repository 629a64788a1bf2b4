"""The database stops for 20 seconds: tokens verify on, the token endpoint says so in time and consumes nothing."""

import threading
import time
from contextlib import contextmanager

import pytest
from tests.nemesis.asking import ask, log_in, refresh
from tests.nemesis.figures import milliseconds, note
from tests.nemesis.processes import Site
from tests.nemesis.proxy import Proxy
from tests.nemesis.waiting import pause, until
from tests.nemesis.world import PASSWORD

OUTAGE = 20.0
ANSWER_WITHIN = 1.0
RECOVER_WITHIN = 5.0


class Reader(threading.Thread):
    """Asks a protected route without end, and notes what is not good."""

    def __init__(self, port, token):
        super().__init__(daemon=True)
        self.port, self.token, self.stopping = port, token, threading.Event()
        self.answers, self.failures, self.slowest = 0, [], 0.0

    def run(self):
        while not self.stopping.is_set():
            answer = ask(self.port, "/who", token=self.token)
            self.answers += 1
            self.slowest = max(self.slowest, answer.seconds)
            if answer.status != 200:
                self.failures.append(answer)
            pause(0.01)

    def end(self):
        self.stopping.set()
        self.join()


def sign_up(site):
    assert ask(site.port, "/auth/signup", data={"username": "ada", "password": PASSWORD}).status == 201
    return log_in(site.port, "ada", PASSWORD).json()


def ask_for_tokens(site, held, seconds):
    """Refresh and log in without success for so long, and return the answers."""
    answers, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        answers += [refresh(site.port, held["refresh_token"]), log_in(site.port, "ada", PASSWORD)]
        pause(0.1)
    return answers


def check_refusals(answers):
    """Each was a 503 that says when to come again, in time."""
    assert {(answer.status, answer.headers.get("retry-after", "0") > "0") for answer in answers} == {(503, True)}
    slowest = max(answer.seconds for answer in answers)
    assert slowest < ANSWER_WITHIN
    return slowest


def check_recovery(site, held):
    """The very token that was refused meanwhile works, soon and without a restart."""
    answers = []

    def works():
        answers.append(refresh(site.port, held["refresh_token"]))
        return answers[-1].status == 200

    took = until(works, "the token works again", RECOVER_WITHIN)
    assert {answer.status for answer in answers[:-1]} <= {503}
    renewed = answers[-1].json()
    assert refresh(site.port, renewed["refresh_token"]).status == 200
    assert log_in(site.port, "ada", PASSWORD).status == 200
    return took


def test_while_the_database_is_down_tokens_verify_and_none_is_consumed(database):
    with Site("issuer", database.url) as site:
        held = sign_up(site.ready())
        reader = Reader(site.port, held["access_token"])
        reader.start()
        with database.down():
            slowest = check_refusals(ask_for_tokens(site, held, OUTAGE))
        recovery = check_recovery(site, held)
        reader.end()
    assert reader.failures == []
    assert reader.answers > OUTAGE
    database.check()
    figures = {"verified": reader.answers, "errors": 0, "slowest_503_ms": milliseconds(slowest)}
    figures |= {"slowest_verification_ms": milliseconds(reader.slowest), "recovery_s": round(recovery, 2)}
    note("database stopped", store=database.kind, seconds=OUTAGE, **figures)


@contextmanager
def silent(database, proxy):
    """Nothing comes through any more, and nobody says so."""
    proxy.pause()
    try:
        yield
    finally:
        proxy.resume()


@contextmanager
def cut(database, proxy):
    proxy.refuse()
    proxy.cut()
    try:
        yield
    finally:
        proxy.refuse(False)


@contextmanager
def paused(database, proxy):
    """The server stands still. What it was sent meanwhile it reads when it goes on, long after everyone was refused."""
    database.server.pause()
    try:
        yield
    finally:
        database.server.resume()


FAILURES = {silent: 6, cut: 6, paused: 12}
"""How long each lasts; the last longer than the grace, so that a rotation that came late would end the session."""


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
def test_a_network_or_server_that_fails_is_a_503_in_time_and_consumes_no_token(server_database, failure):
    database, seconds = server_database, FAILURES[failure]
    with Proxy(("127.0.0.1", database.port)) as proxy, Site("issuer", database.through(proxy.port)) as site:
        held = sign_up(site.ready())
        with failure(database, proxy):
            slowest = check_refusals(ask_for_tokens(site, held, seconds))
            assert ask(site.port, "/who", token=held["access_token"]).status == 200
        recovery = check_recovery(site, held)
    figures = {"slowest_503_ms": milliseconds(slowest), "recovery_s": round(recovery, 2)}
    note(f"database {failure.__name__}", store=database.kind, seconds=seconds, **figures)
