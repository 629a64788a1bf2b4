"""The refresh_token grant: rotation, replay, grace, expiry (ATTACKS R01 to R21)."""

import asyncio
from datetime import timedelta

import pytest
from tests.flows.doubles import Interruption, Outage, yielding
from tests.flows.world import PASSWORD, config, strict

from watchword.config import TokenConfig
from watchword.core.errors import (
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    InvalidToken,
    StoreUnavailable,
    WatchwordError,
)
from watchword.core.models.events import RefreshReplayed, SessionEnded
from watchword.core.models.grants import FamilyStatus
from watchword.core.oauth.scopes import parse_scope
from watchword.core.tokens.refresh_token import RefreshToken, mint_refresh_token, parse_refresh_token
from watchword.flows import account, admin, sessions

PARALLEL = 64


@pytest.fixture
async def answer(world):
    await world.sign_up()
    return await world.login()


async def test_refreshing_gives_a_new_pair_that_works(world, answer):
    renewed = await world.refresh(answer.refresh_token)
    assert renewed.refresh_token != answer.refresh_token
    assert renewed.access_token != answer.access_token
    assert (renewed.scope, renewed.expires_in) == ("read write", 600)
    first, second = await world.who(answer), await world.who(renewed)
    assert (first.subject, first.session_id) == (second.subject, second.session_id)
    assert (await world.refresh(renewed.refresh_token)).scope == "read write"


async def test_a_replay_after_the_grace_kills_the_family_and_the_session(world, answer):
    renewed = await world.refresh(answer.refresh_token)
    world.clock.tick(10)
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    with pytest.raises(InvalidGrant):
        await world.refresh(renewed.refresh_token)
    for dead in (answer, renewed):
        with pytest.raises(InvalidToken):
            await world.who(dead)
    replayed = await world.events(RefreshReplayed)
    assert [event.family_id for event in replayed] == [(await world.family(answer)).id]
    assert [event.reason for event in await world.events(SessionEnded)] == ["replayed"]


async def test_the_grace_holds_only_for_the_immediate_predecessor(world, answer):
    second = await world.refresh(answer.refresh_token)
    third = await world.refresh(second.refresh_token)
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    with pytest.raises(InvalidGrant):
        await world.refresh(third.refresh_token)


async def test_the_grace_ends_when_the_successor_is_used(world, answer):
    second = await world.refresh(answer.refresh_token)
    assert (await world.refresh(answer.refresh_token)).refresh_token == second.refresh_token
    await world.refresh(second.refresh_token)
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    assert (await world.family(answer)).status is FamilyStatus.REVOKED


async def test_a_lost_response_is_answered_again_with_the_same_successor(world, answer):
    lost = await world.refresh(answer.refresh_token)
    world.clock.tick(5)
    again = await world.refresh(answer.refresh_token)
    assert again.refresh_token == lost.refresh_token
    assert (await world.who(again)).subject == (await world.who(answer)).subject
    assert (await world.family(answer)).generation == 2


async def test_a_repeat_with_other_scopes_is_a_replay(world, answer):
    await world.refresh(answer.refresh_token, scope="read")
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)


async def test_more_scope_than_granted_is_refused_and_consumes_nothing(world):
    await world.sign_up()
    answer = await world.login(scope="read")
    with pytest.raises(InvalidScope):
        await world.refresh(answer.refresh_token, scope="read write")
    assert (await world.refresh(answer.refresh_token)).scope == "read"


async def test_narrowed_scopes_may_be_widened_again_to_the_grant(world, answer):
    narrow = await world.refresh(answer.refresh_token, scope="read")
    assert (narrow.scope, (await world.who(narrow)).scopes) == ("read", {"read"})
    assert (await world.refresh(narrow.refresh_token, scope="read write")).scope == "read write"


async def test_idle_expiry_is_exact_and_moves_with_use(world, answer):
    idle = world.ctx.config.tokens.refresh_idle_ttl
    world.clock.tick(idle - timedelta(milliseconds=1))
    renewed = await world.refresh(answer.refresh_token)
    world.clock.tick(idle)
    with pytest.raises(InvalidGrant):
        await world.refresh(renewed.refresh_token)


async def test_absolute_expiry_is_exact_and_never_moves(world, answer):
    ends_at = (await world.family(answer)).expires_at
    token = answer.refresh_token
    for _ in range(6):
        world.clock.tick(timedelta(days=13))
        token = (await world.refresh(token)).refresh_token
    world.clock.tick(ends_at - world.clock.now() - timedelta(milliseconds=1))
    token = (await world.refresh(token)).refresh_token
    world.clock.tick(timedelta(milliseconds=1))
    assert (await world.family(answer)).expires_at == ends_at == world.clock.now()
    with pytest.raises(InvalidGrant):
        await world.refresh(token)


