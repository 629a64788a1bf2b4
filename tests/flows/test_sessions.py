import asyncio
from datetime import timedelta

import pytest
from tests.flows.doubles import Interruption, yielding

from watchword.core.errors import InvalidToken
from watchword.core.models.events import SessionEnded
from watchword.flows.sessions import end_all_sessions, end_session, list_sessions


async def test_live_sessions_are_listed_newest_first_until_they_end_or_expire(world):
    user = await world.sign_up()
    ids = []
    for _ in range(3):
        ids.append((await world.who(await world.login())).session_id)
        world.clock.tick(60)
    assert [session.id for session in await list_sessions(world.ctx, user.id)] == ids[::-1]
    await end_session(world.ctx, user.id, ids[1], reason="logout")
    assert [session.id for session in await list_sessions(world.ctx, user.id)] == [ids[2], ids[0]]
    world.clock.tick(timedelta(days=90))
    assert await list_sessions(world.ctx, user.id) == []


async def test_a_session_is_seen_when_it_refreshes(world):
    user = await world.sign_up()
    answer = await world.login()
    world.clock.tick(3600)
    await world.refresh(answer.refresh_token)
    (session,) = await list_sessions(world.ctx, user.id)
    assert (session.last_seen_at, session.created_at) == (world.clock.now(), world.clock.now() - timedelta(hours=1))


async def test_of_parallel_endings_exactly_one_says_so(worlds):
    world = await worlds(around=yielding)
    user = await world.sign_up()
    session_id = (await world.who(await world.login())).session_id
    endings = [end_session(world.ctx, user.id, session_id, reason="logout") for _ in range(32)]
    assert sum(await asyncio.gather(*endings)) == 1
    assert len(await world.events(SessionEnded)) == 1


async def test_a_session_is_ended_only_as_its_owners(world):
    owner, other = await world.sign_up("ada"), await world.sign_up("bob")
    answer = await world.login("ada")
    session_id = (await world.who(answer)).session_id
    assert not await end_session(world.ctx, other.id, session_id, reason="logout")
    assert not await end_session(world.ctx, owner.id, "unknown", reason="logout")
    assert (await world.who(answer)).subject == owner.id
    assert await end_session(world.ctx, owner.id, session_id, reason="logout")


async def test_all_but_one_session_end(world):
    user = await world.sign_up()
    kept, *others = [await world.login() for _ in range(3)]
    session_id = (await world.who(kept)).session_id
    assert await end_all_sessions(world.ctx, user.id, except_session=session_id, reason="logout") == 2
    assert (await world.who(await world.refresh(kept.refresh_token))).session_id == session_id
    for other in others:
        with pytest.raises(InvalidToken):
            await world.who(other)


async def test_a_refresh_during_the_ending_of_its_session_gives_nothing_that_lives(worlds):
    meanwhile = Interruption()
    world = await worlds(around=meanwhile)
    user = await world.sign_up()
    answer = await world.login()
    session_id = (await world.who(answer)).session_id
    late = []

    async def refresh():
        late.append(await world.refresh(answer.refresh_token))

    meanwhile.after["revocations", "append"] = refresh
    assert await end_session(world.ctx, user.id, session_id, reason="logout")
    with pytest.raises(InvalidToken):
        await world.who(late[0])
    assert (await world.family(late[0])).status.value == "revoked"
