"""Documents: whose they are, that values are never operators, and what is left where a process dies half-way."""

import pytest
from tests.contracts.records import DAY, NOW, some_family, some_revocation, some_session, some_user

from watchword.core.errors import StoreUnavailable
from watchword.core.models.identity import Role
from watchword.ports.identity import Change
from watchword.stores.mongo import revocations
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.documents import is_own, own_id


def is_of(user_id, name):
    bounds = is_own(user_id)
    return bounds["$gte"] <= name < bounds["$lt"]


@pytest.mark.parametrize("user_id", ["a", "a/b", "a%2Fb", "a%", "", "é/", "0", "a0"])
def test_an_id_says_whose_it_is_and_nobody_elses(user_id):
    owners = ["a", "a/b", "a%2Fb", "a%", "", "é/", "0", "a0"]
    mine = own_id(user_id, "x")
    assert [owner for owner in owners if is_of(owner, mine)] == [user_id]
    assert len({own_id(owner, "x/y") for owner in owners}) == len(owners)


async def test_a_value_is_never_an_operator(stores):
    session, family = some_session(), some_family()
    await stores.users.add(some_user("ada", password_hash="h"))
    await stores.sessions.begin(session, family)
    trick = {"$gt": ""}
    for attempt in (
        stores.users.find(trick),
        stores.users.find_by_login(trick),
        stores.users.upgrade_hash("ada", old_hash=trick, new_hash="x"),
        stores.users.delete(trick),
    ):
        try:
            answer = await attempt
        except StoreUnavailable:  # a server that cannot compare documents
            answer = None
        assert answer in (None, Change.ABSENT)
    (ada,) = await stores.users.list(limit=9)
    assert ada.password_hash == "h"


async def test_what_does_not_fit_is_refused_when_stored_and_absent_when_looked_for(stores):
    with pytest.raises(ValueError, match="cannot be stored"):
        await stores.users.add(some_user("ada", credential_version=10**30))
    with pytest.raises(UnicodeEncodeError):
        await stores.users.add(some_user("\ud800"))
    assert await stores.users.list(limit=9) == []
    ada = some_user("ada")
    await stores.users.add(ada)
    change = stores.users.change_password
    assert await change(ada.id, password_hash="x", expected_version=10**30, now=NOW) == Change.STALE
    with pytest.raises(UnicodeEncodeError):
        await change(ada.id, password_hash="\ud800", expected_version=0, now=NOW)


async def test_a_writer_that_died_before_it_stored_leaves_a_gap_that_holds_up_nobody(stores, connection):
    await stores.revocations.append([some_revocation("before")])
    await Collection(connection, "counters").count_up(revocations.COUNTER, revocations.SEQUENCE, 3)
    await stores.revocations.append([some_revocation("after"), some_revocation("last")])
    found = await stores.revocations.read(after=0, limit=9, now=NOW)
    assert [(entry.sequence, entry.revocation.subject) for entry in found] == [(1, "before"), (5, "after"), (6, "last")]


async def test_a_writer_that_was_late_appends_again(stores, monkeypatch):
    seconds = iter([0.0, 6.0, 6.0, 6.1])
    monkeypatch.setattr(revocations, "time", type("Clock", (), {"monotonic": lambda: next(seconds)}))
    await stores.revocations.append([some_revocation("late")])
    found = await stores.revocations.read(after=0, limit=9, now=NOW)
    assert [entry.sequence for entry in found] == [1, 2]


async def test_a_role_whose_deletion_was_cut_short_does_not_come_back_with_its_members(stores, connection):
    ada = some_user("ada", roles=("editor",))
    await stores.roles.put(Role(name="editor"))
    await stores.users.add(ada)
    await Collection(connection, "roles").update({"_id": "editor"}, {"$set": {"deleted": True}})  # and it died
    assert await stores.roles.list() == []
    assert await stores.users.grant_role(ada.id, "editor") == Change.ABSENT
    assert await stores.roles.put(Role(name="editor")) == Change.CHANGED
    assert (await stores.users.find(ada.id)).roles == ()
    assert await stores.users.grant_role(ada.id, "editor") == Change.CHANGED
    assert (await stores.users.find(ada.id)).roles == ("editor",)


async def test_the_next_delete_finishes_one_that_was_cut_short(stores, connection):
    ada = some_user("ada", roles=("editor",))
    await stores.roles.put(Role(name="editor"))
    await stores.users.add(ada)
    await Collection(connection, "roles").update({"_id": "editor"}, {"$set": {"deleted": True}})
    assert await stores.roles.delete("editor") == Change.ABSENT
    assert (await stores.users.find(ada.id)).roles == ()


async def test_a_session_that_began_without_its_family_can_be_ended(stores):
    session, family = some_session(), some_family()
    await stores.families.add(family)
    with pytest.raises(ValueError, match="exists"):
        await stores.sessions.begin(session, family)
    assert await stores.sessions.find(session.user_id, session.id) is None
    await stores.sessions.add(session)
    assert await stores.sessions.end(session.user_id, session.id, now=NOW + DAY) is True
