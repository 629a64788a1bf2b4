"""A process that ends in order takes nothing from those that stay: what they write afterwards, everyone sees."""

import asyncio

from tests.nemesis.processes import Light
from tests.nemesis.world import ERRANDS, open_node

from watchword.stores.open import open_stores


def leave(node):
    node.pipe.send(None)
    assert node.hear() == "gone"


def test_a_process_that_leaves_does_not_split_the_store_for_those_that_stay(database):
    with asyncio.Runner() as runner, Light("answer", database.url) as leaving:
        stores, once_more = open_stores(database.url), open_stores(database.url)
        staying = open_node(database.url, stores)
        runner.run(staying.start(follow=False))
        runner.run(ERRANDS["sign_up"](staying, "ada"))
        held = runner.run(ERRANDS["log_in"](staying, "ada"))
        runner.run(once_more.ping())  # one more connection of this process
        held = leaving.ready().ask("refresh", token=held["refresh"])
        leave(leaving)
        held = runner.run(ERRANDS["refresh"](staying, held["refresh"]))
        with Light("answer", database.url) as newcomer:
            family = newcomer.ready().ask("family", token=held["refresh"])
            assert family == runner.run(ERRANDS["family"](staying, held["refresh"]))
            held = newcomer.ask("refresh", token=held["refresh"])
        assert runner.run(ERRANDS["refresh"](staying, held["refresh"]))["refresh"]
        runner.run(staying.close())
        for opened in (stores, once_more):
            runner.run(opened.close())
    database.check()
