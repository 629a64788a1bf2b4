"""Roles and their permissions."""

from tests.contracts.records import some_user

from watchword.core.models.identity import Role
from watchword.ports.identity import Change

EDITOR = Role(name="editor", permissions=frozenset({"items:write", "items:read"}), description="Edits")
ADMIN = Role(name="admin", permissions=frozenset({"admin"}))


async def test_roles_come_back_by_name(stores):
    assert await stores.roles.list() == []
    assert await stores.roles.put(EDITOR) == Change.CHANGED
    assert await stores.roles.put(ADMIN) == Change.CHANGED
    assert await stores.roles.list() == [ADMIN, EDITOR]


async def test_put_says_whether_anything_changed(stores):
    await stores.roles.put(EDITOR)
    same = Role(name="editor", permissions=frozenset({"items:read", "items:write"}), description="Edits")
    assert await stores.roles.put(same) == Change.UNCHANGED
    fewer = Role(name="editor", permissions=frozenset({"items:read"}), description="Edits")
    assert await stores.roles.put(fewer) == Change.CHANGED
    assert await stores.roles.list() == [fewer]
    described = Role(name="editor", permissions=frozenset({"items:read"}), description="Reads")
    assert await stores.roles.put(described) == Change.CHANGED
    assert await stores.roles.list() == [described]


async def test_a_replaced_role_keeps_its_members(stores):
    await stores.roles.put(EDITOR)
    user = some_user(roles=("editor",))
    await stores.users.add(user)
    await stores.roles.put(Role(name="editor"))
    assert (await stores.users.find(user.id)).roles == ("editor",)


async def test_delete_takes_the_role_from_everyone(stores):
    await stores.roles.put(EDITOR)
    await stores.roles.put(ADMIN)
    user = some_user(roles=("admin", "editor"))
    await stores.users.add(user)
    assert await stores.roles.delete("editor") == Change.CHANGED
    assert await stores.roles.delete("editor") == Change.ABSENT
    assert (await stores.users.find(user.id)).roles == ("admin",)
    await stores.roles.put(EDITOR)
    assert (await stores.users.find(user.id)).roles == ("admin",)


async def test_has_members_tells_whether_anyone_holds_a_role(stores):
    await stores.roles.put(ADMIN)
    assert await stores.roles.has_members("admin") is False
    user = some_user(roles=("admin",))
    await stores.users.add(user)
    assert await stores.roles.has_members("admin") is True
    assert await stores.roles.has_members("editor") is False
    await stores.users.withdraw_role(user.id, "admin")
    assert await stores.roles.has_members("admin") is False
