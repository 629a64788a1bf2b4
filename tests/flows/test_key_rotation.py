"""The life of signing keys under load of time (ATTACKS F24, F26, K10)."""

import asyncio
from datetime import timedelta

import pytest
from tests.flows.doubles import yielding
from tests.flows.world import SECRET

from watchword.config import TokenConfig
from watchword.core.account_errors import Conflict, NotFound
from watchword.core.errors import ConfigError, InvalidToken, StoreUnavailable
from watchword.core.models.events import KeyRotated
from watchword.flows.housekeeping import purge_expired
from watchword.flows.key_rotation import ensure_key, revoke_key, rotate, rotate_if_due

PUBLISH = timedelta(minutes=6)
"""jwks_max_age + clock_skew."""
NEWER_SECRET = b"a newer one, for tests only: thirty-two bytes"
OVERLAP = timedelta(minutes=11)
"""access_ttl + clock_skew."""
INSTANT = timedelta(milliseconds=1)


def kids(world):
    return [key["kid"] for key in world.ctx.keys.ring.jwks(world.clock.now())["keys"]]


def signing(world):
    return world.ctx.keys.ring.signing(world.clock.now()).kid


async def test_the_first_key_signs_at_once_and_is_made_once(world):
    first = world.ctx.keys.ring.newest
    assert (first.generation, signing(world), kids(world)) == (1, first.kid, [first.kid])
    await ensure_key(world.ctx)
    assert await world.plain.keys.list() == [first]


async def test_of_many_processes_that_start_at_once_all_use_one_key(worlds):
    first = await worlds(around=yielding)
    for key in await first.plain.keys.list():
        await first.plain.keys.purge([key.kid])
    others = [await worlds(stores=first.plain, clock=first.clock, around=yielding) for _ in range(4)]
    await asyncio.gather(*(ensure_key(world.ctx) for world in [first, *others]))
    rows = await first.plain.keys.list()
    assert len(rows) == 1
    for other in others:
        assert signing(other) == rows[0].kid


async def test_the_next_key_is_published_then_signs_then_the_old_one_is_dropped(world):
    old = signing(world)
    new = await rotate(world.ctx)
    assert (new.generation, new.signs_from) == (2, world.clock.now() + PUBLISH)
    assert (signing(world), kids(world)) == (old, [old, new.kid])
    world.clock.tick(PUBLISH - INSTANT)
    assert signing(world) == old
    world.clock.tick(INSTANT)
    assert (signing(world), kids(world)) == (new.kid, [old, new.kid])
    world.clock.tick(OVERLAP - INSTANT)
    assert kids(world) == [old, new.kid]
    world.clock.tick(INSTANT)
    assert kids(world) == [new.kid]
    assert [event.kid for event in await world.events(KeyRotated)] == [old, new.kid]


async def test_no_token_fails_before_its_end_all_through_a_rotation(world):
    user = await world.sign_up()
    await world.login()
    answers = []
    for second in range(0, 45 * 60, 30):
        if second == 5 * 60:
            await rotate(world.ctx)
        answers.append((world.clock.now(), await world.login()))
        now = world.clock.now()
        for issued_at, answer in answers:
            if now - issued_at < timedelta(minutes=10):
                assert (await world.who(answer)).subject == user.id
            else:
                with pytest.raises(InvalidToken):
                    await world.who(answer)
        answers = [each for each in answers if now - each[0] <= timedelta(minutes=10)]
        world.clock.tick(30)
        if second % 300 == 0:
            await purge_expired(world.ctx)
            await world.ctx.keys.reload()
    assert [key.generation for key in await world.plain.keys.list()] == [2]


async def test_a_second_rotation_waits_unless_it_is_immediate(world):
    await rotate(world.ctx)
    with pytest.raises(Conflict):
        await rotate(world.ctx)
    now = await rotate(world.ctx, immediately=True)
    assert (now.generation, signing(world)) == (3, now.kid)
    world.clock.tick(PUBLISH)
    assert signing(world) == now.kid
    assert (await rotate(world.ctx)).generation == 4


