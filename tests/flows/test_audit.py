"""Every change of security state and every refusal worth knowing is an event, once (ATTACKS L01)."""

import logging
from dataclasses import fields

import pytest
from tests.flows.world import PASSWORD

from watchword.config import LimitConfig
from watchword.core.account_errors import EmailTaken, WrongPassword
from watchword.core.errors import InvalidClient, InvalidGrant, TooManyRequests
from watchword.core.models import events
from watchword.core.models.identity import Role
from watchword.core.models.limits import Limit
from watchword.flows import account, admin, clients, key_rotation
from watchword.flows.events import audit_record

ONCE = Limit(1, 3600)
KINDS = events.Event.__subclasses__()


def told(happened):
    """What events say, without their time."""
    return [tuple(getattr(event, field.name) for field in fields(event)[1:]) for event in happened]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_field_of_an_event_overwrites_what_every_log_record_has(kind):
    record = logging.makeLogRecord({})
    assert set(vars(record)) & {field.name for field in fields(kind)} == set()


async def test_a_role_that_is_made_changed_and_deleted_is_told_and_one_that_stays_is_not(world):
    for permissions in ({"b", "a"}, {"a", "b"}, {"a"}):
        await admin.put_role(world.ctx, Role(name="editor", permissions=frozenset(permissions)))
    await admin.delete_role(world.ctx, "editor")
    assert told(await world.events(events.RoleStored)) == [("editor", ("a", "b")), ("editor", ("a",))]
    assert told(await world.events(events.RoleDeleted)) == [("editor",)]


async def test_an_invitation_is_told_when_it_is_made_and_when_it_is_redeemed_and_never_its_secret(world):
    await admin.put_role(world.ctx, Role(name="editor"))
    secret = await admin.new_invite(world.ctx, ("editor",))
    user = await world.sign_up(invite=secret)
    await world.sign_up("bob")
    (made,) = await world.events(events.InviteMade)
    assert (made.roles, made.expires_at) == (("editor",), made.at + world.ctx.config.invite_ttl)
    assert told(await world.events(events.InviteRedeemed)) == [(user.id, ("editor",))]
    assert all(secret not in str(audit_record(event)) for event in world.heard)


async def test_an_email_that_changes_is_told_and_one_that_stays_or_is_taken_is_not(world):
    user = await world.sign_up(email="ada@mail.example")
    await world.sign_up("bob", email="bob@mail.example")
    await account.change_profile(world.ctx, user.id, email="ADA@mail.example")
    await account.change_profile(world.ctx, user.id, merge=lambda _: {"city": "Bern"})
    with pytest.raises(EmailTaken):
        await account.change_profile(world.ctx, user.id, email="bob@mail.example")
    assert await world.events(events.EmailChanged) == []
    await account.change_profile(world.ctx, user.id, email=None)
    assert told(await world.events(events.EmailChanged)) == [(user.id,)]


async def test_a_key_that_is_revoked_is_told(world):
    kid = world.ctx.keys.ring.newest.kid
    await key_rotation.revoke_key(world.ctx, kid)
    assert told(await world.events(events.KeyRevoked)) == [(kid,)]


async def test_an_access_token_that_is_revoked_is_told_and_a_bad_one_is_not(world):
    user = await world.sign_up()
    answer = await world.login()
    principal = await world.who(answer)
    await world.revoke("no token at all")
    assert await world.events(events.AccessTokenRevoked) == []
    await world.revoke(answer.access_token)
    assert told(await world.events(events.AccessTokenRevoked)) == [(user.id, "first-party", principal.token_id)]


async def test_logins_and_wrong_passwords_are_told_with_the_address(world):
    user = await world.sign_up()
    answer = await world.login()
    with pytest.raises(InvalidGrant):
        await world.login(password="not the password")
    (logged_in,), (refused,) = await world.events(events.UserLoggedIn), await world.events(events.LoginRefused)
    assert (logged_in.user_id, logged_in.address) == (user.id, "192.0.2.1")
    assert (refused.user_id, refused.address) == (user.id, "192.0.2.1")
    principal = await world.who(answer)
    for current in ("not the password", PASSWORD):
        change = account.change_password(
            world.ctx, principal, current=current, new="lantern orchard", end_other_sessions=False, address="192.0.2.7"
        )
        if current == PASSWORD:
            await change
        else:
            with pytest.raises(WrongPassword):
                await change
    assert told(await world.events(events.PasswordRefused)) == [(user.id, "192.0.2.7")]


async def test_each_limit_that_is_reached_is_told(worlds):
    limits = LimitConfig(
        login_per_account=ONCE, signup_per_address=Limit(2, 3600), taken_emails=ONCE, client_failures=ONCE
    )
    world = await worlds(limits=limits)
    ada = await world.sign_up(address="192.0.2.5")
    await world.sign_up("bob", email="bob@mail.example", address="192.0.2.5")
    with pytest.raises(InvalidGrant):
        await world.login(password="wrong")
    with pytest.raises(EmailTaken):
        await account.change_profile(world.ctx, ada.id, email="bob@mail.example")
    machine = await world.machine()
    with pytest.raises(InvalidClient):
        await machine.token(secret="wrong")
    assert await world.events(events.LimitReached) == []
    for attempt in (
        world.login(password="wrong"),
        world.sign_up("eve", address="192.0.2.5"),
        account.change_profile(world.ctx, ada.id, email="bob@mail.example"),
        machine.token(secret="wrong"),
    ):
        with pytest.raises(TooManyRequests):
            await attempt
    assert told(await world.events(events.LimitReached)) == [
        ("login", "192.0.2.1", None),
        ("signup", "192.0.2.5", None),
        ("email", "", ada.id),
        ("client", "192.0.2.9", machine.id),
    ]


async def test_what_happens_to_a_client_is_told_once(world):
    machine = await world.machine()
    await clients.rotate_secret(world.ctx, machine.id)
    for act in (clients.disable_client, clients.disable_client, clients.enable_client, clients.enable_client):
        await act(world.ctx, machine.id)
    await clients.delete_client(world.ctx, machine.id)
    expected = ["registered", "secret_rotated", "disabled", "enabled", "disabled", "deleted"]
    assert told(await world.events(events.ClientChanged)) == [(machine.id, change) for change in expected]
