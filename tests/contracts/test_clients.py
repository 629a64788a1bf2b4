"""Registered clients."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from tests.contracts.records import DAY, NOW, some_client

from watchword.ports.identity import Change

CLIENT = some_client()
OLD, NEW = CLIENT.secret_hashes, (b"new" * 10, *CLIENT.secret_hashes)


async def find(stores, client_id=CLIENT.id):
    return next(iter(await stores.clients.find([client_id])), None)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"scopes": None, "secret_hashes": ()},
        {"scopes": frozenset(), "first_party": True, "may_introspect": True, "disabled_at": NOW},
    ],
)
async def test_a_stored_client_comes_back_as_it_was(stores, fields):
    client = some_client(**fields)
    await stores.clients.add(client)
    assert await find(stores, client.id) == client
    assert await find(stores, "other") is None


async def test_the_same_id_twice_is_the_callers_mistake(stores):
    await stores.clients.add(CLIENT)
    with pytest.raises(ValueError, match="exists"):
        await stores.clients.add(CLIENT)


async def test_several_are_found_at_once_and_what_is_no_client_is_left_out(stores):
    many = sorted((some_client(f"client {number}") for number in range(3)), key=lambda client: client.id)
    for client in many:
        await stores.clients.add(client)
    ids = [client.id for client in many]
    assert await stores.clients.find([*reversed(ids), "other", "\ud800", ids[0]]) == many
    assert await stores.clients.find(ids[1:]) == many[1:]
    assert await stores.clients.find([]) == []


async def test_more_than_any_statement_holds_are_found(stores):
    await stores.clients.add(CLIENT)
    assert await stores.clients.find([CLIENT.id, *(f"client-{number}" for number in range(1200))]) == [CLIENT]


async def test_a_list_goes_on_behind_the_last_id(stores):
    many = sorted((some_client() for _ in range(5)), key=lambda client: client.id)
    for client in many:
        await stores.clients.add(client)
    assert await stores.clients.list(limit=3) == many[:3]
    assert await stores.clients.list(limit=3, after=many[2].id) == many[3:]


async def test_a_secret_is_rotated_from_what_it_was(stores):
    await stores.clients.add(CLIENT)
    assert await stores.clients.rotate_secret(CLIENT.id, expected=OLD, secret_hashes=NEW) == Change.CHANGED
    assert await find(stores) == replace(CLIENT, secret_hashes=NEW)
    assert await stores.clients.rotate_secret(CLIENT.id, expected=OLD, secret_hashes=(b"x",)) == Change.STALE
    assert await stores.clients.rotate_secret("other", expected=OLD, secret_hashes=NEW) == Change.ABSENT
    assert (await find(stores)).secret_hashes == NEW


async def test_rotate_secret_has_exactly_one_winner(stores):
    await stores.clients.add(CLIENT)
    attempts = (
        stores.clients.rotate_secret(CLIENT.id, expected=OLD, secret_hashes=(bytes([number]), *OLD))
        for number in range(16)
    )
    assert Counter(await asyncio.gather(*attempts)) == {Change.CHANGED: 1, Change.STALE: 15}


async def test_a_client_is_disabled_and_enabled_once(stores):
    await stores.clients.add(CLIENT)
    assert await stores.clients.disable(CLIENT.id, now=NOW + DAY) == Change.CHANGED
    assert await stores.clients.disable(CLIENT.id, now=NOW + 2 * DAY) == Change.UNCHANGED
    assert await find(stores) == replace(CLIENT, disabled_at=NOW + DAY)
    assert await stores.clients.enable(CLIENT.id) == Change.CHANGED
    assert await stores.clients.enable(CLIENT.id) == Change.UNCHANGED
    assert await find(stores) == CLIENT
    assert await stores.clients.disable("other", now=NOW) == Change.ABSENT
    assert await stores.clients.enable("other") == Change.ABSENT


async def test_a_deleted_client_is_gone(stores):
    await stores.clients.add(CLIENT)
    assert await stores.clients.delete(CLIENT.id) == Change.CHANGED
    assert await stores.clients.delete(CLIENT.id) == Change.ABSENT
    assert await find(stores) is None


async def test_no_secret_shows_in_a_repr():
    assert repr(CLIENT.secret_hashes[0]) not in repr(CLIENT)
