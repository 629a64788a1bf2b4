"""What an operator does for a person who has lost their password."""

import pytest
from tests.flows.doubles import Interruption, Outage
from tests.flows.world import PASSWORD

from watchword.core.account_errors import Conflict, NotFound, WeakPassword
from watchword.core.errors import InvalidGrant, InvalidToken, StoreUnavailable
from watchword.core.models.events import PasswordChanged, SessionEnded
from watchword.flows import admin
from watchword.flows.lost_password import replace_password

NEW = "another obviously fake phrase"


async def test_the_new_password_counts_and_whoever_knew_the_old_one_is_out(world):
    user = await world.sign_up()
    before, heard = await world.login(), []

    @world.ctx.events.on(PasswordChanged)
    async def changed(event):
        heard.append(event.user_id)

    @world.ctx.events.on(SessionEnded)
    async def ended(event):
        heard.append(event.reason)

    await replace_password(world.ctx, user.id, NEW)
    with pytest.raises(InvalidToken):
        await world.who(before)
    with pytest.raises(InvalidGrant):
        await world.refresh(before.refresh_token)
    with pytest.raises(InvalidGrant):
        await world.login(password=PASSWORD)
    after = await world.login(password=NEW)
    assert (await world.who(after)).subject == user.id
    await world.ctx.events.drain()
    assert sorted(heard) == sorted([user.id, "password_changed"])


async def test_an_account_without_a_password_gets_one(world):
    user = await world.sign_up()
    await world.plain.users.change_password(user.id, password_hash="", expected_version=0, now=world.clock.now())
    with pytest.raises(InvalidGrant):
        await world.login()
    await replace_password(world.ctx, user.id, NEW)
    assert (await world.login(password=NEW)).scope == "read write"


async def test_a_weak_password_or_a_person_who_is_not_there_changes_nothing(world):
    user = await world.sign_up()
    before = await world.login()
    with pytest.raises(WeakPassword):
        await replace_password(world.ctx, user.id, "12345")
    with pytest.raises(NotFound):
        await replace_password(world.ctx, "nobody", NEW)
    assert (await world.who(before)).subject == user.id


async def test_a_disabled_account_stays_disabled(world):
    user = await world.sign_up()
    await admin.disable_user(world.ctx, user.id)
    await replace_password(world.ctx, user.id, NEW)
    with pytest.raises(InvalidGrant):
        await world.login(password=NEW)
    await admin.enable_user(world.ctx, user.id)
    assert (await world.login(password=NEW)).scope == "read write"


async def test_a_login_with_the_old_password_in_between_ends_too(worlds):
    meanwhile, between = Interruption(), []
    world = await worlds(around=meanwhile)
    user = await world.sign_up()

    async def log_in():
        between.append(await world.login())

    meanwhile.before["users", "change_password"] = log_in
    await replace_password(world.ctx, user.id, NEW)
    with pytest.raises(InvalidToken):
        await world.who(between[0])


async def test_of_two_changes_at_once_one_is_refused(worlds):
    meanwhile = Interruption()
    world = await worlds(around=meanwhile)
    user = await world.sign_up()
    third = "a third obviously fake one"
    meanwhile.before["users", "change_password"] = lambda: replace_password(world.ctx, user.id, third)
    with pytest.raises(Conflict):
        await replace_password(world.ctx, user.id, NEW)
    assert (await world.login(password=third)).scope == "read write"


@pytest.mark.parametrize("step", [("revocations", "append"), ("sessions", "end"), ("users", "change_password")])
async def test_an_outage_leaves_nothing_half_done_and_it_may_be_tried_again(worlds, step):
    outage = Outage()
    world = await worlds(around=outage)
    user = await world.sign_up()
    before = await world.login()
    outage.down = {step}
    with pytest.raises(StoreUnavailable):
        await replace_password(world.ctx, user.id, NEW)
    outage.down = set()
    await replace_password(world.ctx, user.id, NEW)
    with pytest.raises(InvalidToken):
        await world.who(before)
    assert (await world.login(password=NEW)).scope == "read write"
