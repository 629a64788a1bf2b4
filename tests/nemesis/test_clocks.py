"""Nodes whose clocks differ by a minute, and a clock that is set back: nothing spent revives."""

import time
from datetime import datetime

import pytest
from tests.nemesis.figures import note
from tests.nemesis.processes import Light, Refused
from tests.nemesis.waiting import until
from tests.nemesis.world import part_of

MINUTE, HOUR = 60, 3600


def node(url, *, shift=0.0, **tokens):
    return Light("answer", url, clock={"shift": shift, "epoch": time.time()}, tokens=tokens)


def refusals(node, *tokens):
    found = []
    for errand, token in tokens:
        with pytest.raises(Refused) as refused:
            node.ask(errand, token=token)
        found.append(refused.value.code)
    return found


def test_within_the_leeway_nodes_a_minute_apart_take_each_others_tokens(database):
    options = {"leeway": MINUTE + 10, "refresh_grace": 2 * MINUTE}
    with node(database.url, **options) as right, node(database.url, shift=MINUTE, **options) as ahead:
        person = right.ready().ask("sign_up", username="ada")
        held = ahead.ready().ask("log_in", username="ada")
        for nodes in [(right, ahead), (ahead, right)] * 5:
            assert [each.ask("who", token=held["access"]) for each in nodes] == [person] * 2
            first = nodes[0].ask("refresh", token=held["refresh"])
            again = nodes[1].ask("refresh", token=held["refresh"])
            assert first["refresh"] == again["refresh"]
            held = first
    note("clocks apart", store=database.kind, seconds=MINUTE, leeway=options["leeway"], refused=0)


def test_beyond_the_leeway_a_token_from_the_future_is_refused_and_no_session_is_lost(database):
    with node(database.url) as right, node(database.url, shift=MINUTE) as ahead:
        person = right.ready().ask("sign_up", username="ada")
        held = ahead.ready().ask("log_in", username="ada")
        assert refusals(right, ("who", held["access"])) == ["invalid_token"]
        held = right.ask("refresh", token=held["refresh"])
        assert [each.ask("who", token=held["access"]) for each in (right, ahead)] == [person] * 2


def test_a_revocation_by_a_node_that_is_behind_holds_on_one_that_is_ahead(database):
    with node(database.url, shift=-MINUTE, leeway=2 * MINUTE) as behind, node(database.url, leeway=2 * MINUTE) as right:
        person = behind.ready().ask("sign_up", username="ada")
        held = right.ready().ask("log_in", username="ada")
        assert behind.ask("who", token=held["access"]) == person
        behind.ask("end_session_of", token=held["access"])
        assert refusals(behind, ("who", held["access"]), ("refresh", held["refresh"])) == [
            "invalid_token",
            "invalid_grant",
        ]
    with node(database.url, shift=MINUTE) as ahead:
        assert refusals(ahead.ready(), ("who", held["access"]), ("refresh", held["refresh"])) == [
            "invalid_token",
            "invalid_grant",
        ]


@pytest.mark.parametrize("back", [MINUTE, HOUR, 24 * HOUR])
def test_a_clock_that_is_set_back_revives_nothing_that_was_spent_or_revoked(database, back):
    with node(database.url) as before:
        before.ready().ask("sign_up", username="ada")
        replayed, revoked, held, spent = (before.ask("log_in", username="ada") for _ in range(4))
        before.ask("refresh", token=spent["refresh"])
        second = before.ask("refresh", token=replayed["refresh"])
        before.ask("refresh", token=second["refresh"])
        before.ask("revoke", token=revoked["refresh"])
    with node(database.url, shift=-back) as after:
        after.ready()
        assert (
            refusals(after, ("refresh", revoked["refresh"]), ("refresh", replayed["refresh"])) == ["invalid_grant"] * 2
        )
        assert refusals(after, ("refresh", second["refresh"])) == ["invalid_grant"]
        assert after.ask("family", token=second["refresh"])["status"] == "revoked"
        assert refusals(after, ("refresh", spent["refresh"])) == ["invalid_grant"]
        held = after.ask("refresh", token=held["refresh"])
        assert after.ask("who", token=held["access"])
        assert refusals(after, ("who", revoked["access"])) == ["invalid_token"]


def test_a_clock_that_is_set_back_does_not_revive_an_access_token_that_had_expired(database):
    with node(database.url, access_ttl=1) as before:
        before.ready().ask("sign_up", username="ada")
        held = before.ask("log_in", username="ada")
    with node(database.url, shift=10) as later:
        assert refusals(later.ready(), ("who", held["access"])) == ["invalid_token"]
    with node(database.url, shift=-HOUR) as back:
        assert refusals(back.ready(), ("who", held["access"])) == ["invalid_token"]
        assert back.ask("who", token=back.ask("refresh", token=held["refresh"])["access"])


@pytest.mark.parametrize("back", [MINUTE, HOUR - MINUTE])
def test_a_clock_set_back_while_a_node_runs_does_not_revive_what_had_expired_untouched(database, back):
    ttl = 1
    with Light("answer", database.url, clock={"set": 1}, tokens={"refresh_idle_ttl": ttl, "access_ttl": ttl}) as node:
        node.ready().ask("sign_up", username="ada")
        held = node.ask("log_in", username="ada")
        assert node.ask("who", token=held["access"])
        until(lambda: seconds_since(node, held) > ttl + 1, "the tokens expire")
        before = node.ask("now")
        node.ask("set_clock", seconds=-back)
        assert node.ask("now") >= before
        assert refusals(node, ("who", held["access"]), ("refresh", held["refresh"])) == [
            "invalid_token",
            "invalid_grant",
        ]
        again = node.ask("log_in", username="ada")
        assert node.ask("who", token=node.ask("refresh", token=again["refresh"])["access"])


def test_a_clock_that_was_a_year_ahead_for_a_moment_ends_nothing_and_freezes_nothing(database):
    with Light("answer", database.url, clock={"set": 1}) as node:
        node.ready().ask("sign_up", username="ada")
        held = node.ask("log_in", username="ada")
        node.ask("set_clock", seconds=365 * 24 * HOUR)
        assert refusals(node, ("who", held["access"])) == ["invalid_token"]
        node.ask("set_clock", seconds=-365 * 24 * HOUR)
        assert node.ask("who", token=held["access"])
        assert node.ask("who", token=node.ask("refresh", token=held["refresh"])["access"])


def seconds_since(node, held):
    return datetime.fromisoformat(node.ask("now")).timestamp() - int(part_of(held["access"], 1, "iat"))
