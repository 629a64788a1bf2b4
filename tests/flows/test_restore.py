"""A restored backup revives nothing: what was revoked, spent or rotated since stays dead, and passwords work."""

from datetime import timedelta

import pytest
from tests.flows.world import PASSWORD

from watchword.core.account_errors import Conflict, InvalidInvite
from watchword.core.backup_archive import ArchiveWriter, BadArchive, Header
from watchword.core.errors import InvalidClient, InvalidGrant, InvalidToken
from watchword.core.models.authorizations import Resource
from watchword.core.models.events import AccountsExported, AccountsImported
from watchword.core.models.identity import Role
from watchword.core.models.sessions import BrowserSession, RevocationKind
from watchword.flows import admin, clients
from watchword.flows.backup import backup_lines
from watchword.flows.key_rotation import rotate
from watchword.flows.restore import restore
from watchword.flows.sessions import end_all_sessions
from watchword.stores.open import open_stores


async def backup_of(world):
    return [line async for line in backup_lines(world.ctx, ArchiveWriter())]


@pytest.fixture(params=["memory", "sqlite", "postgres", "mongo"])
def new_url(request, tmp_path):
    """The URL of a database of another kind, as a rule, than the one that the backup is from."""
    local = {"memory": "memory://", "sqlite": f"sqlite:///{tmp_path}/new.db"}
    return local.get(request.param) or request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def fresh(new_url, worlds):
    """Makes a world over a new, empty database."""
    opened = []

    async def make(**options):
        stores = open_stores(new_url)
        await stores.migrate()
        opened.append(stores)
        return await worlds(stores=stores, **options)

    yield make
    for stores in opened:
        await stores.close()


async def restored(world, fresh, lines):
    """A world after a restore, a minute later, by the same secrets."""
    new = await fresh(clock=world.clock)
    world.clock.tick(60)
    await restore(new.ctx, lambda: iter(lines))
    return new


async def test_people_clients_and_roles_come_back_as_they_were(world, fresh):
    await admin.put_role(world.ctx, Role(name="editor", permissions=frozenset({"write"}), description="writes"))
    ada = await world.sign_up("ada", email="ada@example.test", profile={"colour": "red"})
    await admin.grant_role(world.ctx, ada.id, "editor")
    await world.sign_up("bob")
    await admin.disable_user(world.ctx, (await admin.get_user(world.ctx, "bob")).id)
    machine = await world.machine()
    resource = Resource(uri="https://api.example.test/", scopes=frozenset({"read"}), access_ttl=timedelta(minutes=5))
    await world.plain.resources.put(resource)
    new = await restored(world, fresh, await backup_of(world))
    assert await new.plain.resources.list() == [resource]
    for noun in ("users", "clients"):
        assert await getattr(new.plain, noun).list(limit=9) == await getattr(world.plain, noun).list(limit=9)
    assert await new.plain.roles.list() == await world.plain.roles.list()
    await new.ctx.clients.reload()
    assert (await machine.__class__(new, machine.client, machine.secret).token()).access_token


async def test_passwords_work_after_a_restore(world, fresh):
    await world.sign_up("ada")
    new = await restored(world, fresh, await backup_of(world))
    answer = await new.login("ada")
    assert (await new.who(answer)).subject == (await admin.get_user(new.ctx, "ada")).id
    again = await new.refresh(answer.refresh_token)
    assert again.refresh_token != answer.refresh_token
    with pytest.raises(InvalidGrant):
        await new.login("ada", PASSWORD + "x")


async def test_nothing_granted_before_the_backup_is_good_after_a_restore(world, fresh):
    await world.sign_up("ada")
    invite = await admin.new_invite(world.ctx)
    spent = await admin.new_invite(world.ctx)
    live, ended, rotated = [await world.login("ada") for _ in range(3)]
    machine = await world.machine()
    machine_token = await machine.token()
    for answer in (live, ended, rotated, machine_token):
        await world.who(answer)  # the accepted twin: all is good where it was made
    lines = await backup_of(world)

    second = await world.refresh(rotated.refresh_token)
    await world.sign_up("eve", invite=spent)
    await end_all_sessions(world.ctx, (await world.who(ended)).subject, reason="revoked")
    new = await restored(world, fresh, lines)

    for answer in (live, ended, rotated, second, machine_token):
        with pytest.raises(InvalidToken):
            await new.who(answer)
    for answer in (live, ended, rotated, second):
        with pytest.raises(InvalidGrant):
            await new.refresh(answer.refresh_token)
    for secret in (invite, spent):
        with pytest.raises(InvalidInvite):
            await new.sign_up("grace", invite=secret)
    assert await new.sign_up("grace", invite=await admin.new_invite(new.ctx))


async def test_even_a_token_of_a_carried_over_key_is_refused(world, fresh):
    """Should somebody bring the old keys back by other means, the cut-off refuses what they signed."""
    await world.sign_up("ada")
    answer = await world.login("ada")
    lines = await backup_of(world)
    new = await fresh(clock=world.clock)
    world.clock.tick(60)
    await restore(new.ctx, lambda: iter(lines))
    (entry,) = [
        each.revocation
        for each in await new.plain.revocations.read(after=0, limit=99, now=world.clock.now())
        if each.revocation.kind is RevocationKind.EVERYTHING
    ]
    assert entry.at >= world.clock.now()
    principal = await world.who(answer)
    assert new.ctx.view.refuses(principal) is RevocationKind.EVERYTHING
    fresh_login = await new.login("ada")
    assert new.ctx.view.refuses(await new.who(fresh_login)) is None


