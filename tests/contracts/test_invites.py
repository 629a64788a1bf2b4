"""Invitations: spent once."""

from dataclasses import replace

import pytest
from tests.contracts.records import DAY, MILLISECOND, NOW, some_invite

from watchword.ports.identity import Change, Redemption

INVITE = some_invite(roles=("editor", "admin"))
HASH = INVITE.secret_hash


async def test_a_stored_invitation_comes_back_as_it_was(stores):
    await stores.invites.add(INVITE)
    assert await stores.invites.find(HASH) == INVITE
    assert await stores.invites.find(b"other") is None


async def test_the_same_hash_twice_is_the_callers_mistake(stores):
    await stores.invites.add(INVITE)
    with pytest.raises(ValueError, match="exists"):
        await stores.invites.add(INVITE)


async def test_redeem_spends_it_once(stores):
    await stores.invites.add(INVITE)
    assert await stores.invites.redeem(HASH, user_id="a", now=NOW) == Redemption.REDEEMED
    assert await stores.invites.redeem(HASH, user_id="a", now=NOW) == Redemption.SPENT
    assert await stores.invites.redeem(HASH, user_id="b", now=NOW + 2 * DAY) == Redemption.SPENT
    assert await stores.invites.redeem(b"other", user_id="a", now=NOW) == Redemption.ABSENT
    assert await stores.invites.find(HASH) == replace(INVITE, redeemed_at=NOW, redeemed_by="a")


@pytest.mark.parametrize(
    ("before_expiry", "expected"),
    [(MILLISECOND, Redemption.REDEEMED), (0 * MILLISECOND, Redemption.EXPIRED), (-MILLISECOND, Redemption.EXPIRED)],
)
async def test_it_works_until_just_before_its_expiry(stores, before_expiry, expected):
    await stores.invites.add(INVITE)
    assert await stores.invites.redeem(HASH, user_id="a", now=INVITE.expires_at - before_expiry) == expected


async def test_release_undoes_ones_own_redemption_only(stores):
    await stores.invites.add(INVITE)
    assert await stores.invites.release(HASH, user_id="a") == Change.UNCHANGED
    await stores.invites.redeem(HASH, user_id="a", now=NOW)
    assert await stores.invites.release(HASH, user_id="b") == Change.STALE
    assert await stores.invites.release(HASH, user_id="a") == Change.CHANGED
    assert await stores.invites.find(HASH) == INVITE
    assert await stores.invites.release(b"other", user_id="a") == Change.ABSENT
    assert await stores.invites.redeem(HASH, user_id="b", now=NOW) == Redemption.REDEEMED


async def test_void_spends_the_open_ones_to_exactly_these_roles(stores):
    others = [
        some_invite("plain"),
        some_invite("one", roles=("editor",)),
        some_invite("two", roles=("admin", "editor")),
    ]
    for invite in (INVITE, *others):
        await stores.invites.add(invite)
    assert await stores.invites.void(INVITE.roles, now=NOW) == 1
    assert await stores.invites.void(INVITE.roles, now=NOW + DAY) == 0
    assert await stores.invites.find(HASH) == replace(INVITE, redeemed_at=NOW)
    assert await stores.invites.redeem(HASH, user_id="a", now=NOW) == Redemption.SPENT
    for invite in others:
        assert await stores.invites.redeem(invite.secret_hash, user_id="a", now=NOW) == Redemption.REDEEMED


async def test_purge_deletes_those_that_have_expired_spent_or_not_up_to_the_limit(stores):
    old = [some_invite(f"old {number}", expires_at=NOW) for number in range(3)]
    for invite in (*old, INVITE):
        await stores.invites.add(invite)
    await stores.invites.redeem(old[0].secret_hash, user_id="a", now=NOW - MILLISECOND)
    assert await stores.invites.purge(before=NOW, limit=9) == 0
    assert await stores.invites.purge(before=NOW + MILLISECOND, limit=2) == 2
    assert await stores.invites.purge(before=NOW + MILLISECOND, limit=2) == 1
    assert await stores.invites.purge(before=NOW + MILLISECOND, limit=2) == 0
    assert [await stores.invites.find(invite.secret_hash) for invite in old] == [None] * 3
    assert await stores.invites.find(HASH) == INVITE
