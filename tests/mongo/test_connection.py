"""The connection: what its URL cannot weaken, event loops, and servers that are away."""

import asyncio
import time
import traceback

import pytest
from tests.contracts.records import some_user
from tests.servers.mongo import free_port

from watchword.core.errors import StoreUnavailable
from watchword.ports.identity import Added
from watchword.stores.mongo import open_mongo
from watchword.stores.mongo.connection import DURABLE, MAJORITY, Connection


async def test_no_url_weakens_what_durable_means():
    connection = Connection("mongodb://host/db?w=1&journal=false&readPreference=secondary&readConcernLevel=local")
    collection = connection.collection("users", MAJORITY)
    assert (collection.write_concern, collection.read_concern) == (DURABLE, MAJORITY)
    assert collection.read_preference.mode == 0
    await connection.close()


async def test_the_url_may_set_the_time_of_a_call():
    hasty = Connection("mongodb://host/db?timeoutms=50")
    assert hasty.collection("users", MAJORITY).database.client.options.timeout == 0.05
    usual = Connection("mongodb://host/db")
    assert usual.collection("users", MAJORITY).database.client.options.timeout == 0.7
    for each in (hasty, usual):
        await each.close()


async def test_a_server_that_is_not_there_is_said_within_a_second_and_without_credentials():
    stores = open_mongo(f"mongodb://ada:canary@127.0.0.1:{free_port()}/db")
    took = []
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(StoreUnavailable) as refusal:
            await stores.users.find("ada")
        took.append(time.monotonic() - started)
    assert min(took) < 1.0
    assert refusal.value.hint
    assert "canary" not in "".join(traceback.format_exception(refusal.value))
    await stores.close()


async def test_a_store_that_is_closed_says_so(mongo_url):
    stores = open_mongo(mongo_url)
    await stores.ping()
    await stores.close()
    with pytest.raises(StoreUnavailable) as refusal:
        await stores.ping()
    assert refusal.value.hint == "the store is closed"
    await stores.close()


def test_each_event_loop_has_a_client_of_its_own(mongo_url):
    connection = Connection(mongo_url)

    async def use():
        await connection.ping()
        client = connection._clients.pop(asyncio.get_running_loop())
        await client.close()
        return id(client)

    first, second = asyncio.run(use()), asyncio.run(use())
    assert first
    assert second


async def test_a_server_that_was_killed_is_found_again(own_server):
    stores = open_mongo(own_server.url("back"))
    await stores.migrate()
    assert await stores.users.add(some_user("a")) == Added.ADDED
    own_server.kill()
    with pytest.raises(StoreUnavailable):
        await stores.users.add(some_user("b"))
    own_server.start()
    deadline = time.monotonic() + 5
    while True:
        try:
            assert len(await stores.users.list(limit=9)) == 1
            break
        except StoreUnavailable:
            assert time.monotonic() < deadline
    assert await stores.users.add(some_user("b")) == Added.ADDED
    await stores.close()


async def test_a_server_that_hangs_is_said_within_a_second(own_server):
    stores = open_mongo(own_server.url("hangs"))
    await stores.migrate()
    own_server.pause()
    took = []
    for _ in range(3):
        started = time.monotonic()
        with pytest.raises(StoreUnavailable):
            await stores.users.find("ada")
        took.append(time.monotonic() - started)
    assert min(took) < 1.0
    own_server.resume()
    deadline = time.monotonic() + 5
    answer = StoreUnavailable()
    while isinstance(answer, StoreUnavailable) and time.monotonic() < deadline:
        (answer,) = await asyncio.gather(stores.users.find("ada"), return_exceptions=True)
    assert answer is None
    await stores.close()
