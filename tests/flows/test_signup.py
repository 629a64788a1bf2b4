"""Sign-up: modes, invitations, identifiers, races (ATTACKS P01, P09, P26, E12)."""

import asyncio
from datetime import timedelta

import pytest
from tests.flows.doubles import Outage, yielding
from tests.flows.world import PASSWORD

from watchword.config import LimitConfig
from watchword.core.account_errors import (
    EmailTaken,
    InvalidEmail,
    InvalidInvite,
    InvalidUsername,
    SignupClosed,
    UsernameTaken,
    WeakPassword,
)
from watchword.core.errors import InvalidGrant, StoreUnavailable, TooManyRequests
from watchword.core.models.events import UserSignedUp
from watchword.core.models.limits import Limit
from watchword.flows import admin
from watchword.flows.signup import SignUp, sign_up


async def test_a_person_signs_up_and_can_log_in(world):
    user = await world.sign_up("Ada", email="Ada@Mail.Example", profile={"city": "Zürich"})
    assert (user.username, user.username_key, user.email, user.email_key) == (
        "Ada",
        "ada",
        "Ada@Mail.Example",
        "ada@mail.example",
    )
    assert await world.plain.users.find(user.id) == user
    assert user.password_hash.startswith("$argon2id$")
    assert (await world.who(await world.login("ada"))).subject == user.id
    assert [event.username for event in await world.events(UserSignedUp)] == ["Ada"]


@pytest.mark.parametrize("name", ["ADA", "ada", "\uff21\uff24\uff21"])
async def test_a_username_is_taken_in_every_case_and_width(world, name):
    await world.sign_up("Ada")
    with pytest.raises(UsernameTaken):
        await world.sign_up(name)


async def test_an_email_is_taken_in_every_case(world):
    await world.sign_up("ada", email="ada@mail.example")
    with pytest.raises(EmailTaken):
        await world.sign_up("bob", email="ADA@MAIL.example")
    with pytest.raises(InvalidGrant):
        await world.login("bob")


@pytest.mark.parametrize(
    "email", ["", "a@x.example,b@y.example", "a@x.example\nBcc: b@y.example", "a\0@x.example", "@"]
)
async def test_an_email_is_exactly_one_mailbox(world, email):
    with pytest.raises(InvalidEmail):
        await world.sign_up(email=email)


@pytest.mark.parametrize("username", ["", "a@b.example", "a b", "a\0b", "\ud800", "x" * 100_000])
async def test_a_username_that_cannot_be_used_is_refused(world, username):
    with pytest.raises(InvalidUsername):
        await world.sign_up(username)


@pytest.mark.parametrize("password", ["short", "password", "x" * 2**20, "ada-lovelace", "a\0" * 10, "\ud800" * 10])
async def test_a_weak_or_weird_password_is_refused(world, password):
    with pytest.raises(WeakPassword):
        await world.sign_up("ada-lovelace", password)


async def test_closed_is_closed_with_an_invitation_too(worlds):
    world = await worlds(signup="closed")
    invite = await admin.new_invite(world.ctx)
    for shown in (None, invite):
        with pytest.raises(SignupClosed):
            await world.sign_up(invite=shown)


async def test_invite_mode_needs_an_invitation_and_gives_its_roles_once(worlds):
    world = await worlds(signup="invite")
    invite = await admin.new_invite(world.ctx, ("admin",))
    with pytest.raises(SignupClosed):
        await world.sign_up()
    user = await world.sign_up(invite=invite)
    assert user.roles == ("admin",)
    assert await admin.has_admin(world.ctx)
    with pytest.raises(InvalidInvite):
        await world.sign_up("bob", invite=invite)


async def test_an_invitation_makes_the_first_administrator_in_open_mode(world):
    assert not await admin.has_admin(world.ctx)
    await world.sign_up("ada", invite=await admin.new_invite(world.ctx, ("admin",)))
    assert (await world.who(await world.login(scope="admin"))).permissions == {"admin"}
    assert (await world.sign_up("bob")).roles == ()


