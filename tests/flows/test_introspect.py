"""Token introspection (RFC 7662; ATTACKS I01, I02, I04, I07, I08)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.flows.world import PASSWORD

from watchword.core.errors import InvalidClient, InvalidRequest
from watchword.flows import admin, clients
from watchword.flows.exchange import TokenRequest
from watchword.flows.introspect import introspect_token

INACTIVE = {"active": False}


@pytest.fixture
async def machine(world):
    return await world.machine()


@pytest.fixture
async def watcher(world):
    """A gateway: it may introspect everyone's access tokens."""
    return await world.machine(grants=[], scopes=[], may_introspect=True)


@pytest.fixture
async def kiosk(world):
    """A client of the operator's own that logs people in, and has a secret."""
    made = await world.machine(scopes=["read", "write"])
    changed = replace(made.client, first_party=True, grants=frozenset({"password", "refresh_token"}))
    await world.plain.clients.replace(changed, expected_version=changed.version)
    world.ctx.clients.forget(made.id)
    return made


async def test_a_client_learns_about_its_own_token(world, machine):
    answer = await machine.token()
    principal = await world.who(answer)
    expected = {"active": True, "token_type": "Bearer", **principal.claims}
    assert await machine.introspect(answer.access_token) == expected
    assert expected["client_id"] == expected["sub"] == machine.id


async def test_another_clients_token_is_not_active_but_for_one_that_may_introspect(world, machine, watcher):
    other = await world.machine()
    await world.sign_up()
    login = await world.login()
    for token in ((await machine.token()).access_token, login.access_token):
        assert await other.introspect(token) == INACTIVE
        assert (await watcher.introspect(token))["active"] is True
    assert await watcher.introspect(login.refresh_token) == INACTIVE


async def test_a_resource_server_learns_about_tokens_for_itself_and_no_others(world, machine):
    await world.sign_up()
    login, token = await world.login(), (await machine.token()).access_token
    serving = {"https://id.example": True, "https://id.example/": False, "https://api.example": False}
    for resource, told in serving.items():
        server = await world.machine(grants=[], scopes=[], serves=[resource])
        for each in (token, login.access_token):
            assert (await server.introspect(each))["active"] is told
        assert await server.introspect(login.refresh_token) == INACTIVE


@pytest.mark.parametrize("token", ["nonsense", "wwrt_nonsense", "a.b.c", "\ud800", "x" * 16_000])
async def test_what_is_no_token_is_not_active(watcher, token):
    assert await watcher.introspect(token) == INACTIVE


async def test_a_revoked_access_token_is_not_active_at_once(world, machine, watcher):
    token = (await machine.token()).access_token
    assert (await watcher.introspect(token))["active"] is True
    await world.revoke(token, client_id=machine.id, client_secret=machine.secret)
    assert await watcher.introspect(token) == INACTIVE
    assert await machine.introspect(token) == INACTIVE


async def test_a_client_cannot_revoke_anothers_token(world, machine):
    other, token = await world.machine(), (await machine.token()).access_token
    await world.revoke(token, client_id=other.id, client_secret=other.secret)
    assert (await machine.introspect(token))["active"] is True


async def test_an_expired_token_is_not_active(world, machine):
    token = (await machine.token()).access_token
    world.clock.tick(timedelta(minutes=10))
    assert await machine.introspect(token) == INACTIVE


async def test_a_token_of_a_disabled_client_is_not_active(world, machine, watcher):
    token = (await machine.token()).access_token
    await clients.disable_client(world.ctx, machine.id)
    assert await watcher.introspect(token) == INACTIVE
    with pytest.raises(InvalidClient):
        await machine.introspect(token)


async def test_a_token_of_a_disabled_person_is_not_active(world, watcher, kiosk):
    user, mine = await world.sign_up(), {"client_id": kiosk.id, "client_secret": kiosk.secret}
    login = await world.login(**mine)
    assert (await watcher.introspect(login.access_token))["sub"] == user.id
    assert (await kiosk.introspect(login.refresh_token))["sub"] == user.id
    await admin.disable_user(world.ctx, user.id)
    for asking in (watcher, kiosk):
        assert await asking.introspect(login.access_token) == INACTIVE
        assert await asking.introspect(login.refresh_token) == INACTIVE


async def test_the_newest_refresh_token_of_a_live_session_is_active_for_its_client(world, watcher, kiosk):
    user, mine = await world.sign_up(), {"client_id": kiosk.id, "client_secret": kiosk.secret}
    first = await world.login(**mine)
    family = await world.family(first)
    assert await kiosk.introspect(first.refresh_token) == {
        "active": True,
        "iss": "https://id.example",
        "sub": user.id,
        "client_id": kiosk.id,
        "scope": "read write",
        "sid": family.session_id,
        "exp": int(family.idle_expires_at.timestamp()),
    }
    assert await watcher.introspect(first.refresh_token) == INACTIVE
    second = await world.refresh(first.refresh_token, **mine)
    assert await kiosk.introspect(first.refresh_token) == INACTIVE
    assert (await kiosk.introspect(second.refresh_token))["active"] is True
    await world.revoke(second.refresh_token, **mine)
    assert await kiosk.introspect(second.refresh_token) == INACTIVE
    assert await kiosk.introspect(second.access_token) == INACTIVE


async def test_an_idle_refresh_token_is_not_active(world, kiosk):
    await world.sign_up()
    login = await world.login(client_id=kiosk.id, client_secret=kiosk.secret)
    assert (await kiosk.introspect(login.refresh_token))["active"] is True
    world.clock.tick(timedelta(days=14))
    assert await kiosk.introspect(login.refresh_token) == INACTIVE


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"client_id": "first-party"},
        {"client_id": "other", "client_secret": "x"},
        {"username": "ada", "password": PASSWORD},
    ],
)
async def test_who_proves_nothing_learns_nothing(world, machine, form):
    token = (await machine.token()).access_token
    with pytest.raises(InvalidClient):
        await introspect_token(world.ctx, TokenRequest(form={"token": token, **form}))


async def test_a_token_must_be_sent(machine):
    with pytest.raises(InvalidRequest):
        await machine.introspect("")
