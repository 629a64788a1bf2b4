"""What administrators do: accounts, roles, invitations."""

import pytest
from tests.flows.doubles import Outage
from tests.flows.world import PASSWORD

from watchword.core.account_errors import AccountDisabled, Conflict, InvalidInput, NotFound, UsernameTaken
from watchword.core.errors import InvalidGrant, InvalidToken, StoreUnavailable
from watchword.core.models.events import RolesChanged, UserDisabled, UserEnabled
from watchword.core.models.identity import Role
from watchword.flows import admin
from watchword.flows.signup import SignUp


@pytest.fixture
async def user(world):
    return await world.sign_up(email="ada@mail.example")


async def test_accounts_are_listed_page_by_page(world):
    users = []
    for number in range(5):
        users.append(await world.sign_up(f"user{number}"))
        world.clock.tick(1)
    assert await admin.list_users(world.ctx, 3) == users[:3]
    assert await admin.list_users(world.ctx, 3, users[2].id) == users[3:]


async def test_an_account_is_found_by_id_username_or_email(world, user):
    for name in (user.id, "ADA", "Ada@mail.example"):
        assert await admin.get_user(world.ctx, name) == user
    for name in ("nobody", "", "\0", "\ud800", "x" * 2**20, user.id[:-1]):
        with pytest.raises(NotFound):
            await admin.get_user(world.ctx, name)


async def test_accounts_are_added_whatever_the_sign_up_mode(worlds):
    world = await worlds(signup="closed")
    request = SignUp(username="ada", password=PASSWORD)
    assert (await admin.add_user(world.ctx, request, ("admin",))).roles == ("admin",)
    assert await admin.has_admin(world.ctx)
    with pytest.raises(UsernameTaken):
        await admin.add_user(world.ctx, request)
    with pytest.raises(NotFound):
        await admin.add_user(world.ctx, SignUp(username="bob", password=PASSWORD), ("no-such-role",))


async def test_a_disabled_account_is_shut_out_at_once_and_enabled_again(world, user):
    answer = await world.login()
    assert (await admin.disable_user(world.ctx, user.id)).disabled
    with pytest.raises(AccountDisabled):
        await world.who(answer)
    for attempt in (world.refresh(answer.refresh_token), world.login()):
        with pytest.raises(InvalidGrant):
            await attempt
    assert not (await admin.enable_user(world.ctx, user.id)).disabled
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    assert (await world.who(await world.login())).subject == user.id
    assert len(await world.events(UserDisabled)) == len(await world.events(UserEnabled)) == 1


async def test_a_disabling_that_was_cut_short_is_finished_by_the_next(worlds):
    outage = Outage()
    world = await worlds(around=outage)
    user = await world.sign_up()
    answer = await world.login()
    outage.down = {("revocations", "append")}
    with pytest.raises(StoreUnavailable):
        await admin.disable_user(world.ctx, user.id)
    outage.down = set()
    assert (await world.who(answer)).subject == user.id
    await admin.disable_user(world.ctx, user.id)
    with pytest.raises(AccountDisabled):
        await world.who(answer)


@pytest.mark.parametrize("act", [admin.disable_user, admin.enable_user, admin.remove_user])
async def test_an_unknown_account_is_not_found(world, act):
    with pytest.raises(NotFound):
        await act(world.ctx, "no such id")


async def test_a_role_is_granted_and_withdrawn_and_tokens_of_before_must_be_refreshed(world, user):
    answer = await world.login()
    assert (await admin.grant_role(world.ctx, user.id, "admin")).roles == ("admin",)
    with pytest.raises(InvalidToken):
        await world.who(answer)
    promoted = await world.refresh(answer.refresh_token)
    assert (await world.who(promoted)).permissions == {"admin"}
    assert (await admin.withdraw_role(world.ctx, user.id, "admin")).roles == ()
    with pytest.raises(InvalidToken):
        await world.who(promoted)
    assert (await world.who(await world.refresh(promoted.refresh_token))).permissions == frozenset()
    assert [event.roles for event in await world.events(RolesChanged)] == [("admin",), ()]


async def test_unknown_roles_and_people_are_not_found(world, user):
    with pytest.raises(NotFound):
        await admin.grant_role(world.ctx, user.id, "no-such-role")
    with pytest.raises(NotFound):
        await admin.grant_role(world.ctx, "no such id", "admin")
    with pytest.raises(NotFound):
        await admin.withdraw_role(world.ctx, "no such id", "admin")
    with pytest.raises(NotFound):
        await admin.new_invite(world.ctx, ("no-such-role",))
    with pytest.raises(NotFound):
        await admin.delete_role(world.ctx, "no-such-role")


async def test_a_deleted_role_is_gone_from_tokens_too(world, user):
    await admin.put_role(world.ctx, Role(name="clerk", permissions=frozenset({"items:read"}), description="Reads"))
    assert [role.name for role in await admin.list_roles(world.ctx)] == ["admin", "clerk"]
    await admin.grant_role(world.ctx, user.id, "clerk")
    answer = await world.login()
    await admin.delete_role(world.ctx, "clerk")
    with pytest.raises(InvalidToken):
        await world.who(answer)
    renewed = await world.refresh(answer.refresh_token)
    assert (await world.who(renewed)).roles == frozenset()
    assert [role.name for role in await admin.list_roles(world.ctx)] == ["admin"]


async def test_deleting_a_role_that_nobody_has_disturbs_nobody(world, user):
    await admin.put_role(world.ctx, Role(name="clerk"))
    answer = await world.login()
    await admin.delete_role(world.ctx, "clerk")
    assert (await world.who(answer)).subject == user.id


async def test_the_role_admin_keeps_its_permission_and_its_place(world):
    kept = await admin.put_role(world.ctx, Role(name="admin", permissions=frozenset({"items:read"})))
    assert kept.permissions == {"admin", "items:read"}
    assert world.ctx.roles.permissions(("admin",)) == {"admin", "items:read"}
    with pytest.raises(Conflict):
        await admin.delete_role(world.ctx, "admin")


@pytest.mark.parametrize("role", [Role(name="No Such"), Role(name=""), Role(name="a", permissions=frozenset({"b c"}))])
async def test_malformed_roles_are_refused(world, role):
    with pytest.raises(InvalidInput):
        await admin.put_role(world.ctx, role)


async def test_an_invitation_is_stored_as_a_hash_alone(world):
    secret = await admin.new_invite(world.ctx, ("admin",))
    assert secret.startswith("wwiv_")
    assert secret not in repr(world.plain.invites._state.invites)
    assert len(world.plain.invites._state.invites) == 1