@pytest.mark.parametrize("change", ["x", "wwiv_", "wwrt_", "\0", "\ud800", "x" * 100_000])
async def test_an_unknown_or_malformed_invitation_is_refused_in_open_mode_too(world, change):
    with pytest.raises(InvalidInvite):
        await world.sign_up(invite=change)


async def test_an_invitation_holds_to_its_last_instant(world):
    first, second = await admin.new_invite(world.ctx), await admin.new_invite(world.ctx)
    world.clock.tick(world.ctx.config.invite_ttl - timedelta(milliseconds=1))
    await world.sign_up("ada", invite=first)
    world.clock.tick(timedelta(milliseconds=1))
    with pytest.raises(InvalidInvite):
        await world.sign_up("bob", invite=second)


async def test_a_refused_sign_up_leaves_the_invitation_good(world):
    await world.sign_up("ada")
    invite = await admin.new_invite(world.ctx, ("admin",))
    for username, password, error in [("ada", PASSWORD, UsernameTaken), ("bob", "short", WeakPassword)]:
        with pytest.raises(error):
            await world.sign_up(username, password, invite=invite)
    assert (await world.sign_up("bob", invite=invite)).roles == ("admin",)


async def test_an_invitation_whose_use_is_uncertain_stays_spent(worlds):
    outage = Outage()
    world = await worlds(around=outage)
    invite = await admin.new_invite(world.ctx, ("admin",))
    outage.down = {("users", "add")}
    with pytest.raises(StoreUnavailable):
        await world.sign_up("ada", invite=invite)
    outage.down = set()
    with pytest.raises(InvalidInvite):
        await world.sign_up("ada", invite=invite)


async def test_of_64_parallel_sign_ups_with_one_invitation_exactly_one_succeeds(worlds):
    world = await worlds(around=yielding, signup="invite")
    invite = await admin.new_invite(world.ctx, ("admin",))
    tries = [world.sign_up(f"user{n}", invite=invite) for n in range(64)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    users = [each for each in answers if not isinstance(each, Exception)]
    assert len(users) == 1
    assert sum(isinstance(each, InvalidInvite) for each in answers) == 63
    assert await world.plain.users.list(limit=100) == users


def variants(name):
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in name)
    for number in range(100):
        mixed = "".join(c.upper() if number >> i & 1 else c for i, c in enumerate(name[:6])) + name[6:]
        yield mixed if number % 3 else wide[: number % 7] + mixed[number % 7 :]


async def test_of_100_variants_of_one_name_signing_up_at_once_one_becomes_a_user(worlds):
    world = await worlds(around=yielding)
    names = list(variants("margaret"))
    assert len(set(names)) > 50
    answers = await asyncio.gather(*(world.sign_up(name) for name in names), return_exceptions=True)
    assert sum(not isinstance(each, Exception) for each in answers) == 1
    assert sum(isinstance(each, UsernameTaken) for each in answers) == 99
    assert len(await world.plain.users.list(limit=1000)) == 1


async def test_sign_ups_are_limited_per_address(worlds):
    world = await worlds(limits=LimitConfig(signup_per_address=Limit(3, 60)))
    for number in range(3):
        await world.sign_up(f"user{number}", address="192.0.2.1")
    with pytest.raises(TooManyRequests):
        await world.sign_up("late", address="192.0.2.1")
    assert (await world.sign_up("other", address="192.0.2.2")).username == "other"
    world.clock.tick(60)
    assert (await world.sign_up("late", address="192.0.2.1")).username == "late"


async def test_a_failing_event_handler_harms_no_sign_up(world):
    @world.ctx.events.on(UserSignedUp)
    async def fail(event):
        raise RuntimeError("the application's own mistake")

    assert (await world.sign_up()).username == "ada"
    await world.ctx.events.drain()
    assert (await world.login()).scope == "read write"


def test_secrets_show_in_no_repr():
    request = SignUp(username="ada", password=PASSWORD, invite="an obviously fake invitation")
    assert PASSWORD not in repr(request)
    assert "invitation" not in repr(request)
    assert sign_up.__name__ == "sign_up"
