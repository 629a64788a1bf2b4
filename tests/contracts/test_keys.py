"""Signing keys at rest."""

from dataclasses import replace

import pytest
from tests.contracts.records import DAY, NOW, some_key

from watchword.ports.grants import KeyAdded


async def test_keys_come_back_by_generation(stores):
    second, first = some_key(2, public_jwk={}), some_key(1)
    assert await stores.keys.list() == []
    assert await stores.keys.add(second) == KeyAdded.ADDED
    assert await stores.keys.add(first) == KeyAdded.ADDED
    assert await stores.keys.list() == [first, second]


async def test_a_generation_is_given_once(stores):
    first = some_key(1)
    await stores.keys.add(first)
    assert await stores.keys.add(some_key(1)) == KeyAdded.GENERATION_TAKEN
    assert await stores.keys.add(first) == KeyAdded.GENERATION_TAKEN
    assert await stores.keys.list() == [first]


async def test_the_same_kid_in_another_generation_is_the_callers_mistake(stores):
    first = some_key(1)
    await stores.keys.add(first)
    with pytest.raises(ValueError, match="exists"):
        await stores.keys.add(replace(first, generation=2))


async def test_revoke_happens_once(stores):
    key = some_key(1)
    await stores.keys.add(key)
    assert await stores.keys.revoke(key.kid, now=NOW) is True
    assert await stores.keys.revoke(key.kid, now=NOW + DAY) is False
    assert await stores.keys.revoke("x' UNION SELECT 'k'--", now=NOW) is False
    assert await stores.keys.list() == [replace(key, revoked_at=NOW)]


async def test_purge_deletes_the_named_keys(stores):
    keys = [some_key(generation) for generation in (1, 2, 3)]
    for key in keys:
        await stores.keys.add(key)
    assert await stores.keys.purge([]) == 0
    assert await stores.keys.purge([keys[0].kid, keys[0].kid, keys[2].kid, "other"]) == 2
    assert await stores.keys.list() == [keys[1]]
