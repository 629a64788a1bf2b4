"""A revocation reaches every process, and none is lost by a restart or by a database that is slow to commit."""

import random
import threading
import time
from contextlib import ExitStack

import pytest
from tests.conftest import need
from tests.nemesis.conftest import with_stores
from tests.nemesis.databases import DATABASES
from tests.nemesis.figures import milliseconds, note, number, percentile
from tests.nemesis.processes import Light, Refused, lights
from tests.nemesis.waiting import pause, until
from tests.nemesis.world import part_of
from tests.servers import redis

WORKERS = 4
SESSIONS = 50
BATCHES = number(1, 10)
"""Of so many sessions: that every worker looks at all of them without end is work for two processors already."""
POLL = 0.5
BOUND = 1.0
"""Seconds within which 99 of 100 revocations are to be known everywhere (DESIGN section 6)."""


def log_in(node, name, count):
    node.ask("sign_up", username=name)
    return [node.ask("log_in", username=name)["access"] for _ in range(count)]


def watch(workers, tokens):
    """Let every worker look at every token without end, and return which token each number is about.

    Each answer is heard before the next question: pipes hold only so much.
    """
    numbers = {}
    for token in tokens:
        for worker in workers:
            numbers[worker, worker.send("watch", token=token)] = token
        assert {worker.hear()[2] for worker in workers} == {"good"}
    return numbers


def end_at_random(origin, tokens):
    """End each session, at no particular moment of anyone's polling, and return when each end was acknowledged."""
    chance, ended = random.Random(0), {}
    for token in tokens:
        pause(chance.uniform(0, 0.11))
        assert origin.ask("end_session_of", token=token) is True
        ended[token] = time.monotonic()
    return ended


def delays_of(url, **options):
    """End sessions, and return how long each of the workers took to refuse the tokens of each."""
    delays = []
    with ExitStack() as stack:
        origin, *workers = lights(stack, 1 + WORKERS, "answer", url, follow=True, **options)
        bystander = log_in(origin, "grace", 1)[0]
        for batch in range(BATCHES):
            delays += delays_in(origin, workers, log_in(origin, f"ada{batch}", SESSIONS))
        assert {worker.ask("who", token=bystander) for worker in workers} == {origin.ask("who", token=bystander)}
    assert len(delays) == BATCHES * SESSIONS * WORKERS
    return delays


def delays_in(origin, workers, tokens):
    """End the sessions of these tokens, and return how long each of the workers took to refuse each."""
    numbers = watch(workers, tokens)
    ended, delays = end_at_random(origin, tokens), []
    for worker in workers:
        for _ in tokens:
            heard, code, at = worker.hear()
            assert code == "invalid_token"
            delays.append(at - ended[numbers[worker, heard]])
    return delays


def report(way, store, delays):
    figures = {f"p{share}_ms": milliseconds(percentile(delays, share / 100)) for share in (50, 99)}
    note(f"revocation by {way}", store=store, workers=WORKERS, revocations=len(delays) // WORKERS, **figures)


def test_every_process_knows_of_a_revocation_within_a_second(database):
    delays = delays_of(database.url)
    report("NOTIFY" if database.kind == "postgresql" else "polling", database.kind, delays)
    assert percentile(delays, 0.99) < BOUND


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_without_a_push_polling_is_quick_enough_and_with_redis_it_is_quicker(kind, tmp_path, servers):
    with DATABASES[kind].make(servers(kind), tmp_path) as database:
        with_stores(database.url, lambda stores: stores.migrate())
        if kind == "postgresql":
            delays = delays_of(f"{database.url}?push=false")
            report("polling", kind, delays)
        else:
            need(redis.why_not())
            with redis.running_redis() as server:
                delays = delays_of(database.url, redis_url=server.url)
            report("Redis", kind, delays)
            assert percentile(delays, 0.5) < POLL / 2
        assert percentile(delays, 0.99) < BOUND


@pytest.mark.parametrize("loss", ["kill", "pause", "flush"])
def test_the_loss_of_redis_loses_no_revocation_and_no_login(database, loss):
    need(redis.why_not())
    with redis.running_redis() as server, ExitStack() as stack:
        nodes = lights(stack, 2, "answer", database.url, follow=True, redis_url=server.url)
        before, during = log_in(nodes[0], "ada", 2)
        good = log_in(nodes[0], "grace", 1)[0]
        nodes[0].ask("end_session_of", token=before)
        until(lambda: refuses(nodes[1], before), "the push comes", BOUND)
        getattr(server, loss)()
        nodes[0].ask("end_session_of", token=during)
        lost = until(lambda: refuses(nodes[1], during), "polling goes on", 2 * BOUND)
        assert nodes[1].ask("log_in", username="ada")["access"]
        newcomer = stack.enter_context(Light("answer", database.url, follow=True, redis_url=server.url)).ready()
        for node in (*nodes, newcomer):
            assert (refuses(node, before), refuses(node, during), refuses(node, good)) == (True, True, False)
        if loss == "pause":
            server.resume()
        if loss == "kill":
            server.start()
        assert (refuses(nodes[1], before), refuses(nodes[1], during), refuses(nodes[1], good)) == (True, True, False)
    note(f"Redis {loss}", store=database.kind, lost_revocations=0, reached_ms=milliseconds(lost))


def refuses(node, token):
    try:
        node.ask("who", token=token)
    except Refused as refused:
        return refused.code == "invalid_token"
    return False


def test_an_entry_that_is_committed_late_is_not_lost(server_database):
    """Its sequence is lower than those that everyone has read already (DESIGN section 6)."""
    if server_database.kind != "postgresql":
        assert server_database.kind == "mongodb"  # gives a sequence to an entry in the moment that it is there
        return
    name = server_database.url.rpartition("/")[2]
    with ExitStack() as stack:
        nodes = lights(stack, 2, "answer", server_database.url, follow=True)
        late, early = log_in(nodes[0], "ada", 2)
        session = part_of(late, 1, "sid")
        insert = (
            "BEGIN; INSERT INTO watchword_revocations (kind, subject, at, expires_at) "
            f"VALUES ('session', '{session}', 0, 4000000000000); SELECT pg_sleep(3); COMMIT"
        )
        inserting = threading.Thread(target=server_database.server.run, args=(insert, name))
        inserting.start()
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        until(lambda: server_database.server.run(waiting) == "1", "the entry is inserted")
        nodes[0].ask("end_session_of", token=early)
        until(lambda: refuses(nodes[1], early), "the later entry comes", BOUND)
        assert not refuses(nodes[1], late)
        inserting.join()
        took = max(until(lambda n=node: refuses(n, late), "the late entry comes", BOUND) for node in nodes)
    note("feed gap", store=server_database.kind, lost=0, late_by_s=3, reached_ms=milliseconds(took))


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
