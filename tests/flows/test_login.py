"""Login by password: what works, what is refused alike, throttling, races (ATTACKS B, E08, P17)."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.flows.doubles import Interruption, Outage, yielding
from tests.flows.world import CHEAP, PASSWORD, World

from watchword.config import LimitConfig, PasswordConfig
from watchword.core.errors import (
    InvalidGrant,
    InvalidScope,
    InvalidToken,
    StoreUnavailable,
    TooManyRequests,
    WatchwordError,
)
from watchword.core.models.events import LoginRefused, UserLoggedIn
from watchword.core.models.limits import Limit
from watchword.flows import account, admin, sessions
from watchword.ports.outside import Verdict

WRONG = "not the passphrase at all"
TIGHT = LimitConfig(login_per_account=Limit(5, 60), login_per_address=Limit(8, 60))


class CountingHasher:
    """Counts the checks, and finds exactly the right password right."""

    def __init__(self):
        self.verified = []

    async def hash(self, password):
        return f"hash of {password}"

    async def verify(self, password, password_hash):
        self.verified.append(password)
        await asyncio.sleep(0)
        return Verdict(password_hash == f"hash of {password}")


def counting(world):
    hasher = CountingHasher()
    object.__setattr__(world.ctx, "hasher", hasher)
    return hasher


async def test_login_gives_a_session_and_default_scopes(world):
    user = await world.sign_up()
    answer = await world.login()
    principal = await world.who(answer)
    assert (answer.scope, answer.expires_in) == ("read write", 600)
    assert (principal.subject, principal.client_id, principal.amr) == (user.id, "first-party", ("pwd",))
    (session,) = await sessions.list_sessions(world.ctx, user.id)
    assert (session.id, session.user_agent) == (principal.session_id, "Test/1")
    (event,) = await world.events(UserLoggedIn)
    assert (event.user_id, event.session_id) == (user.id, session.id)


@pytest.mark.parametrize("name", ["Ada", "ADA", "\uff41\uff44\uff41", "ada@mail.example", "ADA@MAIL.example"])
async def test_username_and_email_work_in_any_case(world, name):
    await world.sign_up("ada", email="ada@mail.example")
    assert (await world.login(name)).scope == "read write"


async def test_a_person_gets_no_more_scope_than_declared_and_permitted(world):
    user = await world.sign_up()
    assert (await world.login(scope="read audit admin unheard-of")).scope == "read"
    await admin.put_role(world.ctx, admin.Role(name="auditor", permissions=frozenset({"audit"})))
    await admin.grant_role(world.ctx, user.id, "auditor")
    answer = await world.login(scope="read audit admin unheard-of")
    assert answer.scope == "audit read"
    assert (await world.who(answer)).permissions == {"audit"}


async def test_a_malformed_scope_is_refused_before_anything_is_hashed(world):
    await world.sign_up()
    hasher = counting(world)
    with pytest.raises(InvalidScope):
        await world.login(scope='"')
    assert hasher.verified == []


async def refusal(world, *args, **kwargs):
    with pytest.raises(InvalidGrant) as refused:
        await world.login(*args, **kwargs)
    return type(refused.value), refused.value.code, refused.value.status, refused.value.description


async def test_unknown_wrong_and_disabled_are_refused_alike(world):
    await world.sign_up()
    disabled = await world.sign_up("bob")
    await admin.disable_user(world.ctx, disabled.id)
    answers = {
        await refusal(world, "nobody"),
        await refusal(world, "ada", WRONG),
        await refusal(world, "bob"),
        await refusal(world, "bob", WRONG),
        await refusal(world, "", ""),
    }
    assert len(answers) == 1
    assert (await world.login("ada")).scope == "read write"
    reasons = [event.user_id is None for event in await world.events(LoginRefused)]
    assert reasons == [True, False, False, False, True]


@pytest.mark.parametrize("password", ["", "\0", "a\0b", "\ud800", "x" * 4096, "x" * 2**20, "é" * 4000])
async def test_weird_passwords_are_refused_like_wrong_ones(world, password):
    await world.sign_up()
    assert await refusal(world, "ada", password) == await refusal(world, "ada", WRONG)


@pytest.mark.parametrize("name", ["\0", "ada\0", "\ud800", "x" * 2**20, "\u200b", "' OR 1=1 --"])
async def test_weird_names_are_refused_like_unknown_ones(world, name):
    await world.sign_up()
    assert await refusal(world, name) == await refusal(world, "nobody")


async def test_an_overlong_password_costs_no_hash_and_any_other_costs_one(world):
    await world.sign_up()
    hasher = counting(world)
    await refusal(world, "ada", "x" * 2**20)
    assert hasher.verified == []
    await refusal(world, "nobody", WRONG)
    assert hasher.verified == [WRONG]


async def test_the_whole_password_counts(world):
    long = "long fake passphrase " * 6
    await world.sign_up(password=long)
    assert (await world.login(password=long)).scope == "read write"
    for cut in (long[:72], long[:-1], long + "x"):
        await refusal(world, "ada", cut)


async def test_composed_and_decomposed_letters_are_one_password(world):
    await world.sign_up(password="caf\u00e9 obviously fake")
    assert (await world.login(password="cafe\u0301 obviously fake")).scope == "read write"


async def test_an_outdated_hash_is_upgraded_at_login_and_the_old_one_still_verifies(worlds):
    old = await worlds(passwords=PasswordConfig(memory_kib=8, time_cost=1))
    user = await old.sign_up()
    before = await old.plain.users.find(user.id)
    new = await worlds(stores=old.plain, passwords=PasswordConfig(memory_kib=16, time_cost=2))
    await new.login()
    after = await new.plain.users.find(user.id)
    assert "m=8,t=1" in before.password_hash
    assert "m=16,t=2" in after.password_hash
    assert after.credential_version == before.credential_version
    assert (await new.login()).scope == "read write"
    assert (await new.plain.users.find(user.id)).password_hash == after.password_hash


async def test_an_upgrade_never_overwrites_a_new_password(worlds):
    meanwhile = Interruption()
    world = await worlds(around=meanwhile, passwords=PasswordConfig(memory_kib=16, time_cost=1))
    user = await world.sign_up()
    old_hash = await World(passwords=CHEAP).ctx.hasher.hash(PASSWORD)
    await world.plain.users.change_password(user.id, password_hash=old_hash, expected_version=0, now=world.clock.now())

    async def change():
        await world.plain.users.change_password(
            user.id, password_hash="a newer one", expected_version=1, now=world.clock.now()
        )

    meanwhile.before["users", "upgrade_hash"] = change
    with pytest.raises(InvalidGrant):
        await world.login()
    assert (await world.plain.users.find(user.id)).password_hash == "a newer one"


@pytest.mark.parametrize("name", ["ada", "nobody"])
async def test_the_account_limit_is_the_same_for_unknown_people(worlds, name):
    world = await worlds(limits=TIGHT)
    await world.sign_up()
    for attempt in range(5):
        await refusal(world, name, WRONG, address=f"2001:db8::{attempt}")
    with pytest.raises(TooManyRequests) as limited:
        await world.login(name, WRONG, address="2001:db8::99")
    assert limited.value.retry_after == 60


async def test_failures_elsewhere_do_not_lock_the_owner_out_until_they_are_very_many(worlds):
    world = await worlds(limits=replace(TIGHT, login_per_account_anywhere=Limit(12, 60)))
    await world.sign_up()
    for address in ("198.51.100.1", "2001:db8::1"):
        for _ in range(5):
            await refusal(world, "ada", WRONG, address=address)
        with pytest.raises(TooManyRequests):
            await world.login("ada", address=address)
    assert (await world.login("ada", address="2001:db8:0:1::1")).scope == "read write"
    for attempt in range(12):
        await refusal(world, "ada", WRONG, address=f"203.0.113.{attempt}")
    with pytest.raises(TooManyRequests):
        await world.login("ada", address="2001:db8:0:1::1")


@pytest.mark.parametrize("name", ["ada", "ghost"])
async def test_failures_under_a_name_do_not_tell_which_email_belongs_to_it(worlds, name):
    world = await worlds(limits=TIGHT)
    await world.sign_up("ada", email="ada@mail.example")
    for _ in range(5):
        await refusal(world, name, WRONG)
    with pytest.raises(TooManyRequests):
        await world.login(name, WRONG)
    await refusal(world, f"{name}@mail.example", WRONG)


async def test_a_throttled_account_is_refused_before_hashing_and_opens_again(worlds):
    world = await worlds(limits=TIGHT)
    hasher = counting(world)
    await world.sign_up()
    for attempt in range(5):
        await refusal(world, "ada", f"{WRONG} {attempt}")
    hasher.verified.clear()
    with pytest.raises(TooManyRequests):
        await world.login()
    assert hasher.verified == []
    world.clock.tick(60)
    assert (await world.login()).scope == "read write"


async def test_variations_of_the_identifier_share_one_count(worlds):
    world = await worlds(limits=TIGHT)
    await world.sign_up("ada", email="ada@mail.example")
    for name in ("ada", "ADA", "\uff41da", "aDa", "Ada"):
        await refusal(world, name, WRONG)
    with pytest.raises(TooManyRequests):
        await world.login("Ada")


async def test_success_clears_ones_own_count_and_nobody_elses(worlds):
    world = await worlds(limits=LimitConfig(login_per_account=Limit(5, 60)))
    await world.sign_up("ada")
    await world.sign_up("eve")
    for _ in range(5):
        await refusal(world, "ada", WRONG)
        assert (await world.login("eve")).scope == "read write"
    with pytest.raises(TooManyRequests):
        await world.login("ada")


async def test_an_address_is_limited_by_its_failures_alone(worlds):
    world = await worlds(limits=TIGHT)
    await world.sign_up("ada")
    for _ in range(20):
        await world.login("ada")
    for attempt in range(8):
        await refusal(world, f"user{attempt}", WRONG)
    with pytest.raises(TooManyRequests):
        await world.login("ada")
    assert (await world.login("ada", address="198.51.100.7")).scope == "read write"


async def test_of_200_parallel_guesses_no_more_than_the_limit_are_checked(worlds):
    world = await worlds(around=yielding, limits=LimitConfig(login_per_account_anywhere=Limit(5, 60)))
    await world.sign_up()
    hasher = counting(world)
    guesses = [world.login("ada", f"{WRONG} {n}", address=f"192.0.2.{n}") for n in range(200)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert len(hasher.verified) == 5
    assert sum(isinstance(each, InvalidGrant) for each in answers) == 5
    assert sum(isinstance(each, TooManyRequests) for each in answers) == 195


async def disable(world, user):
    await admin.disable_user(world.ctx, user.id)


async def delete(world, user):
    await admin.remove_user(world.ctx, user.id)


async def change_password(world, user):
    principal = (await world.plain.sessions.list_live(user.id, now=world.clock.now()))[-1]
    await account.change_password(
        world.ctx,
        account.Principal(subject=user.id, session_id=principal.id),
        current=PASSWORD,
        new="another fake passphrase",
        end_other_sessions=True,
        address="",
    )


@pytest.mark.parametrize("change", [disable, delete, change_password])
@pytest.mark.parametrize(
    ("moment", "step"),
    [
        ("before", ("sessions", "begin")),
        ("after", ("sessions", "begin")),
    ],
)
async def test_a_login_that_races_with_a_change_leaves_nothing_alive(worlds, change, moment, step):
    meanwhile = Interruption()
    world = await worlds(around=meanwhile)
    user = await world.sign_up()
    await world.login()
    world.clock.tick(1)
    getattr(meanwhile, moment)[step] = lambda: change(world, user)
    try:
        answer = await world.login()
    except InvalidGrant:
        answer = None
    assert (meanwhile.before, meanwhile.after) == ({}, {})
    if answer is not None:
        with pytest.raises(WatchwordError) as refused:
            await world.who(answer)
        assert refused.value.code in {"invalid_token", "account_disabled"}
        with pytest.raises(InvalidGrant):
            await world.refresh(answer.refresh_token)
    live = await sessions.list_sessions(world.ctx, user.id)
    assert len(live) == (1 if change is change_password else 0)


async def test_a_role_withdrawn_during_a_login_gives_no_family_that_remembers_its_scope(worlds):
    meanwhile = Interruption()
    world = await worlds(around=meanwhile)
    user = await world.sign_up()
    await admin.grant_role(world.ctx, user.id, "admin")
    meanwhile.before["sessions", "begin"] = lambda: admin.withdraw_role(world.ctx, user.id, "admin")
    with pytest.raises(InvalidGrant):
        await world.login(scope="admin")
    assert await sessions.list_sessions(world.ctx, user.id) == []
    assert (await world.login(scope="admin")).scope == ""


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("change", [admin.grant_role, admin.withdraw_role])
async def test_a_token_from_around_a_change_of_roles_is_refused_and_its_refresh_is_up_to_date(worlds, change, moment):
    """Its moment is taken before the account is read, so the change's cut-off covers it wherever the change comes."""
    meanwhile = Interruption()
    world = await worlds(around=meanwhile)
    user = await world.sign_up()
    if change is admin.withdraw_role:
        await admin.grant_role(world.ctx, user.id, "admin")
    world.clock.tick(1)
    getattr(meanwhile, moment)["sessions", "begin"] = lambda: change(world.ctx, user.id, "admin")
    answer = await world.login(scope="read")
    with pytest.raises(InvalidToken):
        await world.who(answer)
    renewed = await world.refresh(answer.refresh_token)
    assert (await world.who(renewed)).roles == ({"admin"} if change is admin.grant_role else set())


