"""Sessions: found, touched, ended once."""

from dataclasses import replace

import pytest
from tests.contracts.records import DAY, MILLISECOND, NOW, some_family, some_session, some_user

SESSION = some_session(amr=("pwd", "otp"), user_agent="a browser")
ME, ID = SESSION.user_id, SESSION.id


async def test_a_stored_session_comes_back_as_it_was(stores):
    await stores.sessions.add(SESSION)
    assert await stores.sessions.find(ME, ID) == SESSION


async def test_a_session_is_found_under_its_own_user_only(stores):
    await stores.sessions.add(SESSION)
    assert await stores.sessions.find("other", ID) is None
    assert await stores.sessions.find(ME, "other") is None
    assert await stores.sessions.find("\ud800", "\ud800") is None
    assert await stores.sessions.end("other", ID, now=NOW) is False


async def test_the_same_id_twice_is_the_callers_mistake(stores):
    await stores.sessions.add(SESSION)
    with pytest.raises(ValueError, match="exists"):
        await stores.sessions.add(SESSION)


async def test_a_session_begins_with_its_family_or_not_at_all(stores):
    family = some_family(ME, session_id=ID)
    await stores.sessions.begin(SESSION, family)
    assert await stores.sessions.find(ME, ID) == SESSION
    assert await stores.families.find(ME, family.id) == family
    taken = [(SESSION, some_family(ME)), (some_session(ME), family)]
    for session, first in taken:
        with pytest.raises(ValueError, match="exists"):
            await stores.sessions.begin(session, first)
    assert await stores.families.find(ME, taken[0][1].id) is None
    assert await stores.sessions.find(ME, taken[1][0].id) is None


async def test_live_sessions_are_listed_newest_first(stores):
    old = some_session(created_at=NOW - DAY)
    ended, expired, others = some_session(), some_session(expires_at=NOW), some_session("other")
    last_millisecond = some_session(created_at=NOW - 2 * DAY, expires_at=NOW + MILLISECOND)
    for session in (old, ended, SESSION, expired, others, last_millisecond):
        await stores.sessions.add(session)
    await stores.sessions.end(ME, ended.id, now=NOW)
    assert await stores.sessions.list_live(ME, now=NOW) == [SESSION, old, last_millisecond]


async def test_end_happens_once(stores):
    await stores.sessions.add(SESSION)
    assert await stores.sessions.end(ME, ID, now=NOW) is True
    assert await stores.sessions.end(ME, ID, now=NOW + DAY) is False
    assert await stores.sessions.end(ME, "other", now=NOW) is False
    assert await stores.sessions.find(ME, ID) == replace(SESSION, ended_at=NOW)


async def test_an_expired_session_can_still_be_ended(stores):
    await stores.sessions.add(SESSION)
    assert await stores.sessions.end(ME, ID, now=SESSION.expires_at + DAY) is True


async def test_touch_moves_last_seen_forward_only(stores):
    await stores.sessions.add(SESSION)
    await stores.sessions.touch(ME, ID, now=NOW + DAY)
    assert (await stores.sessions.find(ME, ID)).last_seen_at == NOW + DAY
    await stores.sessions.touch(ME, ID, now=NOW)
    assert (await stores.sessions.find(ME, ID)).last_seen_at == NOW + DAY


async def test_touch_leaves_an_ended_session_alone(stores):
    await stores.sessions.add(SESSION)
    await stores.sessions.end(ME, ID, now=NOW)
    await stores.sessions.touch(ME, ID, now=NOW + DAY)
    await stores.sessions.touch(ME, "other", now=NOW + DAY)
    assert (await stores.sessions.find(ME, ID)).last_seen_at == NOW


async def test_purge_deletes_the_expired_up_to_the_limit(stores):
    before = NOW + DAY
    expired = [some_session(expires_at=before - MILLISECOND) for _ in range(3)]
    kept = some_session(expires_at=before)
    for session in (*expired, kept):
        await stores.sessions.add(session)
    assert await stores.sessions.purge(before=before, limit=2) == 2
    assert await stores.sessions.purge(before=before, limit=2) == 1
    assert await stores.sessions.purge(before=before, limit=2) == 0
    assert await stores.sessions.find(ME, kept.id) == kept


async def test_begin_returns_the_person_as_they_are_then(stores):
    user = some_user(id="user-1")
    await stores.users.add(user)
    await stores.users.disable("user-1", now=NOW)
    known = await stores.users.find("user-1")
    session = some_session()
    assert await stores.sessions.begin(session, some_family(session_id=session.id)) == known
    assert known.disabled
    assert await stores.sessions.begin(some_session("nobody"), some_family("nobody")) is None