async def test_of_parallel_rotations_one_key_comes(worlds):
    first = await worlds(around=yielding)
    others = [await worlds(stores=first.plain, clock=first.clock, around=yielding) for _ in range(7)]
    rotations = [rotate(world.ctx) for world in [first, *others]]
    answers = await asyncio.gather(*rotations, return_exceptions=True)
    made = {each.kid for each in answers if not isinstance(each, Exception)}
    assert len(made) == 1
    assert all(isinstance(each, Conflict) for each in answers if isinstance(each, Exception))
    assert len(await first.plain.keys.list()) == 2


async def test_keys_rotate_when_they_are_old_enough_and_not_before(world):
    lifetime = world.ctx.config.tokens.key_lifetime
    world.clock.tick(lifetime - INSTANT)
    assert await rotate_if_due(world.ctx) is None
    world.clock.tick(INSTANT)
    assert (await rotate_if_due(world.ctx)).generation == 2
    assert await rotate_if_due(world.ctx) is None
    world.clock.tick(PUBLISH)
    assert await rotate_if_due(world.ctx) is None
    world.clock.tick(lifetime)
    assert (await rotate_if_due(world.ctx)).generation == 3


@pytest.mark.parametrize("algorithm", ["HS256", "RS256", "PS256", "ES256", "EdDSA"])
async def test_every_algorithm_signs_and_verifies_through_a_rotation(worlds, algorithm):
    world = await worlds(tokens=TokenConfig(algorithm=algorithm))
    user = await world.sign_up()
    before = await world.login()
    await rotate(world.ctx, immediately=True)
    after = await world.login()
    for answer in (before, after):
        assert (await world.who(answer)).subject == user.id
    assert len(kids(world)) == (0 if algorithm == "HS256" else 2)


async def test_another_algorithm_in_the_configuration_takes_over_in_the_ordinary_way(world, worlds):
    await world.sign_up()
    before = await world.login()
    changed = await worlds(stores=world.plain, clock=world.clock, tokens=TokenConfig(algorithm="EdDSA"))
    assert changed.ctx.keys.ring.signing(world.clock.now()).algorithm == "ES256"
    world.clock.tick(PUBLISH)
    assert changed.ctx.keys.ring.signing(world.clock.now()).algorithm == "EdDSA"
    assert (await changed.who(before)).scopes == {"read", "write"}
    assert (await changed.who(await changed.login())).scopes == {"read", "write"}
    await changed.ctx.start(follow=False)
    assert len(await world.plain.keys.list()) == 2


async def test_a_compromised_key_is_dead_at_once_and_sessions_go_on(world, worlds):
    user = await world.sign_up()
    answer = await world.login()
    other = await worlds(stores=world.plain, clock=world.clock)
    assert (await other.who(answer)).subject == user.id
    kid = signing(world)
    await revoke_key(world.ctx, kid)
    assert kid not in kids(world)
    with pytest.raises(InvalidToken):
        await world.who(answer)
    renewed = await world.refresh(answer.refresh_token)
    assert (await world.who(renewed)).subject == user.id
    world.clock.tick(5)
    await other.ctx.follower.catch_up()
    with pytest.raises(InvalidToken):
        await other.who(answer)
    with pytest.raises(NotFound):
        await revoke_key(world.ctx, kid)
    with pytest.raises(NotFound):
        await revoke_key(world.ctx, "unknown")


async def test_a_compromised_key_does_not_bring_its_predecessor_back(world):
    first = signing(world)
    second = await rotate(world.ctx, immediately=True)
    world.clock.tick(1)
    await revoke_key(world.ctx, second.kid)
    assert signing(world) not in {first, second.kid}


async def test_a_key_of_another_process_is_read_when_its_first_token_arrives(world, worlds):
    user = await world.sign_up()
    other = await worlds(stores=world.plain, clock=world.clock)
    await rotate(world.ctx, immediately=True)
    answer = await world.login()
    assert (await other.who(answer)).subject == user.id


async def test_tokens_of_unknown_keys_make_a_process_read_its_keys_once_a_second_at_most(worlds):
    reads = []

    async def counting(noun, verb, call):
        if (noun, verb) == ("keys", "list"):
            reads.append(verb)
        return await call()

    stranger = await worlds()
    await stranger.sign_up()
    foreign = await stranger.login()
    world = await worlds(around=counting)
    reads.clear()
    for _ in range(50):
        with pytest.raises(InvalidToken):
            await world.who(foreign)
    assert len(reads) == 1
    world.clock.tick(1)
    with pytest.raises(InvalidToken):
        await world.who(foreign)
    assert len(reads) == 2