async def test_the_same_race_without_a_change_logs_in(worlds):
    world = await worlds(around=Interruption())
    await world.sign_up()
    assert (await world.who(await world.login())).scopes == {"read", "write"}


async def test_logging_in_again_in_the_same_second_works_after_a_role_change(world):
    user = await world.sign_up()
    await world.login()
    await admin.grant_role(world.ctx, user.id, "admin")
    assert (await world.who(await world.login())).roles == {"admin"}
    await admin.withdraw_role(world.ctx, user.id, "admin")
    assert (await world.who(await world.login())).roles == frozenset()


async def test_a_token_from_between_two_role_changes_in_one_second_is_refused(world):
    user = await world.sign_up()
    await admin.grant_role(world.ctx, user.id, "admin")
    between = await world.login()
    assert (await world.who(between)).roles == {"admin"}
    await admin.withdraw_role(world.ctx, user.id, "admin")
    with pytest.raises(InvalidToken):
        await world.who(between)


async def test_logging_in_again_in_the_same_second_works_after_a_password_change(world):
    user = await world.sign_up()
    await world.login()
    await change_password(world, user)
    answer = await world.login(password="another fake passphrase")
    assert (await world.who(answer)).subject == user.id
    await refusal(world, "ada", PASSWORD)


async def test_an_outage_is_a_503_and_leaves_no_session(worlds):
    outage = Outage()
    world = await worlds(around=outage)
    user = await world.sign_up()
    for step in [("users", "find_by_login"), ("sessions", "begin")]:
        outage.down = {step}
        with pytest.raises(StoreUnavailable):
            await world.login()
    outage.down = set()
    assert await sessions.list_sessions(world.ctx, user.id) == []
    assert (await world.login()).scope == "read write"


async def test_a_token_lives_to_its_last_second(world):
    await world.sign_up()
    answer = await world.login()
    world.clock.tick(timedelta(minutes=10) - timedelta(milliseconds=1))
    assert (await world.who(answer)).scopes == {"read", "write"}
    world.clock.tick(timedelta(milliseconds=1))
    with pytest.raises(InvalidToken):
        await world.who(answer)
