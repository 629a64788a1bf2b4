"""Bearer tokens at the guard (ATTACKS J42, J77, I08, I10, I18)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.flows.doubles import Outage

from watchword.core.account_errors import AccountDisabled
from watchword.core.errors import InvalidGrant, InvalidToken
from watchword.core.models.identity import Role
from watchword.core.models.sessions import RevocationKind
from watchword.core.tokens.access_token import AccessClaims, sign_access_token
from watchword.flows import admin, sessions
from watchword.flows.access import authenticate
from watchword.flows.revocations import append_revocations, revocation_of, revoke_access_of_everyone


@pytest.fixture
async def user(world):
    return await world.sign_up()


@pytest.fixture
async def answer(world, user):
    return await world.login()


async def test_the_good_path_does_no_io(worlds):
    outage = Outage()
    world = await worlds(around=outage)
    user = await world.sign_up()
    await admin.grant_role(world.ctx, user.id, "admin")
    answer = await world.login(scope="read")
    outage.down = {"*"}
    principal = await world.who(answer)
    assert (principal.subject, principal.scopes) == (user.id, {"read"})
    assert (principal.roles, principal.permissions) == ({"admin"}, {"admin"})


async def test_permissions_follow_the_roles_as_they_are_now(world, user):
    await admin.put_role(world.ctx, Role(name="clerk", permissions=frozenset({"items:read"})))
    await admin.grant_role(world.ctx, user.id, "clerk")
    answer = await world.login()
    assert (await world.who(answer)).permissions == {"items:read"}
    await admin.put_role(world.ctx, Role(name="clerk", permissions=frozenset({"items:write"})))
    assert (await world.who(answer)).permissions == {"items:write"}


async def test_a_disabled_accounts_token_is_refused_as_that_and_enabling_does_not_revive_it(world, user, answer):
    await admin.disable_user(world.ctx, user.id)
    with pytest.raises(AccountDisabled):
        await world.who(answer)
    await admin.enable_user(world.ctx, user.id)
    with pytest.raises(InvalidToken):
        await world.who(answer)
    assert (await world.who(await world.login())).subject == user.id


async def test_a_deleted_accounts_token_is_invalid(world, user, answer):
    await admin.remove_user(world.ctx, user.id)
    with pytest.raises(InvalidToken):
        await world.who(answer)


async def test_logging_out_kills_the_access_token_and_no_other_session(world, user, answer):
    other = await world.login()
    assert await sessions.end_session(world.ctx, user.id, (await world.who(answer)).session_id, reason="logout")
    with pytest.raises(InvalidToken):
        await world.who(answer)
    assert (await world.who(other)).subject == user.id


async def test_signing_out_everywhere_kills_all_sessions_and_tokens(world, user, answer):
    answers = [answer, await world.login(), await world.login()]
    assert await sessions.end_all_sessions(world.ctx, user.id, reason="logout") == 3
    for dead in answers:
        with pytest.raises(InvalidToken):
            await world.who(dead)
        with pytest.raises(InvalidGrant):
            await world.refresh(dead.refresh_token)
    assert (await world.who(await world.login())).subject == user.id


async def test_cut_offs_of_client_user_and_everything_all_hold(world, user, answer):
    world.clock.tick(2)
    now = world.clock.now()
    client = revocation_of(world.ctx, RevocationKind.CLIENT, "first-party", at=now - timedelta(seconds=1))
    await append_revocations(world.ctx, client)
    with pytest.raises(InvalidToken):
        await world.who(answer)
    second = await world.login()
    assert (await world.who(second)).subject == user.id
    await revoke_access_of_everyone(world.ctx)
    with pytest.raises(InvalidToken):
        await world.who(second)
    third = await world.login()
    assert (await world.who(third)).subject == user.id
    await append_revocations(world.ctx, revocation_of(world.ctx, RevocationKind.USER, "someone else", at=now))
    assert (await world.who(third)).subject == user.id


@pytest.mark.parametrize("change", ["", "x", "swap"])
async def test_what_is_no_access_token_is_refused(world, answer, change):
    text = {"": "", "x": answer.access_token + "x", "swap": answer.refresh_token}[change]
    with pytest.raises(InvalidToken):
        await authenticate(world.ctx, text)


async def test_a_token_for_another_audience_or_issuer_or_of_too_long_a_life_is_refused(world, user, answer, worlds):
    ctx, now = world.ctx, world.clock.now()
    key = ctx.keys.ring.signing(now)
    principal = await world.who(answer)
    good = AccessClaims(
        subject=user.id,
        client_id="first-party",
        audience=ctx.config.resource,
        scopes=frozenset(),
        issued_at=now,
        expires_at=now + timedelta(minutes=10),
        token_id="an id of a test",
    )
    token = sign_access_token(good, issuer=ctx.config.issuer, key=key)
    assert (await authenticate(ctx, token)).subject == principal.subject
    for bad, issuer in [
        (replace(good, audience="https://other.example"), ctx.config.issuer),
        (good, "https://other.example"),
        (replace(good, expires_at=now + timedelta(days=1)), ctx.config.issuer),
    ]:
        with pytest.raises(InvalidToken):
            await authenticate(ctx, sign_access_token(bad, issuer=issuer, key=key))
