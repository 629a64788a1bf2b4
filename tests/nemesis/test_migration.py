"""A migration under load, interrupted at any moment, and started twice: nobody fails, and it can always be finished."""

import asyncio
import random
import time
from contextlib import ExitStack

import pytest
from sqlalchemy import create_engine, inspect, text
from tests.nemesis.conftest import with_stores
from tests.nemesis.figures import note, number
from tests.nemesis.processes import Light, lights
from tests.nemesis.waiting import pause

from watchword.stores.sql import schema

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
