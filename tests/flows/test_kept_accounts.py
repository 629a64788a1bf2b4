"""Keeping accounts in memory changes the cost of a request and nothing else (decision 0010)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.flows.doubles import Interruption, Outage
from tests.flows.world import PASSWORD

from watchword.core.account_errors import AccountDisabled, NotFound
from watchword.core.errors import StoreUnavailable
from watchword.core.models.identity import Principal, Role, User
from watchword.flows import account, admin
from watchword.flows.kept_accounts import MOST_ACCOUNTS, MOST_AGE, KeptAccounts

NOW = datetime(2030, 1, 1, tzinfo=UTC)
INSTANT = timedelta(milliseconds=1)
ADA = User(id="ada", username="Ada", username_key="ada", created_at=NOW, updated_at=NOW)
NEW = "another obviously fake phrase"


def keep(kept, user=ADA, *, now=NOW):
    kept.keep(user, ticket=kept.ticket, now=now)


class Reads:
    """Counts reads of accounts."""

    def __init__(self):
        self.count = 0

    async def __call__(self, noun, verb, call):
        self.count += (noun, verb) == ("users", "find")
        return await call()


async def profile(ctx, user):
    await account.change_profile(ctx, user.id, email="new@mail.example", merge=lambda _: {"city": "Bern"})


async def password(ctx, user):
    principal = Principal(subject=user.id, session_id="a session")
    await account.change_password(
        ctx, principal, current=PASSWORD, new=NEW, end_other_sessions=False, address="192.0.2.1"
    )


async def grant(ctx, user):
    await admin.grant_role(ctx, user.id, "clerk")


async def withdraw(ctx, user):
    await admin.withdraw_role(ctx, user.id, "guest")


async def delete_role(ctx, _):
    await admin.delete_role(ctx, "guest")


async def disable(ctx, user):
    await admin.disable_user(ctx, user.id)


async def disable_and_enable(ctx, user):
    await admin.disable_user(ctx, user.id)
    await admin.enable_user(ctx, user.id)


async def remove(ctx, user):
    await admin.remove_user(ctx, user.id)


CHANGES = [profile, password, grant, withdraw, delete_role, disable, disable_and_enable, remove]


async def seen(ctx, user_id, find=account.get_account):
    """What a route sees: an account, or the refusal."""
    try:
        return await find(ctx, user_id)
    except (NotFound, AccountDisabled) as refusal:
        return type(refusal)


@pytest.fixture
def reads():
    return Reads()


@pytest.fixture
async def pair(worlds, reads):
    """Two processes over one store, and an account that both have in memory."""
    first = await worlds(around=reads)
    for role in ("clerk", "guest"):
        await admin.put_role(first.ctx, Role(name=role))
    user = await first.sign_up()
    await admin.grant_role(first.ctx, user.id, "guest")
    second = await worlds(stores=first.plain, around=reads, clock=first.clock)
    return first, second, await account.get_account(first.ctx, user.id)


async def test_an_account_is_read_once(pair, reads):
    first, _, user = pair
    reads.count = 0
    assert account.find_account_now(first.ctx, user.id) is user
    for _ in range(3):
        assert await account.get_account(first.ctx, user.id) is user
    assert reads.count == 0


@pytest.mark.parametrize("change", CHANGES)
async def test_every_change_is_seen_at_once_here_and_after_the_next_pass_elsewhere(pair, change):
    first, second, user = pair
    assert await account.get_account(second.ctx, user.id) == user
    await change(first.ctx, user)
    stored = await seen(first.ctx, user.id, account.read_account)
    assert stored != user
    assert await seen(first.ctx, user.id) == stored
    await second.ctx.follower.catch_up()
    assert await seen(second.ctx, user.id) == stored


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_read_that_overlaps_a_change_brings_nothing_old_back(worlds, change, moment):
    interruption = Interruption()
    world = await worlds(around=interruption)
    for role in ("clerk", "guest"):
        await admin.put_role(world.ctx, Role(name=role))
    user = await world.sign_up()
    await admin.grant_role(world.ctx, user.id, "guest")
    getattr(interruption, moment)["users", "find"] = lambda: change(world.ctx, user)
    await seen(world.ctx, user.id)
    assert await seen(world.ctx, user.id) == await seen(world.ctx, user.id, account.read_account)


async def test_a_read_that_overlaps_a_pass_of_the_follower_brings_nothing_old_back(worlds):
    interruption = Interruption()
    world = await worlds(around=interruption)
    other = await worlds(stores=world.plain, clock=world.clock)
    user = await world.sign_up()

    async def change_elsewhere():
        await profile(other.ctx, user)
        await world.ctx.follower.catch_up()

    interruption.after["users", "find"] = change_elsewhere
    assert (await account.get_account(world.ctx, user.id)).profile == {}
    assert (await account.get_account(world.ctx, user.id)).profile == {"city": "Bern"}


async def test_accounts_are_read_from_the_store_while_the_feed_is_stale(pair, reads):
    first, _, user = pair
    stale_after = first.ctx.config.revocation_stale_after
    first.clock.tick(stale_after)
    reads.count = 0
    assert await account.get_account(first.ctx, user.id) is user
    first.clock.tick(INSTANT)
    assert account.find_account_now(first.ctx, user.id) is None
    assert await account.get_account(first.ctx, user.id) == user
    assert reads.count == 1


async def test_a_change_that_nobody_told_of_is_seen_within_a_minute(pair):
    first, _, user = pair
    await first.plain.users.disable(user.id, now=first.clock.now())
    assert await account.get_account(first.ctx, user.id) == user
    first.clock.tick(MOST_AGE)
    await first.ctx.follower.catch_up()
    assert await seen(first.ctx, user.id) is AccountDisabled


async def test_a_disabling_that_fails_half_way_is_seen_at_once_here(worlds):
    outage = Outage()
    world = await worlds(around=outage)
    user = await world.sign_up()
    await account.get_account(world.ctx, user.id)
    outage.down = {("revocations", "append"), ("sessions", "list_live")}
    with pytest.raises(StoreUnavailable):
        await admin.disable_user(world.ctx, user.id)
    assert await seen(world.ctx, user.id) is AccountDisabled


async def test_a_disabled_account_is_read_anew_each_time(pair, reads):
    first, _, user = pair
    await admin.disable_user(first.ctx, user.id)
    reads.count = 0
    for _ in range(3):
        assert await seen(first.ctx, user.id) is AccountDisabled
    assert reads.count == 3


async def test_many_readers_at_once_see_the_same(pair):
    first, _, user = pair
    await profile(first.ctx, user)
    found = await asyncio.gather(*(account.get_account(first.ctx, user.id) for _ in range(20)))
    assert {each.email for each in found} == {"new@mail.example"}


def test_an_account_is_kept_for_a_minute_whichever_way_the_clock_goes():
    for now, expected in [
        (NOW + MOST_AGE - INSTANT, ADA),
        (NOW + MOST_AGE, None),
        (NOW - MOST_AGE + INSTANT, ADA),
        (NOW - MOST_AGE, None),
    ]:
        kept = KeptAccounts()
        keep(kept)
        assert kept.find("ada", now=now) == expected
        assert len(kept) == (1 if expected else 0)


def test_the_longest_unused_account_makes_room():
    kept = KeptAccounts(most=3)
    for name in "abc":
        keep(kept, replace(ADA, id=name))
    kept.find("a", now=NOW)
    keep(kept, replace(ADA, id="d"))
    assert [name for name in "abcd" if kept.find(name, now=NOW)] == ["a", "c", "d"]
    assert KeptAccounts()._most == MOST_ACCOUNTS


def test_dropping_nobody_in_particular_drops_all():
    kept = KeptAccounts()
    for name in "ab":
        keep(kept, replace(ADA, id=name))
    kept.drop("a")
    assert (kept.find("a", now=NOW), len(kept)) == (None, 1)
    kept.drop("")
    assert len(kept) == 0


def test_a_disabled_account_is_not_kept():
    kept = KeptAccounts()
    keep(kept, replace(ADA, disabled_at=NOW))
    assert len(kept) == 0
    keep(kept)
    assert len(kept) == 1


def test_changing_the_profile_in_hand_changes_nobody_elses():
    kept = KeptAccounts()
    given = replace(ADA, profile={"tags": ["a"], "name": {"first": "Ada"}})
    keep(kept, given)
    for profile in (given.profile, kept.find("ada", now=NOW).profile):
        profile["tags"].append("b")
        profile["name"]["first"] = "Eve"
        assert kept.find("ada", now=NOW).profile == {"tags": ["a"], "name": {"first": "Ada"}}
