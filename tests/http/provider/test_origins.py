"""How often the origins of clients are read, whoever asks (Fetch, CORS protocol)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.flows.doubles import wrap
from tests.http.provider.world import ORIGIN

from watchword.core.errors import StoreUnavailable
from watchword.fastapi.cors import FRESH_FOR, Origins


class Slow:
    """Lists clients once it is told to, and counts how often it was asked."""

    def __init__(self):
        self.asked = 0
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.down = False

    async def __call__(self, noun, verb, call):
        if (noun, verb) == ("clients", "list"):
            self.asked += 1
            await self.go_on.wait()
            if self.down:
                raise StoreUnavailable(hint="the test pulled the plug")
        return await call()


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def ctx(world, slow):
    return replace(world.auth.context, stores=wrap(world.stores, slow))


async def test_many_pages_that_ask_at_once_make_the_clients_be_read_once(world, slow, ctx):
    origins = Origins()
    assert await origins.has(ctx, ORIGIN)
    world.clock.tick(FRESH_FOR)
    slow.go_on.clear()
    asking = [asyncio.create_task(origins.has(ctx, ORIGIN)) for _ in range(50)]
    done, waiting = await asyncio.wait(asking, timeout=0.05)
    assert (len(done), slow.asked) == (49, 2)
    slow.go_on.set()
    await asyncio.wait(waiting)
    assert all(task.result() for task in asking)


async def test_what_could_not_be_read_is_asked_for_again(world, slow, ctx):
    origins = Origins()
    assert not await origins.has(ctx, "https://other.example")
    world.clock.tick(FRESH_FOR + timedelta(seconds=1))
    slow.down = True
    with pytest.raises(StoreUnavailable):
        await origins.has(ctx, ORIGIN)
    slow.down = False
    await world.add_client("Other", metadata={"origins": ("https://other.example",)})
    assert await origins.has(ctx, "https://other.example")
