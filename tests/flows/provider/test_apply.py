"""Declared roles, resources and clients: the plan, its execution, and that a second time there is nothing to do."""

from datetime import timedelta

import pytest
from tests.flows.doubles import Interruption
from tests.flows.provider.provider import CALLBACK

from watchword.core.account_errors import Conflict, InvalidInput
from watchword.core.errors import InvalidClient
from watchword.core.models.client_metadata import ConsentPolicy
from watchword.core.models.identity import Role
from watchword.flows.admin import list_roles, put_role
from watchword.flows.apply import execute, plan
from watchword.flows.client_auth import identify_client
from watchword.flows.clients import get_client
from watchword.flows.exchange import TokenRequest
from watchword.flows.resource_book import list_resources

API = "https://api.example"
SHOP = {"client_name": "Shop", "redirect_uris": [CALLBACK], "grant_types": ["authorization_code", "refresh_token"]}
DOCUMENT = {
    "roles": {"editor": {"permissions": ["items:write"], "description": "Edits"}},
    "resources": {API: {"name": "API", "scopes": ["read"], "access_ttl": 300}},
    "clients": {
        "shop": {**SHOP, "scope": "openid read", "origins": ["https://app.example"]},
        "billing": {"grant_types": ["client_credentials"], "introspect": True},
        "page": {**SHOP, "token_endpoint_auth_method": "none"},
    },
}


async def applied(provider, document):
    steps = await plan(provider.ctx, document)
    done = [(step.action, step.kind, step.name, secret) async for step, secret in execute(provider.ctx, steps)]
    return [each[:3] for each in done], {name: secret for _, _, name, secret in done if secret}


def with_client(name, **changes):
    clients = {**DOCUMENT["clients"], name: {**DOCUMENT["clients"].get(name, {}), **changes}}
    return {**DOCUMENT, "clients": clients}


async def test_what_is_declared_is_made_and_a_second_time_nothing_is_to_do(provider):
    done, secrets = await applied(provider, DOCUMENT)
    assert done == [
        *(("create", "roles", "editor"), ("create", "resources", API)),
        *(("create", "clients", name) for name in ("shop", "billing", "page")),
    ]
    assert secrets.keys() == {"shop", "billing"}
    assert await plan(provider.ctx, DOCUMENT) == ()

    role = next(role for role in await list_roles(provider.ctx) if role.name == "editor")
    assert role == Role(name="editor", permissions=frozenset({"items:write"}), description="Edits")
    (resource,) = await list_resources(provider.ctx)
    assert (resource.uri, resource.scopes, resource.access_ttl) == (API, frozenset({"read"}), timedelta(seconds=300))
    shop, page = await get_client(provider.ctx, "shop"), await get_client(provider.ctx, "page")
    assert (shop.scopes, shop.dynamic, shop.metadata.origins) == ({"openid", "read"}, False, ("https://app.example",))
    assert (page.confidential, page.metadata.origins) == (False, ("https://app.example",))
    request = TokenRequest(form={}, basic=("billing", secrets["billing"]))
    assert (await identify_client(provider.ctx, request)).may_introspect


async def test_a_plan_alone_changes_nothing(provider):
    steps = await plan(provider.ctx, DOCUMENT)
    assert len(steps) == 5
    assert await plan(provider.ctx, DOCUMENT) == steps
    assert list(await provider.plain.clients.list(limit=10)) == []


async def test_a_change_names_what_differs_and_keeps_the_secret(provider):
    _, secrets = await applied(provider, DOCUMENT)
    document = with_client("billing", client_name="Billing", introspect=False)
    (step,) = await plan(provider.ctx, document)
    differences = {each.member: (each.before, each.after) for each in step.differences}
    assert (step.action, step.name) == ("change", "billing")
    assert differences == {"name": ("billing", "Billing"), "may_introspect": (True, False)}
    done, shown = await applied(provider, document)
    assert (done, shown) == ([("change", "clients", "billing")], {})
    client = await identify_client(provider.ctx, TokenRequest(form={}, basic=("billing", secrets["billing"])))
    assert (client.name, client.may_introspect, client.version) == ("Billing", False, 2)
    assert await plan(provider.ctx, document) == ()


async def test_a_client_gets_and_loses_its_secret_with_its_method(provider):
    await applied(provider, DOCUMENT)
    signing = with_client("page", token_endpoint_auth_method="client_secret_jwt")
    _, secrets = await applied(provider, signing)
    assert secrets.keys() == {"page"}
    assert (await get_client(provider.ctx, "page")).secret_salts
    _, secrets = await applied(provider, DOCUMENT)
    page = await get_client(provider.ctx, "page")
    assert (secrets, page.secret_hashes, page.secret_salts, page.confidential) == ({}, (), (), False)
    assert await plan(provider.ctx, DOCUMENT) == ()


