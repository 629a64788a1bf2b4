"""The model of the refresh family (`tests/flows/test_refresh_machine.py`) against every database, by the real flow."""

import asyncio
from itertools import count

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from tests.flows.test_refresh_machine import RefreshFamilyMachine
from tests.flows.world import World
from tests.nemesis.figures import note, number

from watchword.stores.open import open_stores

EXAMPLES = number(25, 1000)
STEPS = number(25, 60)
names = count()


class OnDatabase(RefreshFamilyMachine):
    """All examples share one database, and each has its own people."""

    def __init__(self, runner, stores):
        super().__init__()
        self.runner, self.shared = runner, stores

    def open_world(self, tokens):
        self.name = f"ada-{next(names)}"
        self.world = World(tokens=tokens, stores=self.shared)

    def close_world(self):
        """The next example goes on with the same database and event loop."""


def test_a_family_does_what_the_model_does_on_every_database(database):
    with asyncio.Runner() as runner:
        stores = open_stores(database.url)
        slow = [HealthCheck.too_slow]
        chosen = settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=slow, database=None
        )
        run_state_machine_as_test(lambda: OnDatabase(runner, stores), settings=chosen)
        families = runner.run(stores.users.list(limit=10_000))
        runner.run(stores.close())
    assert len(families) > EXAMPLES
    note("model of the family", store=database.kind, examples=EXAMPLES, steps=STEPS, differences=0)