async def test_a_replay_is_punished_even_after_expiry(world, answer):
    await world.refresh(answer.refresh_token)
    world.clock.tick(timedelta(days=400))
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    assert (await world.family(answer)).status is FamilyStatus.REVOKED


async def test_a_clock_set_back_revives_no_replay(world, answer):
    await world.refresh(answer.refresh_token)
    world.clock.tick(timedelta(hours=-1))
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    assert (await world.family(answer)).status is FamilyStatus.REVOKED


async def disable(world, user, answer):
    await admin.disable_user(world.ctx, user.id)


async def delete(world, user, answer):
    await admin.remove_user(world.ctx, user.id)


async def change_password(world, user, answer):
    other = await world.who(await world.login())
    await account.change_password(
        world.ctx, other, current=PASSWORD, new="another fake passphrase", end_other_sessions=True, address=""
    )


async def log_out(world, user, answer):
    principal = await world.who(answer)
    assert await sessions.end_session(world.ctx, user.id, principal.session_id, reason="logout")


async def log_out_everywhere(world, user, answer):
    assert await sessions.end_all_sessions(world.ctx, user.id, reason="logout") == 1


async def revoke(world, user, answer):
    await world.revoke(answer.refresh_token)


async def only_disable_the_row(world, user, answer):
    """As if the process had died between the disabling and all that follows it."""
    await world.plain.users.disable(user.id, now=world.clock.now())


async def only_delete_the_row(world, user, answer):
    await world.plain.users.delete(user.id)


async def only_end_the_session(world, user, answer):
    family = await world.family(answer)
    await world.plain.sessions.end(user.id, family.session_id, now=world.clock.now())


ENDINGS = [
    disable,
    delete,
    change_password,
    log_out,
    log_out_everywhere,
    revoke,
    only_disable_the_row,
    only_delete_the_row,
    only_end_the_session,
]


@pytest.mark.parametrize("end", ENDINGS)
async def test_refreshing_fails_at_once_after(world, end):
    user = await world.sign_up()
    answer = await world.login()
    renewed = await world.refresh(answer.refresh_token)
    await end(world, user, renewed)
    with pytest.raises(InvalidGrant):
        await world.refresh(renewed.refresh_token)


async def test_a_disabled_account_is_found_by_the_next_refresh_and_the_family_is_dead_for_good(world):
    user = await world.sign_up()
    answer = await world.login()
    await only_disable_the_row(world, user, answer)
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    await admin.enable_user(world.ctx, user.id)
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)


async def test_a_change_of_role_shows_in_the_next_refresh(world):
    user = await world.sign_up()
    await admin.grant_role(world.ctx, user.id, "admin")
    answer = await world.login(scope="read admin")
    assert answer.scope == "admin read"
    await admin.withdraw_role(world.ctx, user.id, "admin")
    with pytest.raises(InvalidToken):
        await world.who(answer)
    renewed = await world.refresh(answer.refresh_token)
    assert (renewed.scope, (await world.who(renewed)).roles) == ("read", frozenset())


@pytest.mark.parametrize("form", [{}, {"refresh_token": ""}])
async def test_a_missing_refresh_token_is_an_invalid_request(world, form):
    with pytest.raises(InvalidRequest):
        await world.refresh(form.get("refresh_token", ""))


async def test_forged_cut_and_foreign_tokens_are_refused_and_harm_nothing(world, answer):
    good = answer.refresh_token
    token = parse_refresh_token(good, world.ctx.secrets)
    future = mint_refresh_token(RefreshToken(token.user_id, token.family_id, 2), world.ctx.secrets)
    stranger = mint_refresh_token(RefreshToken(token.user_id, token.user_id, 1), world.ctx.secrets)
    forged = [good[:-1], good + "A", good.upper(), good.replace(".1.", ".2."), answer.access_token, "\0", "\ud800"]
    for text in [*forged, future, stranger]:
        with pytest.raises(InvalidGrant):
            await world.refresh(text)
    assert (await world.refresh(good)).scope == "read write"


async def race(world, token):
    answers = await asyncio.gather(*(world.refresh(token) for _ in range(PARALLEL)), return_exceptions=True)
    assert all(not isinstance(each, Exception) or isinstance(each, InvalidGrant) for each in answers), answers
    return [each for each in answers if not isinstance(each, Exception)]


async def test_of_64_parallel_refreshes_in_strict_mode_exactly_one_succeeds(worlds):
    world = await worlds(around=yielding, tokens=strict())
    await world.sign_up()
    for _ in range(5):
        answer = await world.login()
        winners = await race(world, answer.refresh_token)
        assert len(winners) == 1
        assert (await world.family(answer)).status is FamilyStatus.REVOKED
        with pytest.raises(InvalidGrant):
            await world.refresh(winners[0].refresh_token)
    assert len(await world.events(RefreshReplayed)) == len(await world.events(SessionEnded)) == 5