async def test_reloads_that_wait_together_share_one_read(worlds):
    reads = []

    async def counting(noun, verb, call):
        if (noun, verb) == ("keys", "list"):
            reads.append(verb)
            await asyncio.sleep(0)
        return await call()

    world = await worlds(around=counting)
    reads.clear()
    await asyncio.gather(*(world.ctx.keys.reload() for _ in range(50)))
    assert len(reads) <= 2


async def test_a_new_secret_in_front_of_the_list_ends_no_session(world, worlds):
    user = await world.sign_up()
    answer = await world.login()
    new_secret = b"a newer one, for tests only: thirty-two bytes"
    both = await worlds(stores=world.plain, clock=world.clock, secrets=(new_secret, SECRET))
    assert (await both.who(answer)).subject == user.id
    renewed = await both.refresh(answer.refresh_token)
    assert (await both.who(renewed)).subject == user.id
    await rotate(both.ctx, immediately=True)
    both.clock.tick(OVERLAP)
    await purge_expired(both.ctx)
    both.clock.tick(timedelta(minutes=2))
    await purge_expired(both.ctx)
    alone = await worlds(stores=world.plain, clock=world.clock, secrets=(new_secret,))
    assert (await alone.who(await alone.refresh(renewed.refresh_token))).subject == user.id


async def test_a_secret_that_opens_no_key_is_a_configuration_error_that_says_what_to_do(world, worlds):
    with pytest.raises(ConfigError, match="WATCHWORD_SECRET_KEY"):
        await worlds(stores=world.plain, clock=world.clock, secrets=(b"quite another one, for tests: 32 bytes",))
    assert len(await world.plain.keys.list()) == 1


@pytest.mark.parametrize("algorithm", ["ES256", "HS256"])
async def test_a_running_process_without_the_newest_secret_verifies_what_it_can_and_never_breaks(
    worlds, algorithm, caplog
):
    tokens = TokenConfig(algorithm=algorithm)
    world = await worlds(tokens=tokens)
    user = await world.sign_up()
    newer = await worlds(stores=world.plain, clock=world.clock, secrets=(NEWER_SECRET, SECRET), tokens=tokens)
    await rotate(newer.ctx, immediately=True)
    token = await newer.login()
    if algorithm == "ES256":
        assert (await world.who(token)).subject == user.id
    else:
        with pytest.raises(InvalidToken):
            await world.who(token)
    world.clock.tick(60)
    await world.ctx.follower.catch_up()
    with pytest.raises(StoreUnavailable):
        await world.login()
    assert (await newer.who(await newer.login())).subject == user.id
    said = [record.getMessage() for record in caplog.records if record.name == "watchword.keys"]
    assert said == [
        f"these keys only verify, for WATCHWORD_SECRET_KEY does not open them: {world.ctx.keys.ring.sealed}"
    ]


async def test_a_process_without_the_newest_secret_signs_until_the_newest_key_does(world, worlds):
    user = await world.sign_up()
    newer = await worlds(stores=world.plain, clock=world.clock, secrets=(NEWER_SECRET, SECRET))
    await rotate(newer.ctx)
    world.clock.tick(60)
    await world.ctx.follower.catch_up()
    assert len(world.ctx.keys.ring.sealed) == 1
    assert (await world.who(await world.login())).subject == user.id


async def test_keys_rotate_too_where_nothing_follows_and_each_request_catches_up(world):
    await world.ctx.follower.catch_up()
    assert world.ctx.keys.ring.newest.generation == 1
    world.clock.tick(world.ctx.config.tokens.key_lifetime)
    await world.ctx.follower.catch_up()
    assert world.ctx.keys.ring.newest.generation == 2


async def test_a_signing_key_that_vanished_is_replaced_when_it_is_needed(world):
    await world.sign_up()
    for key in await world.plain.keys.list():
        await world.plain.keys.revoke(key.kid, now=world.clock.now())
    await world.ctx.keys.reload()
    assert (await world.who(await world.login())).scopes == {"read", "write"}
