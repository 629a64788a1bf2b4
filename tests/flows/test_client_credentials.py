"""The client_credentials grant (RFC 6749 section 4.4; ATTACKS T10, T14)."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from watchword.core.authorize_errors import InvalidTarget
from watchword.core.errors import (
    InvalidClient,
    InvalidScope,
    InvalidToken,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from watchword.core.models.authorizations import Resource
from watchword.core.models.grants import Client
from watchword.core.tokens import base64url
from watchword.flows import clients
from watchword.flows.exchange import TokenRequest
from watchword.flows.grants import client_credentials
from watchword.flows.resource_book import put_resource
from watchword.flows.token import issue_token

API = "https://api.example"


def claims_of(answer):
    return json.loads(base64url.decode(answer.access_token.split(".")[1]))


@pytest.fixture
async def machine(world):
    return await world.machine()


async def test_a_client_gets_a_token_for_itself_and_no_refresh_token(world, machine):
    answer = await machine.token()
    assert (answer.expires_in, answer.scope, answer.refresh_token) == (600, "read write", None)
    claims = claims_of(answer)
    issued_at = int(world.clock.now().timestamp())
    assert len(claims.pop("jti")) == 36
    assert claims == {
        "iss": "https://id.example",
        "sub": machine.id,
        "aud": "https://id.example",
        "exp": issued_at + 600,
        "iat": issued_at,
        "client_id": machine.id,
        "scope": "read write",
    }
    principal = await world.who(answer)
    assert (principal.subject, principal.client_id, principal.session_id) == (machine.id, machine.id, None)
    assert (principal.scopes, principal.roles) == (frozenset({"read", "write"}), frozenset())


async def test_two_tokens_are_never_the_same(machine):
    tokens = [await machine.token() for _ in range(3)]
    assert len({claims_of(answer)["jti"] for answer in tokens}) == 3


@pytest.mark.parametrize(
    ("registered", "requested", "granted"),
    [
        (["read", "write"], None, "read write"),
        (["read", "write"], "", "read write"),
        (["read", "write"], "write", "write"),
        (["read"], "read write", "read"),
        (["read"], "write", ""),
        (["read", "undeclared"], None, "read"),
        ([], None, ""),
        (["read"], "admin", ""),
        (["audit", "admin"], None, "admin audit"),
    ],
)
async def test_the_scopes_are_those_asked_for_and_registered(world, registered, requested, granted):
    machine = await world.machine(scopes=registered)
    answer = await (machine.token() if requested is None else machine.token(scope=requested))
    assert answer.scope == granted
    assert claims_of(answer).get("scope", "") == granted


async def test_a_client_of_all_scopes_gets_those_that_are_not_restricted(world, machine):
    everything = Client(id="everything", secret_hashes=machine.client.secret_hashes, grants=clients.GRANTS)
    await world.plain.clients.add(everything)
    form = {"grant_type": "client_credentials"}
    answer = await issue_token(world.ctx, TokenRequest(form=form, basic=("everything", machine.secret)))
    assert answer.scope == "read write"


async def test_a_machine_gets_a_token_for_the_resource_that_it_names(world, machine):
    await put_resource(world.ctx, Resource(uri=API, scopes=frozenset({"read"}), access_ttl=timedelta(minutes=2)))
    answer = await machine.token(resource=API)
    claims = claims_of(answer)
    assert (claims["aud"], claims["scope"], claims["exp"] - claims["iat"]) == (API, "read", 120)
    assert (answer.expires_in, answer.scope) == (120, "read")
    with pytest.raises(InvalidToken):
        await world.who(answer)
    assert claims_of(await machine.token())["aud"] == "https://id.example"


@pytest.mark.parametrize("resource", ["https://other.example", f"{API}/", "api", f"{API}#f", "https://id.example/"])
async def test_a_resource_that_is_unknown_is_refused_not_passed_over(world, machine, resource):
    await put_resource(world.ctx, Resource(uri=API))
    with pytest.raises(InvalidTarget):
        await machine.token(resource=resource)


async def test_a_machine_gets_tokens_for_the_resources_of_its_registration_alone(world, machine):
    for uri in (API, "https://other.example"):
        await put_resource(world.ctx, Resource(uri=uri))
    allowed = replace(machine.client, metadata=replace(machine.client.metadata, resources=(API,), access_ttl=60))
    await world.plain.clients.replace(allowed, expected_version=allowed.version)
    world.ctx.clients.forget(machine.id)
    assert claims_of(await machine.token(resource=API))["aud"] == API
    assert (await machine.token()).expires_in == 60
    with pytest.raises(InvalidTarget):
        await machine.token(resource="https://other.example")


async def test_a_password_gives_tokens_for_this_application_alone(world):
    await put_resource(world.ctx, Resource(uri=API))
    await world.sign_up()
    assert (await world.who(await world.login(resource="https://id.example"))).subject
    with pytest.raises(InvalidTarget):
        await world.login(resource=API)


async def test_a_malformed_scope_is_refused(machine):
    with pytest.raises(InvalidScope):
        await machine.token(scope='a"b')


async def test_a_grant_that_is_not_the_clients_is_unauthorized_and_an_unknown_one_unsupported(world, machine):
    for grant in ("password", "refresh_token"):
        with pytest.raises(UnauthorizedClient):
            await machine.token(grant_type=grant)
    with pytest.raises(UnsupportedGrantType):
        await machine.token(grant_type="authorization_code")
    watcher = await world.machine(grants=[], may_introspect=True)
    with pytest.raises(UnauthorizedClient):
        await watcher.token()


async def test_a_public_client_proves_nothing_and_gets_nothing(world):
    with pytest.raises(UnauthorizedClient):
        await issue_token(world.ctx, TokenRequest(form={"grant_type": "client_credentials"}))
    public = Client(id="public", grants=clients.GRANTS)
    with pytest.raises(UnauthorizedClient):
        await client_credentials.exchange(world.ctx, public, TokenRequest(form={}))


async def test_a_disabled_client_and_its_tokens_are_refused_at_once_and_an_enabled_one_starts_anew(world, machine):
    before = await machine.token()
    await clients.disable_client(world.ctx, machine.id)
    with pytest.raises(InvalidToken):
        await world.who(before)
    with pytest.raises(InvalidClient):
        await machine.token()
    await clients.enable_client(world.ctx, machine.id)
    with pytest.raises(InvalidToken):
        await world.who(before)
    after = await machine.token()
    assert (await world.who(after)).subject == machine.id
    assert after.expires_in == claims_of(after)["exp"] - claims_of(after)["iat"]


async def test_a_token_that_another_process_issues_before_it_hears_is_refused_as_well(world, worlds, machine):
    other = await worlds(stores=world.plain, clock=world.clock)
    elsewhere = type(machine)(other, machine.client, machine.secret)
    await elsewhere.token()
    await clients.disable_client(world.ctx, machine.id)
    late = [await elsewhere.token()]
    world.clock.tick(1.9)
    late.append(await elsewhere.token())
    for answer in late:
        with pytest.raises(InvalidToken):
            await world.who(answer)
    await other.ctx.follower.catch_up()
    for answer in late:
        with pytest.raises(InvalidToken):
            await other.who(answer)
    with pytest.raises(InvalidClient):
        await elsewhere.token()


async def test_a_process_that_heard_of_the_cut_off_alone_reads_the_client_anew(world, worlds, machine):
    other = await worlds(stores=world.plain, clock=world.clock)
    elsewhere = type(machine)(other, machine.client, machine.secret)
    await elsewhere.token()
    await clients.disable_client(world.ctx, machine.id)
    await other.ctx.follower._read_feed(world.clock.now())
    with pytest.raises(InvalidClient):
        await elsewhere.token()


async def test_a_deleted_client_is_gone_with_its_tokens(world, machine):
    before = await machine.token()
    deleted = await clients.delete_client(world.ctx, machine.id)
    assert deleted.id == machine.id
    with pytest.raises(InvalidToken):
        await world.who(before)
    with pytest.raises(InvalidClient):
        await machine.token()


async def test_an_expired_token_is_refused(world, machine):
    answer = await machine.token()
    world.clock.tick(timedelta(seconds=599))
    assert (await world.who(answer)).subject == machine.id
    world.clock.tick(timedelta(seconds=1))
    with pytest.raises(InvalidToken):
        await world.who(answer)


async def test_the_good_path_reads_and_writes_nothing(worlds):
    calls = []

    async def note(noun, verb, call):
        calls.append((noun, verb))
        return await call()

    world = await worlds(around=note)
    machine = await world.machine()
    await machine.token()
    calls.clear()
    for _ in range(20):
        answer = await machine.token()
        await machine.introspect(answer.access_token)
    assert calls == []
