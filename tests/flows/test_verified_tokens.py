"""Remembering verified tokens changes the cost of a request and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from watchword.core.errors import InvalidToken
from watchword.core.models.identity import Principal, Role
from watchword.flows import access, admin
from watchword.flows.key_rotation import revoke_key, rotate
from watchword.flows.verified_tokens import VerifiedTokens

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ADA = Principal(subject="ada", issued_at=NOW, expires_at=NOW + timedelta(minutes=10))
LEEWAY = timedelta(seconds=10)
INSTANT = timedelta(milliseconds=1)


def find(known, token, ring, now=NOW):
    return known.find(token, ring=ring, leeway=LEEWAY, now=now)


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
        known.keep("token", ADA, ring=ring)
        assert find(known, "token", ring, now) is expected
        assert len(known) == (1 if expected else 0)


def test_another_ring_knows_no_token():
    known, ring = VerifiedTokens(), object()
    known.keep("token", ADA, ring=ring)
    assert find(known, "token", object()) is None
    known.keep("other", ADA, ring=object())
    assert find(known, "token", ring) is None
    assert len(known) == 1


def test_a_token_without_an_end_is_never_answered():
    known, ring = VerifiedTokens(), object()
    known.keep("token", replace(ADA, expires_at=None), ring=ring)
    assert find(known, "token", ring) is None


def test_the_longest_unused_token_makes_room():
    known, ring = VerifiedTokens(most=3), object()
    for token in ("a", "b", "c"):
        known.keep(token, ADA, ring=ring)
    assert find(known, "a", ring) is ADA
    known.keep("d", ADA, ring=ring)
    assert [token for token in "abcd" if find(known, token, ring)] == ["a", "c", "d"]


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