async def test_64_parallel_refreshes_with_a_grace_all_get_the_same_successor(worlds):
    world = await worlds(around=yielding)
    await world.sign_up()
    answer = await world.login()
    winners = await race(world, answer.refresh_token)
    assert len(winners) == PARALLEL
    assert {world.generation(each) for each in winners} == {2}
    assert len({each.refresh_token for each in winners}) == 1
    assert (await world.family(answer)).generation == 2
    assert (await world.refresh(winners[0].refresh_token)).scope == "read write"


@pytest.mark.parametrize("broken", [("families", "revoke"), ("sessions", "find"), ("revocations", "append")])
async def test_a_replay_that_cannot_be_punished_is_no_refusal_but_a_503(worlds, broken):
    outage = Outage()
    world = await worlds(around=outage, tokens=strict())
    await world.sign_up()
    answer = await world.login()
    renewed = await world.refresh(answer.refresh_token)
    outage.down = {broken}
    with pytest.raises(StoreUnavailable):
        await world.refresh(answer.refresh_token)
    outage.down = set()
    if (await world.family(answer)).status is FamilyStatus.ACTIVE:
        with pytest.raises(InvalidGrant):
            await world.refresh(answer.refresh_token)
    with pytest.raises(InvalidGrant):
        await world.refresh(renewed.refresh_token)
    with pytest.raises(InvalidToken):
        await world.who(renewed)


@pytest.mark.parametrize("verb", ["find_holding", "rotate"])
async def test_an_outage_consumes_nothing(worlds, verb):
    outage = Outage()
    world = await worlds(around=outage, tokens=strict())
    await world.sign_up()
    answer = await world.login()
    outage.down = {("families", verb)}
    with pytest.raises(StoreUnavailable):
        await world.refresh(answer.refresh_token)
    outage.down = set()
    assert (await world.refresh(answer.refresh_token)).scope == "read write"


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_disabling_between_two_steps_of_a_refresh_leaves_no_live_token(worlds, moment):
    meanwhile = Interruption()
    world = await worlds(around=meanwhile)
    user = await world.sign_up()
    answer = await world.login()
    getattr(meanwhile, moment)["families", "find_holding"] = lambda: admin.disable_user(world.ctx, user.id)
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    assert (meanwhile.before, meanwhile.after) == ({}, {})


async def test_a_refresh_writes_once_and_notes_the_session_at_most_once_a_minute(worlds):
    writes = []

    async def around(noun, verb, call):
        if verb in {"rotate", "touch"}:
            writes.append((noun, verb))
        return await call()

    world = await worlds(around=around)
    user = await world.sign_up()
    answer = await world.login()
    began_at = world.clock.now()
    for step in (59, 1, 59, 1):
        world.clock.tick(step)
        answer = await world.refresh(answer.refresh_token)
    rotation, note = ("families", "rotate"), ("sessions", "touch")
    assert writes == [rotation, rotation, note, rotation, rotation, note]
    (session,) = await sessions.list_sessions(world.ctx, user.id)
    assert session.last_seen_at == began_at + timedelta(minutes=2)


async def test_disabling_just_after_the_rotation_kills_what_is_issued(worlds):
    meanwhile = Interruption()
    world = await worlds(around=meanwhile)
    user = await world.sign_up()
    answer = await world.login()
    meanwhile.after["families", "rotate"] = lambda: admin.disable_user(world.ctx, user.id)
    late = await world.refresh(answer.refresh_token)
    for refused in (world.who(late), world.refresh(late.refresh_token)):
        with pytest.raises(WatchwordError) as error:
            await refused
        assert error.value.code in {"account_disabled", "invalid_grant"}


async def test_a_role_withdrawn_between_two_steps_of_a_refresh_does_not_survive_in_the_token(worlds):
    meanwhile = Interruption()
    world = await worlds(around=meanwhile)
    user = await world.sign_up()
    await admin.grant_role(world.ctx, user.id, "admin")
    answer = await world.login(scope="admin")
    meanwhile.after["families", "rotate"] = lambda: admin.withdraw_role(world.ctx, user.id, "admin")
    stale = await world.refresh(answer.refresh_token)
    with pytest.raises(InvalidToken):
        await world.who(stale)
    assert (await world.who(await world.refresh(stale.refresh_token))).roles == frozenset()


async def test_a_family_grows_no_rows_by_rotation(world, answer):
    token = answer.refresh_token
    for _ in range(50):
        world.clock.tick(60)
        token = (await world.refresh(token)).refresh_token
    assert len(world.plain.families._state.families) == 1


def test_a_scope_is_answered_in_the_form_of_rfc_6749():
    assert parse_scope("write read") == {"read", "write"}
    assert config().tokens == TokenConfig()
