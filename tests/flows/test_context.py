from datetime import timedelta

import pytest
from tests.flows.doubles import Outage
from tests.flows.world import World, config

from watchword.core.errors import StoreUnavailable
from watchword.core.models.events import UserSignedUp
from watchword.core.models.identity import Role
from watchword.flows.context import open_context
from watchword.flows.events import EventBus
from watchword.flows.housekeeping import BATCH, purge_expired
from watchword.flows.role_book import RoleBook
from watchword.stores.open import open_stores


async def test_opening_does_no_io(worlds):
    outage = Outage()
    outage.down = {"*"}
    world = World(around=outage)
    with pytest.raises(StoreUnavailable):
        await world.ctx.start(follow=False)
    outage.down = set()
    await world.ctx.start(follow=False)
    assert world.ctx.keys.ring.newest is not None
    await world.ctx.close()


async def test_a_start_makes_the_role_admin_and_never_overwrites_it(world, worlds):
    assert await world.plain.roles.list() == [Role(name="admin", permissions=frozenset({"admin"}))]
    richer = Role(name="admin", permissions=frozenset({"admin", "items:read"}))
    await world.plain.roles.put(richer)
    again = await worlds(stores=world.plain, clock=world.clock)
    assert await again.plain.roles.list() == [richer]


async def test_the_event_bus_of_an_application_is_used():
    bus, heard = EventBus(), []

    @bus.on(UserSignedUp)
    async def hear(event):
        heard.append(event)

    ctx = open_context(config(), open_stores("memory://"), events=bus)
    assert ctx.events is bus
    await ctx.close()


async def test_a_context_may_be_closed_twice_and_without_a_start():
    world = World()
    await world.ctx.close()
    await world.ctx.close()
    assert not world.ctx.follower.running


async def test_housekeeping_deletes_what_has_expired_and_nothing_else(world):
    await world.sign_up()
    old = await world.login()
    await world.revoke(old.access_token)
    world.clock.tick(timedelta(days=89))
    young = await world.login()
    await purge_expired(world.ctx)
    families, sessions = world.plain.families._state.families, world.plain.sessions._state.sessions
    assert (len(families), len(sessions)) == (2, 2)
    world.clock.tick(timedelta(days=1, minutes=2))
    await purge_expired(world.ctx)
    assert (len(families), len(sessions)) == (1, 1)
    assert (await world.refresh(young.refresh_token)).scope == "read write"


async def test_housekeeping_works_in_batches_until_all_is_gone(worlds):
    limits = []

    async def counting(noun, verb, call):
        answer = await call()
        if (noun, verb) == ("families", "purge"):
            limits.append(answer)
        return answer

    world = await worlds(around=counting)
    user = await world.sign_up()
    family = await world.family(await world.login())
    from dataclasses import replace

    for number in range(BATCH + 9):
        await world.plain.families.add(replace(family, id=f"{number}", user_id=user.id))
    world.clock.tick(timedelta(days=91))
    await purge_expired(world.ctx)
    assert limits == [BATCH, 10]


async def test_a_role_book_remembers_until_a_role_changes(world):
    book = RoleBook(world.plain.roles)
    assert book.permissions(("admin",)) == {"admin"}
    await world.plain.roles.put(Role(name="clerk", permissions=frozenset({"items:read"})))
    assert book.permissions(("clerk",)) == frozenset()
    await book.reload()
    assert book.has("clerk")
    assert book.permissions(("clerk", "admin", "unknown")) == {"items:read", "admin"}
    assert book.permissions(frozenset({"admin", "clerk", "unknown"})) is book.permissions(("unknown", "clerk", "admin"))