async def test_a_client_is_disabled_and_enabled_as_declared(provider):
    _, secrets = await applied(provider, DOCUMENT)
    request = TokenRequest(form={}, basic=("billing", secrets["billing"]))
    disabled = with_client("billing", disabled=True)
    await applied(provider, disabled)
    with pytest.raises(InvalidClient):
        await identify_client(provider.ctx, request)
    assert await plan(provider.ctx, disabled) == ()
    await applied(provider, DOCUMENT)
    assert (await identify_client(provider.ctx, request)).id == "billing"


async def test_what_is_absent_goes_and_what_is_not_named_stays(provider):
    await applied(provider, DOCUMENT)
    await put_role(provider.ctx, Role(name="reader"))
    absent = {"absent": {"roles": ["editor", "nobody"], "resources": [API], "clients": ["shop"]}}
    done, _ = await applied(provider, absent)
    assert done == [("delete", "roles", "editor"), ("delete", "resources", API), ("delete", "clients", "shop")]
    assert {role.name for role in await list_roles(provider.ctx)} == {"admin", "reader"}
    assert [client.id for client in await provider.plain.clients.list(limit=10)] == ["billing", "page"]
    assert await plan(provider.ctx, absent) == ()


async def test_an_unnamed_member_of_a_client_goes_back_to_its_default(provider):
    await applied(provider, with_client("shop", consent="always", access_ttl=60, require_pkce=False))
    shop = await get_client(provider.ctx, "shop")
    assert (shop.metadata.consent, shop.metadata.access_ttl, shop.metadata.require_pkce) == ("always", 60, False)
    await applied(provider, DOCUMENT)
    shop = await get_client(provider.ctx, "shop")
    assert (shop.metadata.consent, shop.metadata.access_ttl, shop.metadata.require_pkce) == ("remember", None, True)
    await applied(provider, with_client("shop", first_party=True))
    assert (await get_client(provider.ctx, "shop")).metadata.consent is ConsentPolicy.NEVER


async def test_the_role_admin_keeps_its_permission_without_a_word(provider):
    assert await plan(provider.ctx, {"roles": {"admin": {}}}) == ()


@pytest.mark.parametrize(
    "document",
    [
        {"scopes": {"read": {}}},
        {"users": {}},
        {"roles": []},
        {"roles": {"editor": "x"}},
        {"roles": {"Editor!": {}}},
        {"roles": {"editor": {"permissions": "items:write"}}},
        {"roles": {"editor": {"permission": []}}},
        {"resources": {"no uri": {}}},
        {"resources": {API: {"access_ttl": "soon"}}},
        {"clients": {"first-party": SHOP}},
        {"clients": {"a b": SHOP}},
        {"clients": {"shop": {**SHOP, "redirect_uri": CALLBACK}}},
        {"clients": {"shop": {**SHOP, "redirect_uris": ["http://app.example/cb"]}}},
        {"clients": {"shop": {**SHOP, "grant_types": ["password"], "response_types": []}}},
        {"clients": {"shop": {**SHOP, "origins": ["https://app.example/path"]}}},
        {"clients": {"shop": {**SHOP, "consent": "sometimes"}}},
        {"clients": {"shop": {**SHOP, "require_pkce": "no"}}},
        {"clients": {"shop": SHOP}, "absent": {"clients": ["shop"]}},
        {"absent": {"roles": ["admin"]}},
        {"absent": {"users": ["ada"]}},
    ],
    ids=str,
)
async def test_what_is_unknown_or_not_acceptable_is_refused_before_anything_is_done(provider, document):
    with pytest.raises(InvalidInput):
        await plan(provider.ctx, {"roles": {"fine": {}}, **document})
    assert {role.name for role in await list_roles(provider.ctx)} == {"admin"}


async def test_a_client_that_another_changed_since_the_plan_is_left_alone(providers):
    race = Interruption()
    provider = await providers(around=race)
    await applied(provider, DOCUMENT)

    async def another():
        await applied(provider, with_client("billing", client_name="Quicker"))

    race.before["clients", "replace"] = another
    with pytest.raises(Conflict):
        await applied(provider, with_client("billing", client_name="Slower"))
    assert (await get_client(provider.ctx, "billing")).name == "Quicker"
