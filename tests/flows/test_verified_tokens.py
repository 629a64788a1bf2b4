"""Remembering verified tokens changes the cost of a request and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchword.core.errors import InvalidToken, StoreUnavailable
from watchword.core.models.identity import Principal, Role
from watchword.flows import access, admin
from watchword.flows.access import authenticate, authenticate_now
from watchword.flows.key_rotation import revoke_key, rotate
from watchword.flows.verified_tokens import VerifiedTokens

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ADA = Principal(subject="ada", issued_at=NOW, expires_at=NOW + timedelta(minutes=10))
LEEWAY = timedelta(seconds=10)
INSTANT = timedelta(milliseconds=1)
NOTHING = frozenset()


def find(known, token, ring, now=NOW):
    return known.find(token, ring=ring, leeway=LEEWAY, now=now)


def keep(known, token, ring, principal=ADA):
    return known.keep(token, principal, permissions=NOTHING, ring=ring)


def test_a_token_is_found_in_its_time_alone():
    ring = object()
    for now, expected in [
        (NOW, ADA),
        (NOW - LEEWAY, ADA),
        (NOW - LEEWAY - INSTANT, None),
        (ADA.expires_at - INSTANT, ADA),
        (ADA.expires_at, None),
    ]:
        known = VerifiedTokens()
        keep(known, "token", ring)
        assert find(known, "token", ring, now) == expected
        assert len(known) == (1 if expected else 0)


def test_another_ring_knows_no_token():
    known, ring = VerifiedTokens(), object()
    keep(known, "token", ring)
    assert find(known, "token", object()) is None
    keep(known, "other", object())
    assert find(known, "token", ring) is None
    assert len(known) == 1


def test_a_token_without_an_end_is_never_answered():
    known, ring = VerifiedTokens(), object()
    keep(known, "token", ring, replace(ADA, expires_at=None))
    assert find(known, "token", ring) is None


def test_the_longest_unused_token_makes_room():
    known, ring = VerifiedTokens(most=3), object()
    for token in ("a", "b", "c"):
        keep(known, token, ring)
    assert find(known, "a", ring) == ADA
    keep(known, "d", ring)
    assert [token for token in "abcd" if find(known, token, ring)] == ["a", "c", "d"]


def test_as_many_tokens_as_there_is_room_for_are_all_kept():
    known, ring = VerifiedTokens(most=100), object()
    tokens = [str(number) for number in range(100)]
    for _ in range(3):
        for token in tokens:
            if not find(known, token, ring):
                keep(known, token, ring)
    assert len(known) == 100
    assert all(find(known, token, ring) for token in tokens)


def test_tokens_in_use_stay_while_many_others_come_and_go():
    known, ring = VerifiedTokens(most=100), object()
    used = [f"used {number}" for number in range(40)]
    for token in used:
        keep(known, token, ring)
    for number in range(1000):
        keep(known, str(number), ring)
        assert find(known, used[number % 40], ring) == ADA
        assert len(known) <= 100
    assert find(known, "0", ring) is None


def test_a_token_kept_twice_counts_once():
    known, ring = VerifiedTokens(most=4), object()
    for token in ("a", "b", "c", "a", "b", "c"):
        keep(known, token, ring)
    assert len(known) == 3
    assert all(find(known, token, ring) for token in "abc")


@pytest.fixture
def verifications(monkeypatch):
    counted = []
    verify = access.verify_access_token

    def counting(token, **kwargs):
        counted.append(token)
        return verify(token, **kwargs)

    monkeypatch.setattr(access, "verify_access_token", counting)
    return counted


async def test_a_signature_is_checked_once(world, verifications):
    await world.sign_up()
    answer = await world.login()
    first, second, third = [await world.who(answer) for _ in range(3)]
    assert first == second == third
    assert verifications == [answer.access_token]


async def test_a_remembered_token_is_refused_as_soon_as_it_is_revoked_or_expired(world, verifications):
    await world.sign_up()
    revoked, expired = await world.login(), await world.login()
    for answer in (revoked, expired):
        await world.who(answer)
    await world.revoke(revoked.access_token)
    with pytest.raises(InvalidToken):
        await world.who(revoked)
    assert len(verifications) == 2
    world.clock.tick(timedelta(minutes=10))
    with pytest.raises(InvalidToken):
        await world.who(expired)


async def test_a_remembered_token_has_the_permissions_of_now(world, verifications):
    user = await world.sign_up()
    await admin.put_role(world.ctx, Role(name="clerk", permissions=frozenset({"items:read"})))
    await admin.grant_role(world.ctx, user.id, "clerk")
    answer = await world.login()
    assert (await world.who(answer)).permissions == {"items:read"}
    await admin.put_role(world.ctx, Role(name="clerk"))
    assert (await world.who(answer)).permissions == frozenset()
    assert len(verifications) == 1


async def test_a_remembered_token_dies_with_its_key_and_outlives_a_rotation(world):
    await world.sign_up()
    answer = await world.login()
    await world.who(answer)
    old = world.ctx.keys.ring.newest.kid
    await rotate(world.ctx, immediately=True)
    assert (await world.who(answer)).scopes == {"read", "write"}
    await revoke_key(world.ctx, old)
    with pytest.raises(InvalidToken):
        await world.who(answer)


async def test_the_fast_path_answers_what_the_slow_one_does_once_it_was_taken(world):
    await world.sign_up()
    answer = await world.login()
    assert authenticate_now(world.ctx, answer.access_token) is None
    slow = await world.who(answer)
    assert authenticate_now(world.ctx, answer.access_token) is slow


async def test_the_fast_path_leaves_what_is_revoked_expired_early_or_without_a_key_to_the_slow_one(world):
    await world.sign_up()
    revoked, dead = await world.login(), await world.login()
    for answer in (revoked, dead):
        await world.who(answer)
    await world.revoke(revoked.access_token)
    assert authenticate_now(world.ctx, revoked.access_token) is None
    for step in (timedelta(minutes=10), timedelta(minutes=-20)):
        assert authenticate_now(world.ctx, dead.access_token) is not None
        world.clock.tick(step)
        assert authenticate_now(world.ctx, dead.access_token) is None
        with pytest.raises(InvalidToken):
            await world.who(dead)
        world.clock.tick(-step)
        await world.who(dead)
    await rotate(world.ctx, immediately=True)
    await revoke_key(world.ctx, world.ctx.keys.ring.current(world.clock.now()).kid)
    assert authenticate_now(world.ctx, dead.access_token) is None


async def test_the_fast_path_waits_for_permissions_that_changed(world):
    user = await world.sign_up()
    await admin.put_role(world.ctx, Role(name="clerk", permissions=frozenset({"items:read"})))
    await admin.grant_role(world.ctx, user.id, "clerk")
    answer = await world.login()
    await world.who(answer)
    await admin.put_role(world.ctx, Role(name="clerk"))
    assert authenticate_now(world.ctx, answer.access_token) is None
    await world.who(answer)
    assert authenticate_now(world.ctx, answer.access_token).permissions == frozenset()


async def test_a_strict_fast_path_asks_how_old_the_view_is(worlds):
    world = await worlds(strict_revocation=True, revocation_stale_after=timedelta(seconds=10))
    await world.sign_up()
    answer = await world.login()
    await world.who(answer)
    world.clock.tick(10)
    assert authenticate_now(world.ctx, answer.access_token) is not None
    world.clock.tick(INSTANT)
    assert authenticate_now(world.ctx, answer.access_token) is None
    with pytest.raises(StoreUnavailable):
        await world.who(answer)


async def test_a_flood_of_bad_tokens_displaces_no_good_one(world):
    await world.sign_up()
    answer = await world.login()
    await world.who(answer)
    header, payload, signature = answer.access_token.split(".")
    for n in range(100):
        for bad in (f"{header}.{payload}.{n}{signature}", f"rubbish{n}", answer.access_token + f"é{n}", "\ud800"):
            assert authenticate_now(world.ctx, bad) is None
            with pytest.raises(InvalidToken):
                await authenticate(world.ctx, bad)
    assert len(world.ctx.verified) == 1
    assert authenticate_now(world.ctx, answer.access_token) is not None
