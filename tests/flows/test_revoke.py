"""Token revocation (RFC 7009; ATTACKS I07, I08, I09)."""

from datetime import timedelta

import pytest
from tests.flows.doubles import Outage

from watchword.core.errors import InvalidClient, InvalidGrant, InvalidRequest, InvalidToken, StoreUnavailable
from watchword.core.models.events import SessionEnded
from watchword.core.models.grants import Client
from watchword.flows.sessions import list_sessions

HINTS = [{}, {"token_type_hint": "refresh_token"}, {"token_type_hint": "access_token"}, {"token_type_hint": "x"}]


@pytest.mark.parametrize("hint", HINTS)
async def test_revoking_a_refresh_token_ends_its_session_and_access_tokens(world, hint):
    user = await world.sign_up()
    other = await world.login()
    answer = await world.login()
    await world.revoke(answer.refresh_token, **hint)
    with pytest.raises(InvalidToken):
        await world.who(answer)
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
    assert (await world.who(other)).subject == user.id
    assert len(await list_sessions(world.ctx, user.id)) == 1
    assert [event.reason for event in await world.events(SessionEnded)] == ["revoked"]


async def test_an_older_generation_revokes_the_family_too(world):
    await world.sign_up()
    answer = await world.login()
    renewed = await world.refresh(answer.refresh_token)
    world.clock.tick(60)
    await world.revoke(answer.refresh_token)
    with pytest.raises(InvalidGrant):
        await world.refresh(renewed.refresh_token)


@pytest.mark.parametrize("hint", HINTS)
async def test_revoking_an_access_token_kills_it_alone(world, hint):
    user = await world.sign_up()
    answer = await world.login()
    await world.revoke(answer.access_token, **hint)
    with pytest.raises(InvalidToken):
        await world.who(answer)
    renewed = await world.refresh(answer.refresh_token)
    assert (await world.who(renewed)).subject == user.id


async def test_a_revoked_token_stays_refused_until_it_has_expired(world):
    await world.sign_up()
    answer = await world.login()
    await world.revoke(answer.access_token)
    for _ in range(10):
        with pytest.raises(InvalidToken):
            await world.who(answer)
        world.clock.tick(timedelta(minutes=1) - timedelta(milliseconds=1))
        await world.ctx.follower.catch_up()


async def test_unknown_malformed_and_expired_tokens_need_no_revocation(world):
    await world.sign_up()
    answer = await world.login()
    texts = ["x", "wwrt_", "wwrt_x.1.y", "a.b.c", "\0", "\ud800", "x" * 100_000, answer.refresh_token[:-1]]
    for text in texts:
        await world.revoke(text)
    assert (await world.who(answer)).scopes == {"read", "write"}
    world.clock.tick(timedelta(minutes=10))
    await world.revoke(answer.access_token)
    assert len(world.ctx.view) == 0
    assert (await world.refresh(answer.refresh_token)).scope == "read write"


async def test_revoking_twice_is_fine(world):
    await world.sign_up()
    answer = await world.login()
    for token in (answer.access_token, answer.refresh_token) * 2:
        await world.revoke(token)
    with pytest.raises(InvalidToken):
        await world.who(answer)
    assert len(await world.events(SessionEnded)) == 1


async def test_a_missing_token_is_an_invalid_request(world):
    with pytest.raises(InvalidRequest):
        await world.revoke("")


async def test_an_unknown_client_may_not_revoke(world):
    await world.sign_up()
    answer = await world.login()
    with pytest.raises(InvalidClient):
        await world.revoke(answer.refresh_token, client_id="someone")
    assert (await world.who(answer)).scopes == {"read", "write"}


async def test_another_clients_tokens_are_left_alone(world):
    await world.sign_up()
    answer = await world.login()
    object.__setattr__(world.ctx, "client", Client(id="another"))
    await world.revoke(answer.access_token)
    await world.revoke(answer.refresh_token)
    assert (await world.who(answer)).client_id == "first-party"
    assert len(world.ctx.view) == 0


@pytest.mark.parametrize("step", [("families", "revoke"), ("revocations", "append"), ("sessions", "end")])
async def test_what_could_not_be_revoked_is_not_reported_as_revoked(worlds, step):
    outage = Outage()
    world = await worlds(around=outage)
    await world.sign_up()
    answer = await world.login()
    outage.down = {step}
    with pytest.raises(StoreUnavailable):
        await world.revoke(answer.refresh_token)
    outage.down = set()
    await world.revoke(answer.refresh_token)
    with pytest.raises(InvalidToken):
        await world.who(answer)
    with pytest.raises(InvalidGrant):
        await world.refresh(answer.refresh_token)
