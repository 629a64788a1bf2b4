"""The clients in use, in memory: few reads, and nothing believed for too long."""

import asyncio
from dataclasses import replace

import pytest
from tests.contracts.records import some_client
from tests.flows.doubles import Outage

from watchword.core.errors import StoreUnavailable
from watchword.flows.client_book import ClientBook

CLIENT = some_client(id="client-1")


class Counting:
    """Counts the reads of clients, and may hold them up."""

    def __init__(self):
        self.asked = []
        self.gate = None
        self.began = asyncio.Event()

    async def __call__(self, noun, verb, call):
        if (noun, verb) == ("clients", "find"):
            answer = await call()
            self.asked.append([client.id for client in answer])
            self.began.set()
            if self.gate is not None:
                await self.gate.wait()
            return answer
        return await call()


@pytest.fixture
async def counted(worlds):
    counting = Counting()
    world = await worlds(around=counting)
    await world.plain.clients.add(CLIENT)
    counting.asked.clear()
    return world, counting


async def test_a_client_in_use_is_read_once_and_then_by_the_follower(counted):
    world, counting = counted
    for _ in range(100):
        assert await world.ctx.clients.find(CLIENT.id) == CLIENT
    assert counting.asked == [[CLIENT.id]]
    for _ in range(10):
        world.clock.tick(0.5)
        await world.ctx.follower.catch_up()
        assert await world.ctx.clients.find(CLIENT.id) == CLIENT
    assert counting.asked == [[CLIENT.id]] * 11


async def test_without_the_follower_a_client_is_asked_for_again_after_two_seconds(counted):
    world, counting = counted
    await world.ctx.clients.find(CLIENT.id)
    world.clock.tick(1.999)
    await world.ctx.clients.find(CLIENT.id)
    assert len(counting.asked) == 1
    world.clock.tick(0.001)
    await world.ctx.clients.find(CLIENT.id)
    assert len(counting.asked) == 2


async def test_a_clock_that_is_set_back_makes_nothing_fresh(counted):
    world, _ = counted
    await world.ctx.clients.find(CLIENT.id)
    await world.plain.clients.delete(CLIENT.id)
    world.clock.tick(-3600)
    assert await world.ctx.clients.find(CLIENT.id) is None


async def test_what_another_process_changes_is_known_after_the_next_pass(counted):
    world, _ = counted
    await world.ctx.clients.find(CLIENT.id)
    await world.plain.clients.disable(CLIENT.id, now=world.clock.now())
    assert not (await world.ctx.clients.find(CLIENT.id)).disabled
    await world.ctx.follower.catch_up()
    assert (await world.ctx.clients.find(CLIENT.id)).disabled
    await world.plain.clients.delete(CLIENT.id)
    await world.ctx.follower.catch_up()
    assert await world.ctx.clients.find(CLIENT.id) is None


async def test_an_unknown_id_is_asked_for_once_in_a_second(counted):
    world, counting = counted
    for _ in range(100):
        assert await world.ctx.clients.find("other") is None
    assert counting.asked == [[]]
    await world.plain.clients.add(some_client(id="other"))
    world.clock.tick(1)
    assert (await world.ctx.clients.find("other")).id == "other"


async def test_an_id_that_no_client_can_have_is_not_asked_for(counted):
    world, counting = counted
    assert await world.ctx.clients.find("x" * 129) is None
    assert counting.asked == []


async def test_a_flood_of_unknown_ids_takes_bounded_memory_and_displaces_no_client(counted):
    world, _ = counted
    book = ClientBook(world.plain.clients, world.clock, most=10)
    await book.find(CLIENT.id)
    for number in range(1000):
        await book.find(f"nobody-{number}")
    assert len(book) == 11
    await world.plain.clients.delete(CLIENT.id)
    assert await book.find(CLIENT.id) == CLIENT


async def test_no_more_clients_than_the_most_are_remembered(counted):
    world, _ = counted
    book = ClientBook(world.plain.clients, world.clock, most=10)
    for number in range(30):
        client = some_client(id=f"many-{number}")
        await world.plain.clients.add(client)
        assert await book.find(client.id) == client
    assert len(book) == 10


async def test_a_client_that_nobody_uses_is_forgotten_after_a_minute(counted):
    world, counting = counted
    await world.ctx.clients.find(CLIENT.id)
    world.clock.tick(61)
    await world.ctx.follower.catch_up()
    assert (len(world.ctx.clients), len(counting.asked)) == (0, 1)


async def test_a_read_that_began_before_a_change_is_not_remembered(counted):
    world, counting = counted
    book = world.ctx.clients
    for read in (lambda: book.find(CLIENT.id), book.reload):
        counting.gate = asyncio.Event()
        reading = asyncio.create_task(read())
        await counting.began.wait()
        await world.plain.clients.disable(CLIENT.id, now=world.clock.now())
        book.forget(CLIENT.id)
        counting.gate.set()
        await reading
        assert (await book.find(CLIENT.id)).disabled
        await world.plain.clients.enable(CLIENT.id)
        book.forget(CLIENT.id)
        assert not (await book.find(CLIENT.id)).disabled
        counting.began.clear()


async def test_without_its_database_a_process_soon_issues_nothing_more(worlds):
    outage = Outage()
    world = await worlds(around=outage)
    machine = await world.machine()
    await machine.token()
    outage.down = {("clients", "*")}
    assert (await machine.token()).scope == "read write"
    world.clock.tick(2)
    with pytest.raises(StoreUnavailable):
        await machine.token()
    outage.down = set()
    assert (await machine.token()).scope == "read write"


async def test_a_changed_record_replaces_the_old_one(counted):
    world, _ = counted
    await world.ctx.clients.find(CLIENT.id)
    new = replace(CLIENT, secret_hashes=(b"n" * 32,))
    await world.plain.clients.rotate_secret(CLIENT.id, expected=CLIENT.secret_hashes, secret_hashes=new.secret_hashes)
    await world.ctx.follower.catch_up()
    assert await world.ctx.clients.find(CLIENT.id) == new
