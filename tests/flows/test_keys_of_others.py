"""Keys that another process has just made: every token of theirs is good at once, and no second one is made."""

import asyncio
from dataclasses import replace

import pytest
from tests.flows.world import World

from watchword.core.errors import InvalidToken
from watchword.flows import key_rotation
from watchword.flows.access import authenticate
from watchword.flows.live_keys import UNKNOWN_KEY_INTERVAL


class SlowKeys:
    """Signing keys that take a few turns of the event loop to be read, as those of a real database do."""

    def __init__(self, keys):
        self._keys = keys
        self.reads = 0

    def __getattr__(self, name):
        return getattr(self._keys, name)

    async def list(self):
        self.reads += 1
        for _ in range(5):
            await asyncio.sleep(0)
        return await self._keys.list()


@pytest.fixture
async def pair():
    """Two processes over one store; the second reads its keys slowly."""
    first = World()
    await first.ctx.start(follow=False)
    second = World(stores=first.plain, clock=first.clock)
    await second.ctx.start(follow=False)
    second.keys = SlowKeys(first.plain.keys)
    object.__setattr__(second.ctx.keys, "_store", second.keys)
    yield first, second
    await first.ctx.close()
    await second.ctx.close()


async def test_of_many_tokens_of_a_new_key_at_once_none_is_refused_and_keys_are_read_once(pair):
    first, second = pair
    await first.sign_up()
    await key_rotation.rotate(first.ctx, immediately=True)
    tokens = [(await first.login()).access_token for _ in range(20)]
    principals = await asyncio.gather(*(authenticate(second.ctx, token) for token in tokens))
    assert len({principal.token_id for principal in principals}) == 20
    assert second.keys.reads == 1


async def test_of_many_tokens_of_a_key_that_nobody_has_all_are_refused_after_one_read(pair):
    first, second = pair
    await first.sign_up()
    await key_rotation.rotate(first.ctx, immediately=True)
    answer = await first.login()
    key = first.ctx.keys.ring.newest
    await first.plain.keys.purge([key.kid])
    tries = (authenticate(second.ctx, answer.access_token) for _ in range(20))
    refusals = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(refusal, InvalidToken) for refusal in refusals)
    assert second.keys.reads == 1
    second.clock.tick(UNKNOWN_KEY_INTERVAL)
    with pytest.raises(InvalidToken):
        await authenticate(second.ctx, answer.access_token)
    assert second.keys.reads == 2


@pytest.mark.parametrize("immediately", [True, False])
async def test_who_looked_at_the_clock_before_the_winner_did_makes_no_second_key(pair, immediately):
    first, second = pair
    before = len(await first.plain.keys.list())
    add = first.plain.keys.add
    meanwhile = []

    async def add_too_late(key):
        if not meanwhile:
            first.clock.tick(0.005)
            meanwhile.append(await key_rotation.rotate(first.ctx, immediately=immediately))
        return await add(key)

    second.keys.add = add_too_late
    object.__setattr__(second.ctx, "stores", replace(second.ctx.stores, keys=second.keys))
    assert await key_rotation.rotate(second.ctx, immediately=immediately) == meanwhile[0]
    assert len(await first.plain.keys.list()) == before + 1
