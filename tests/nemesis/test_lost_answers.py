"""A commit whose answer is lost on the way: whoever tries again within the grace gets what was done."""

import pytest
from tests.nemesis.asking import ask, log_in, refresh
from tests.nemesis.figures import note
from tests.nemesis.processes import Light, Site
from tests.nemesis.proxy import Proxy
from tests.nemesis.waiting import until
from tests.nemesis.world import PASSWORD

ROTATIONS = {"postgresql": b"write", "mongodb": b"generation"}
"""What the request that rotates holds, and no other of a refresh: its scopes, or the guard in its filter."""


def generation(database, token):
    with Light("answer", database.url) as node:
        return node.ready().ask("family", token=token)


@pytest.fixture
def lossy(server_database):
    """The database behind a proxy."""
    with Proxy(("127.0.0.1", server_database.port)) as proxy:
        yield server_database, proxy


def test_a_rotation_whose_answer_was_lost_answers_the_same_successor_to_the_retry(lossy):
    database, proxy = lossy
    with Site("issuer", database.through(proxy.port)) as site:
        ask(site.ready().port, "/auth/signup", data={"username": "ada", "password": PASSWORD})
        held = log_in(site.port, "ada", PASSWORD).json()
        for _ in range(10):
            proxy.lose_the_answer_to(ROTATIONS[database.kind])
            first = refresh(site.port, held["refresh_token"])
            assert first.status in {200, 503}
            until(lambda h=held: refresh(site.port, h["refresh_token"]).status == 200, "the retry works")
            family = generation(database, held["refresh_token"])
            assert (family["status"], family["generation"] - family["presented"]) == ("active", 1)
            held = refresh(site.port, held["refresh_token"]).json()
        assert proxy.lost_answers >= 10
    note("lost answers", store=database.kind, lost=10, doubles=0, lost_sessions=0)


def test_a_connection_that_breaks_after_any_byte_of_a_refresh_loses_no_session(lossy):
    database, proxy = lossy
    with Site("issuer", database.through(proxy.port)) as site:
        ask(site.ready().port, "/auth/signup", data={"username": "ada", "password": PASSWORD})
        held = log_in(site.port, "ada", PASSWORD).json()
        for count in range(1, 2000, 131):
            proxy.cut_after(count)
            answers = []
            until(lambda h=held, a=answers: _works(site, h, a), "the retry works")
            family = generation(database, held["refresh_token"])
            assert (family["status"], family["generation"] - family["presented"]) == ("active", 1)
            held = answers[-1].json()


def _works(site, held, answers):
    answers.append(refresh(site.port, held["refresh_token"]))
    assert answers[-1].status in {200, 503}
    return answers[-1].status == 200
