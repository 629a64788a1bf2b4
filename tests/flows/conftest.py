import pytest
from tests.flows.world import World


@pytest.fixture
async def world():
    """A running context over the memory store, with a clock that stands still."""
    made = World()
    await made.ctx.start(follow=False)
    yield made
    await made.ctx.close()


@pytest.fixture
async def worlds():
    """Makes worlds: `await worlds(around=..., tokens=..., ...)`."""
    made = []

    async def make(**options):
        world = World(**options)
        made.append(world)
        await world.ctx.start(follow=False)
        return world

    yield make
    for world in made:
        await world.ctx.close()
