"""What the operator does with clients."""

import pytest
from tests.flows.doubles import Interruption, Outage

from watchword.core.account_errors import Conflict, InvalidInput, NotFound
from watchword.core.errors import InvalidClient, InvalidToken, StoreUnavailable
from watchword.core.tokens.opaque import check_secret, hash_secret
from watchword.flows import clients


async def test_a_new_client_is_stored_with_the_hash_of_its_secret_alone(world):
    client, secret = await clients.add_client(world.ctx, "billing", scopes=["read"])
    assert check_secret(secret, "wwcs") == secret
    assert client.secret_hashes == (hash_secret(secret),)
    assert await world.plain.clients.find([client.id]) == [client]
    assert secret not in repr(client)
    assert (client.name, client.grants, client.scopes) == ("billing", clients.GRANTS, frozenset({"read"}))


@pytest.mark.parametrize("name", ["", " billing", "billing ", "a\nb", "x" * 129, "\u202ename"])
async def test_a_bad_name_is_refused(world, name):
    with pytest.raises(InvalidInput):
        await clients.add_client(world.ctx, name)
    assert await clients.list_clients(world.ctx, limit=10) == []


@pytest.mark.parametrize("fields", [{"grants": ["password"]}, {"grants": ["x"]}, {"scopes": ["a b"]}, {"scopes": [""]}])
async def test_a_grant_or_scope_that_cannot_be_is_refused(world, fields):
    with pytest.raises(InvalidInput):
        await clients.add_client(world.ctx, "billing", **fields)


async def test_clients_are_listed_by_age(world):
    added = []
    for number in range(3):
        added.append((await clients.add_client(world.ctx, f"client {number}"))[0])
        world.clock.tick(1)
    assert await clients.list_clients(world.ctx, limit=2) == added[:2]
    assert await clients.list_clients(world.ctx, limit=2, after=added[1].id) == added[2:]


@pytest.mark.parametrize(
    "verb", [clients.get_client, clients.rotate_secret, clients.disable_client, clients.enable_client,
             clients.delete_client],
    ids=lambda verb: verb.__name__,
)  # fmt: skip
async def test_a_client_that_does_not_exist_is_not_found(world, verb):
    with pytest.raises(NotFound):
        await verb(world.ctx, "nobody")


async def test_a_secret_that_leaked_is_replaced_at_once_and_its_tokens_die(world):
    machine = await world.machine()
    stolen = await machine.token()
    secret = await clients.rotate_secret(world.ctx, machine.id, immediately=True)
    with pytest.raises(InvalidClient):
        await machine.token()
    with pytest.raises(InvalidToken):
        await world.who(stolen)
    answer = await machine.token(secret=secret)
    assert (await world.who(answer)).subject == machine.id


async def test_an_ordinary_rotation_leaves_tokens_and_the_old_secret_alive(world):
    machine = await world.machine()
    before = await machine.token()
    await clients.rotate_secret(world.ctx, machine.id)
    assert (await world.who(before)).subject == machine.id
    assert (await machine.token()).scope == "read write"


async def test_of_two_rotations_at_once_one_is_told(worlds):
    race = Interruption()
    world = await worlds(around=race)
    machine = await world.machine()
    winners = []

    async def rotate():
        winners.append(await clients.rotate_secret(world.ctx, machine.id))

    race.before["clients", "rotate_secret"] = rotate
    with pytest.raises(Conflict):
        await clients.rotate_secret(world.ctx, machine.id)
    assert (await machine.token(secret=winners[0])).scope == "read write"


@pytest.mark.parametrize("verb", [clients.disable_client, clients.delete_client], ids=lambda verb: verb.__name__)
async def test_a_failure_in_between_is_finished_by_the_same_call(worlds, verb):
    outage = Outage()
    world = await worlds(around=outage)
    machine = await world.machine()
    before = await machine.token()
    outage.down = {("revocations", "append")}
    with pytest.raises(StoreUnavailable):
        await verb(world.ctx, machine.id)
    outage.down = set()
    await verb(world.ctx, machine.id)
    with pytest.raises(InvalidToken):
        await world.who(before)


async def test_a_deleted_client_can_be_deleted_by_one_caller_only(world):
    machine = await world.machine()
    await clients.delete_client(world.ctx, machine.id)
    with pytest.raises(NotFound):
        await clients.delete_client(world.ctx, machine.id)
    assert await clients.list_clients(world.ctx, limit=10) == []
