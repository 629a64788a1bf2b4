"""A migration under load, interrupted at any moment, and started twice: nobody fails, and it can always be finished."""

import random
import time
from contextlib import ExitStack

from tests.nemesis.conftest import with_stores
from tests.nemesis.figures import note, number
from tests.nemesis.processes import Light, lights
from tests.nemesis.waiting import pause

KILLS = number(12, 100)
"""How often a migrator is killed."""
READERS = 2


def migrator(url):
    return Light("migrate", url).ready()


def test_a_migration_that_is_killed_again_and_again_can_be_finished(empty_database):
    chance, begun = random.Random(0), time.monotonic()
    for _ in range(KILLS):
        with migrator(empty_database.url) as light:
            light.pipe.send("go")
            pause(chance.uniform(0, 0.2))
    with_stores(empty_database.url, lambda stores: stores.migrate())
    with_stores(empty_database.url, lambda stores: stores.check_schema())
    with Light("answer", empty_database.url) as node:
        assert node.ready().ask("sign_up", username="ada")
    empty_database.check()
    seconds = round(time.monotonic() - begun, 1)
    note("migration killed", store=empty_database.kind, kills=KILLS, finished=True, seconds=seconds)


def test_two_migrators_at_once_both_succeed(empty_database):
    with ExitStack() as stack:
        migrators = lights(stack, 2, "migrate", empty_database.url)
        for light in migrators:
            light.pipe.send("go")
        assert [light.hear() for light in migrators] == ["done"] * 2
    empty_database.check()


def test_the_version_before_works_on_while_the_schema_is_migrated(empty_sql_database):
    url = empty_sql_database.url
    with ExitStack() as stack:
        lights(stack, 1, "make first schema", url)
        before = lights(stack, READERS, "use as before", url)
        pause(0.5)
        light = stack.enter_context(migrator(url))
        light.pipe.send("go")
        assert light.hear() == "done"
        pause(0.5)
        for user in before:
            user.pipe.send("stop")
        statements = [user.hear() for user in before]
        node = stack.enter_context(Light("answer", url)).ready()
        assert node.ask("sign_up", username="ada")
    assert min(statements) > 0
    empty_sql_database.check()
    note("migration under load", store=empty_sql_database.kind, statements=sum(statements), failed=0)