async def test_keys_of_the_new_database_are_replaced_and_one_signs(world, fresh):
    await world.sign_up("ada")
    new = await fresh(clock=world.clock)
    before = [key.kid for key in await new.plain.keys.list()]
    world.clock.tick(60)
    lines = await backup_of(world)
    await restore(new.ctx, lambda: iter(lines))
    keys = await new.plain.keys.list()
    assert [key.kid for key in keys if key.revoked_at is not None] == before
    assert [key.kid for key in keys if key.revoked_at is None] == [new.ctx.keys.ring.signing(world.clock.now()).kid]


async def test_sessions_that_somebody_left_in_the_database_end(world, fresh):
    """Accounts keep their ids, so a session left behind by a careless emptying would find its owner again."""
    ada = await world.sign_up("ada")
    answer = await world.login("ada")
    session_id = (await world.who(answer)).session_id
    now = world.clock.now()
    times = {"created_at": now, "last_seen_at": now, "auth_time": now, "expires_at": now + timedelta(days=9)}
    await world.plain.browsers.add(BrowserSession(user_id=ada.id, id="browser-1", secret_hash=b"not-a-hash", **times))
    lines = await backup_of(world)
    await world.plain.users.delete(ada.id)
    world.clock.tick(60)
    await restore(world.ctx, lambda: iter(lines))
    assert await world.plain.sessions.find(ada.id, session_id) is None
    assert await world.plain.browsers.find(ada.id, "browser-1") is None
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    assert (await world.login("ada")).refresh_token


@pytest.mark.parametrize("filled_by", ["user", "client", "resource", "role"])
async def test_a_database_that_is_not_empty_is_left_alone(world, fresh, filled_by):
    await world.sign_up("ada")
    lines = await backup_of(world)
    new = await fresh()
    if filled_by == "user":
        await new.sign_up("bob")
    elif filled_by == "client":
        await new.machine()
    elif filled_by == "resource":
        await new.plain.resources.put(Resource(uri="https://api.example.test/"))
    else:
        await admin.put_role(new.ctx, Role(name="editor"))
    with pytest.raises(Conflict) as refused:
        await restore(new.ctx, lambda: iter(lines))
    assert "not empty" in refused.value.detail
    assert [user.username for user in await new.plain.users.list(limit=9)] == (["bob"] if filled_by == "user" else [])


@pytest.mark.parametrize("cut", [0, 1, 2, -1])
async def test_of_a_damaged_backup_nothing_is_stored(world, fresh, cut):
    await world.sign_up("ada")
    lines = (await backup_of(world))[:cut]
    new = await fresh()
    keys = await new.plain.keys.list()
    with pytest.raises(BadArchive):
        await restore(new.ctx, lambda: iter(lines))
    assert await new.plain.users.list(limit=9) == []
    assert await new.plain.keys.list() == keys


async def test_accounts_that_clash_are_said_so(world, fresh):
    ada, writer = await world.sign_up("ada"), ArchiveWriter()
    header = writer.header(Header(made_at=world.clock.now(), version="1", store="memory"))
    lines = [header, writer.record("user", ada), writer.record("user", ada), writer.end()]
    new = await fresh()
    with pytest.raises(Conflict) as refused:
        await restore(new.ctx, lambda: iter(lines))
    assert "make a new one" in refused.value.detail


async def test_a_backup_and_a_restore_are_told_to_the_audit_log(world, fresh):
    await world.sign_up("ada")
    new = await restored(world, fresh, await backup_of(world))
    assert [(each.count, each.password_hashes) for each in await world.events(AccountsExported)] == [(1, True)]
    assert [(each.count, each.file_format) for each in await new.events(AccountsImported)] == [(1, "backup")]


async def test_accounts_made_during_a_backup_leave_it_whole(world, fresh):
    for number in range(3):
        await world.sign_up(f"user{number}")
    writer, lines = ArchiveWriter(), []
    async for line in backup_lines(world.ctx, writer):
        lines.append(line)
        if len(lines) == 2:
            world.clock.tick(1)
            late = await world.sign_up("late")
            await admin.put_role(world.ctx, Role(name="new"))
            await admin.grant_role(world.ctx, late.id, "new")
    new = await restored(world, fresh, lines)
    found = {user.username for user in await new.plain.users.list(limit=9)}
    assert {"user0", "user1", "user2"} <= found <= {"user0", "user1", "user2", "late"}


async def test_a_client_secret_replaced_since_the_backup_is_the_old_one_again(world, fresh):
    """A backup is a state of before: the documentation says to rotate what was rotated for a reason."""
    machine = await world.machine()
    lines = await backup_of(world)
    secret = await clients.rotate_secret(world.ctx, machine.id, immediately=True)
    new = await restored(world, fresh, lines)
    await new.ctx.clients.reload()
    assert (await type(machine)(new, machine.client, machine.secret).token()).access_token
    with pytest.raises(InvalidClient):
        await type(machine)(new, machine.client, secret).token()


async def test_a_rotation_after_a_restore_goes_on(world, fresh):
    await world.sign_up("ada")
    new = await restored(world, fresh, await backup_of(world))
    key = await rotate(new.ctx, immediately=True)
    assert (await new.who(await new.login("ada"))).claims
    assert key.generation == max(each.generation for each in await new.plain.keys.list())
