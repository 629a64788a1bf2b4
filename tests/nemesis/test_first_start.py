"""Several processes start at the same moment on a new database: one key signs, and everyone knows it at once."""

from contextlib import ExitStack

from tests.nemesis.conftest import with_stores
from tests.nemesis.figures import note, number
from tests.nemesis.processes import lights

PROCESSES = 4
ROUNDS = number(5, 50)
AT_ONCE = 20


def start_on_a_new_key(url):
    """Start together, and return what each makes of the others' tokens, many at once."""
    with ExitStack() as stack:
        nodes = lights(stack, PROCESSES, "answer", url)
        machine = dict(zip(("client_id", "secret"), nodes[0].ask("new_machine"), strict=True))
        tokens = [nodes[0].ask("machine_token", **machine) for _ in range(AT_ONCE)]
        for node in nodes:
            node.send("all", errands=[("who", {"token": token}) for token in tokens])
        return [code for node in nodes for code, _ in node.hear()[2]]


async def take_every_key_away(stores):
    """Leave the database as a new one is, and say how many keys there were."""
    return await stores.keys.purge([key.kid for key in await stores.keys.list()])


def test_processes_that_start_together_agree_on_one_key(database):
    for _ in range(ROUNDS):
        assert start_on_a_new_key(database.url) == [""] * AT_ONCE * PROCESSES
        assert with_stores(database.url, take_every_key_away) == 1
    note("first start", store=database.kind, processes=PROCESSES, rounds=ROUNDS, keys_each=1, refused=0)
