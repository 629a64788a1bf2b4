"""Who the client is: secrets, methods, limits (ATTACKS T02, T03, T05, T14)."""

from hmac import compare_digest

import pytest

from watchword.config import LimitConfig
from watchword.core.errors import InvalidClient, InvalidRequest, TooManyRequests
from watchword.core.models.grants import Client
from watchword.core.models.limits import Limit
from watchword.core.tokens.opaque import new_secret
from watchword.flows import client_auth, clients
from watchword.flows.client_auth import identify_client, identify_confidential_client
from watchword.flows.exchange import TokenRequest

WRONG = new_secret("wwcs")


@pytest.fixture
async def machine(world):
    return await world.machine()


async def identify(world, form, basic=None, *, address="192.0.2.1"):
    return await identify_client(world.ctx, TokenRequest(form=form, basic=basic, address=address))


async def test_a_secret_in_the_header_or_in_the_form_proves_the_client(world, machine):
    by_form = {"client_id": machine.id, "client_secret": machine.secret}
    assert await identify(world, by_form) == machine.client
    assert await identify(world, {}, (machine.id, machine.secret)) == machine.client
    assert await identify(world, {"client_id": machine.id}, (machine.id, machine.secret)) == machine.client


async def test_two_methods_at_once_are_an_invalid_request_even_if_both_are_right(world, machine):
    both = {"client_id": machine.id, "client_secret": machine.secret}
    with pytest.raises(InvalidRequest):
        await identify(world, both, (machine.id, machine.secret))
    for assertion in ({"client_assertion": "x.y.z"}, {"client_assertion_type": "x"}):
        with pytest.raises(InvalidRequest):
            await identify(world, {**both, **assertion})
        with pytest.raises(InvalidRequest):
            await identify(world, assertion, (machine.id, machine.secret))
        with pytest.raises(InvalidClient):
            await identify(world, assertion)
    with pytest.raises(InvalidRequest):
        await identify(world, {"client_id": "other"}, (machine.id, machine.secret))


@pytest.mark.parametrize("secret", ["", "x", WRONG, "\ud800", "x" * 16_000], ids=range(5))
async def test_a_wrong_secret_is_refused(world, machine, secret):
    with pytest.raises(InvalidClient):
        await identify(world, {}, (machine.id, secret))
    with pytest.raises(InvalidClient):
        await identify(world, {"client_id": machine.id, "client_secret": secret})


@pytest.mark.parametrize("client_id", ["other", "\ud800", "x" * 5000, "a\0b", "' OR 1=1 --"])
async def test_an_unknown_client_is_refused(world, machine, client_id):
    with pytest.raises(InvalidClient):
        await identify(world, {}, (client_id, machine.secret))


async def test_unknown_wrong_and_disabled_are_told_alike_after_the_same_comparisons(world, machine, monkeypatch):
    disabled = await world.machine()
    await clients.disable_client(world.ctx, disabled.id)
    compared = []
    monkeypatch.setattr(client_auth, "compare_digest", lambda a, b: compared.append(len(b)) or compare_digest(a, b))
    refusals = []
    for name, secret in (("other", WRONG), (machine.id, WRONG), (disabled.id, disabled.secret)):
        with pytest.raises(InvalidClient) as refusal:
            await identify(world, {}, (name, secret))
        refusals.append((refusal.value.code, refusal.value.status, refusal.value.description))
        assert machine.secret not in refusal.value.hint
        assert WRONG not in refusal.value.hint
    assert len(set(refusals)) == 1
    assert compared == [32, 32, 32]


async def test_a_public_client_needs_no_secret_and_takes_none(world):
    public = Client(id="app-1", name="app", scopes=frozenset())
    await world.plain.clients.add(public)
    assert await identify(world, {"client_id": "app-1"}) == public
    with pytest.raises(InvalidClient):
        await identify(world, {}, ("app-1", WRONG))
    with pytest.raises(InvalidClient):
        await identify_confidential_client(world.ctx, TokenRequest(form={"client_id": "app-1"}))
    with pytest.raises(InvalidClient):
        await identify_confidential_client(world.ctx, TokenRequest(form={}))


async def test_both_secrets_work_while_one_replaces_the_other(world, machine):
    second = await clients.rotate_secret(world.ctx, machine.id)
    for secret in (machine.secret, second):
        assert (await identify(world, {}, (machine.id, secret))).id == machine.id
    third = await clients.rotate_secret(world.ctx, machine.id)
    assert (await identify(world, {}, (machine.id, third))).id == machine.id
    assert (await identify(world, {}, (machine.id, second))).id == machine.id
    with pytest.raises(InvalidClient):
        await identify(world, {}, (machine.id, machine.secret))


LIMITS = LimitConfig(client_failures=Limit(3, 60), client_failures_per_address=Limit(8, 60))


async def test_guessing_is_limited_for_each_client_and_address_and_the_right_secret_always_works(worlds):
    world = await worlds(limits=LIMITS)
    machine = await world.machine()
    outcomes = []
    for _ in range(1000):
        with pytest.raises((InvalidClient, TooManyRequests)) as refusal:
            await identify(world, {}, (machine.id, WRONG))
        outcomes.append(type(refusal.value))
    assert outcomes[:3] == [InvalidClient] * 3
    assert set(outcomes[3:]) == {TooManyRequests}
    assert (await identify(world, {}, (machine.id, machine.secret))).id == machine.id
    with pytest.raises(InvalidClient):
        await identify(world, {}, (machine.id, WRONG), address="192.0.2.77")
    world.clock.tick(61)
    with pytest.raises(InvalidClient):
        await identify(world, {}, (machine.id, WRONG))


async def test_guessing_many_clients_from_one_address_is_limited_too(worlds):
    world = await worlds(limits=LIMITS)
    for number in range(8):
        with pytest.raises(InvalidClient):
            await identify(world, {}, (f"client-{number}", WRONG))
    with pytest.raises(TooManyRequests) as refusal:
        await identify(world, {}, ("client-9", WRONG))
    assert 1 <= refusal.value.retry_after <= 60


async def test_what_succeeds_is_never_counted(worlds):
    world = await worlds(limits=LIMITS)
    machine = await world.machine()
    for _ in range(50):
        assert (await identify(world, {}, (machine.id, machine.secret))).id == machine.id
    with pytest.raises(InvalidClient):
        await identify(world, {}, (machine.id, WRONG))
