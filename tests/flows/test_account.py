"""What people do with their own account (ATTACKS P13, P26, B14, I18)."""

import asyncio
from dataclasses import replace

import pytest
from tests.flows.doubles import Interruption, Outage, yielding
from tests.flows.world import PASSWORD

from watchword.config import LimitConfig
from watchword.core.account_errors import (
    AccountDisabled,
    Conflict,
    EmailTaken,
    InvalidEmail,
    NotFound,
    WeakPassword,
    WrongPassword,
)
from watchword.core.errors import InvalidGrant, InvalidToken, StoreUnavailable, TooManyRequests
from watchword.core.models.events import PasswordChanged, SessionEnded, UserDeleted
from watchword.core.models.limits import Limit
from watchword.flows import account, admin, sessions

NEW = "another obviously fake phrase"


@pytest.fixture
async def user(world):
    return await world.sign_up(email="ada@mail.example")


async def change(world, answer, *, current=PASSWORD, new=NEW, end_other_sessions=True):
    principal = await world.who(answer)
    await account.change_password(
        world.ctx, principal, current=current, new=new, end_other_sessions=end_other_sessions, address="192.0.2.1"
    )


async def test_an_account_is_found_unless_it_is_gone_or_disabled(world, user):
    assert await account.get_account(world.ctx, user.id) == user
    with pytest.raises(NotFound):
        await account.get_account(world.ctx, "someone else")
    await admin.disable_user(world.ctx, user.id)
    with pytest.raises(AccountDisabled):
        await account.get_account(world.ctx, user.id)


async def test_the_profile_and_the_email_change(world, user):
    changed = await account.change_profile(
        world.ctx, user.id, email="New@Mail.example", merge=lambda _: {"city": "Bern"}
    )
    assert (changed.email, changed.email_key, changed.profile) == (
        "New@Mail.example",
        "new@mail.example",
        {"city": "Bern"},
    )
    assert (await world.login("new@mail.example")).scope == "read write"
    with pytest.raises(InvalidGrant):
        await world.login("ada@mail.example")
    gone = await account.change_profile(world.ctx, user.id, email=None, merge=lambda _: {})
    assert (gone.email, gone.email_key) == (None, None)


async def test_two_changes_of_one_profile_at_once_are_both_kept(worlds):
    world = await worlds(around=yielding)
    user = await world.sign_up()
    names = ["city", "street", "zip"]
    merges = [lambda stored, name=name: {**stored, name: "new"} for name in names]
    await asyncio.gather(*(account.change_profile(world.ctx, user.id, merge=merge) for merge in merges))
    assert (await account.read_account(world.ctx, user.id)).profile == dict.fromkeys(names, "new")


async def test_a_change_of_the_profile_leaves_an_email_that_another_request_has_just_set(worlds):
    meanwhile = Interruption()
    world = await worlds(around=meanwhile)
    user = await world.sign_up(email="old@mail.example")

    async def change_email():
        await account.change_profile(world.ctx, user.id, email="new@mail.example")

    meanwhile.after["users", "find"] = change_email
    changed = await account.change_profile(world.ctx, user.id, merge=lambda stored: {**stored, "city": "Bern"})
    assert (changed.email, changed.profile) == ("new@mail.example", {"city": "Bern"})


async def test_a_profile_that_never_stands_still_is_a_conflict_and_not_overwritten(world, user):
    written = []

    def merge(stored):
        written.append(len(written))
        state = world.plain.users._state
        state.users[user.id] = replace(state.users[user.id], profile={"other": len(written)})
        return {"mine": True}

    with pytest.raises(Conflict):
        await account.change_profile(world.ctx, user.id, merge=merge)
    assert (await account.read_account(world.ctx, user.id)).profile == {"other": len(written)}


async def test_anothers_email_and_a_malformed_one_are_refused(world, user):
    await world.sign_up("bob", email="bob@mail.example")
    with pytest.raises(EmailTaken):
        await account.change_profile(world.ctx, user.id, email="BOB@mail.example", merge=lambda _: {})
    with pytest.raises(InvalidEmail):
        await account.change_profile(world.ctx, user.id, email="a@x.example,b@y.example", merge=lambda _: {})
    with pytest.raises(NotFound):
        await account.change_profile(world.ctx, "someone else", email=None, merge=lambda _: {})
    assert (await account.get_account(world.ctx, user.id)).email == "ada@mail.example"


async def test_a_new_password_replaces_the_old_one(world, user):
    await change(world, await world.login())
    assert (await world.login(password=NEW)).scope == "read write"
    with pytest.raises(InvalidGrant):
        await world.login()
    assert [event.user_id for event in await world.events(PasswordChanged)] == [user.id]


async def test_a_password_change_ends_the_other_sessions_and_keeps_this_one(world, user):
    other, mine = await world.login(), await world.login()
    await change(world, mine)
    assert (await world.who(mine)).subject == user.id
    assert (await world.who(await world.refresh(mine.refresh_token))).subject == user.id
    with pytest.raises(InvalidToken):
        await world.who(other)
    with pytest.raises(InvalidGrant):
        await world.refresh(other.refresh_token)
    assert [event.reason for event in await world.events(SessionEnded)] == ["password_changed"]


async def test_the_other_sessions_go_on_where_that_is_asked_for(world, user):
    other, mine = await world.login(), await world.login()
    await change(world, mine, end_other_sessions=False)
    assert (await world.who(await world.refresh(other.refresh_token))).subject == user.id


async def test_the_current_password_must_be_right_and_the_new_one_good(world, user):
    answer, other = await world.login(), await world.login()
    with pytest.raises(WrongPassword):
        await change(world, answer, current="not the passphrase")
    with pytest.raises(WrongPassword):
        await change(world, answer, current="\0" * 2**20)
    for weak in ("short", "ada-ada-ada-ada", "x" * 2**20):
        with pytest.raises(WeakPassword):
            await change(world, answer, new=weak)
    assert (await world.who(other)).subject == user.id
    assert (await world.login()).scope == "read write"


async def test_asking_for_the_addresses_of_others_is_limited(worlds):
    world = await worlds(limits=LimitConfig(taken_emails=Limit(3, 3600)))
    user = await world.sign_up()
    await world.sign_up("bob", email="bob@mail.example")
    for _ in range(3):
        with pytest.raises(EmailTaken):
            await account.change_profile(world.ctx, user.id, email="bob@mail.example", merge=lambda _: {})
    for email in ("bob@mail.example", "free@mail.example"):
        with pytest.raises(TooManyRequests):
            await account.change_profile(world.ctx, user.id, email=email, merge=lambda _: {})
    world.clock.tick(3600)
    changed = await account.change_profile(world.ctx, user.id, email="free@mail.example", merge=lambda _: {})
    assert changed.email == "free@mail.example"


async def test_a_stolen_access_token_is_no_way_to_guess_the_password(worlds):
    world = await worlds(limits=LimitConfig(login_per_account=Limit(5, 60)))
    await world.sign_up()
    answer = await world.login()
    for _ in range(5):
        with pytest.raises(WrongPassword):
            await change(world, answer, current="a guess of a thief")
    with pytest.raises(TooManyRequests):
        await change(world, answer)
    world.clock.tick(60)
    await change(world, answer)
    assert (await world.login(password=NEW)).scope == "read write"


async def test_of_two_changes_at_once_one_wins(worlds):
    meanwhile = Interruption()
    world = await worlds(around=meanwhile)
    await world.sign_up()
    first, second = await world.login(), await world.login()
    meanwhile.before["users", "change_password"] = lambda: change(
        world, second, new="a third obviously fake one", end_other_sessions=False
    )
    with pytest.raises(Conflict):
        await change(world, first, end_other_sessions=False)
    assert (await world.login(password="a third obviously fake one")).scope == "read write"


@pytest.mark.parametrize("step", [("revocations", "append"), ("sessions", "end"), ("users", "change_password")])
async def test_an_outage_during_a_change_leaves_the_old_password_and_may_be_tried_again(worlds, step):
    outage = Outage()
    world = await worlds(around=outage)
    await world.sign_up()
    other, mine = await world.login(), await world.login()
    outage.down = {step}
    with pytest.raises(StoreUnavailable):
        await change(world, mine)
    outage.down = set()
    await change(world, mine)
    with pytest.raises(InvalidToken):
        await world.who(other)
    assert (await world.login(password=NEW)).scope == "read write"


async def test_a_deleted_account_is_gone_and_its_names_are_free(world, user):
    answer = await world.login()
    await account.delete_account(world.ctx, user.id)
    with pytest.raises(InvalidToken):
        await world.who(answer)
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    with pytest.raises(InvalidGrant):
        await world.login()
    with pytest.raises(NotFound):
        await account.delete_account(world.ctx, user.id)
    assert [event.user_id for event in await world.events(UserDeleted)] == [user.id]
    again = await world.sign_up(email="ada@mail.example")
    assert again.id != user.id
    assert (await world.who(await world.login())).subject == again.id


async def test_a_deletion_that_was_cut_short_is_finished_by_the_next(worlds):
    outage = Outage()
    world = await worlds(around=outage)
    user = await world.sign_up()
    answer = await world.login()
    outage.down = {("revocations", "append")}
    with pytest.raises(StoreUnavailable):
        await account.delete_account(world.ctx, user.id)
    outage.down = set()
    with pytest.raises(NotFound):
        await account.delete_account(world.ctx, user.id)
    with pytest.raises(InvalidToken):
        await world.who(answer)
    assert await sessions.list_sessions(world.ctx, user.id) == []
