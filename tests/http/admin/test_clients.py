"""Clients in the admin API: registered, shown, listed, disabled and deleted; and who may do that."""

import logging

import pytest
from joserfc.jwk import ECKey
from tests.http.admin.clients import CB, CLIENTS, MACHINE, PAGE, SHOP, Desk, get_token, use
from tests.http.site import CONFIG, bearer, running

from watchword.core.models.events import ClientChanged
from watchword.flows.client_book import FRESH_FOR
from watchword.flows.registration import register_client

ONE_STORE = pytest.mark.parametrize("stores", ["memory"], indirect=True)
JWKS = {"keys": [{**ECKey.generate_key("P-256").as_dict(private=False), "kid": "k1", "alg": "ES256", "use": "sig"}]}
BY_KEY = {**SHOP, "token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS}
ROUTES = [
    ("GET", "", None),
    ("POST", "", MACHINE),
    ("GET", "/{}", None),
    ("PATCH", "/{}", {"disabled": True}),
    ("POST", "/{}/secrets", {"immediately": True}),
    ("DELETE", "/{}", None),
]


async def test_every_route_needs_the_scope_admin_and_none_is_cached(site, desk):
    await site.sign_up()
    plain, client = bearer(await site.log_in(scope="admin items:read")), await desk.add()
    for method, path, body in ROUTES:
        place = CLIENTS + path.format(client["client_id"])
        nobody = await site.client.request(method, place, json=body)
        assert (nobody.status_code, nobody.json()["code"]) == (401, "missing_token"), path
        refused = await site.client.request(method, place, json=body, headers=plain)
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope"), path
        assert 'scope="admin"' in refused.headers["www-authenticate"]
    assert (await get_token(site, client)).status_code == 200
    for method, path, body in ROUTES:
        answer = await desk.send(method, path.format(client["client_id"]), body)
        assert (answer.status_code // 100, answer.headers["cache-control"]) == (2, "no-store"), path


async def test_a_client_is_registered_and_its_secret_is_shown_this_once(site, desk):
    made = await desk.add()
    assert (await get_token(site, made)).json()["scope"] == "items:read"
    shown = (await desk.send("GET", f"/{made['client_id']}")).json()
    assert {**shown, "client_secret": made["client_secret"]} == made
    listed = await desk.send("GET")
    changed = await desk.change(made, client_name="Daily billing")
    assert listed.json()["items"] == [shown]
    for answer in (listed, changed, await desk.change(made, disabled=True), await desk.change(made, disabled=False)):
        assert "secret" not in answer.text.replace("secrets", "")
        assert made["client_secret"] not in answer.text


async def test_an_answer_has_every_member_and_the_defaults(desk):
    made = await desk.add(SHOP)
    told = {name: value for name, value in made.items() if value not in (None, [], False)}
    secret, client_id = told.pop("client_secret"), told.pop("client_id")
    assert (len(secret) > 43, len(client_id)) == (True, 36)
    assert told == {
        **SHOP,
        "response_types": ["code"],
        "application_type": "web",
        "subject_type": "public",
        "id_token_signed_response_alg": "RS256",
        "consent": "remember",
        "require_pkce": True,
        "secrets": 1,
        "created_at": "2030-01-01T12:00:00.000Z",
    }
    assert made["scope"] is made["access_ttl"] is made["token_endpoint_auth_method"] is None


async def test_what_only_an_operator_says_is_taken(site, desk):
    said = {
        "first_party": True,
        "introspect": True,
        "consent": "remember",
        "require_pkce": False,
        "origins": ["https://shop.example"],
        "resources": ["https://api.example/"],
        "access_ttl": 60,
        "refresh_idle_ttl": 3600,
        "refresh_max_ttl": 7200,
        "grant_types": ["client_credentials", "password"],
        "scope": "items:read reports",
    }
    made = await desk.add({"client_name": "Our own", **said})
    assert {name: made[name] for name in said} == said
    token = (await get_token(site, made)).json()
    assert (token["expires_in"], token["scope"]) == (60, "items:read reports")


@ONE_STORE
async def test_a_first_party_client_asks_for_no_consent_unless_told_to(desk):
    assert (await desk.add({**SHOP, "first_party": True}))["consent"] == "never"
    assert (await desk.add({**SHOP, "first_party": True, "consent": "always"}))["consent"] == "always"
    assert (await desk.add({**SHOP, "first_party": False}))["consent"] == "remember"


@ONE_STORE
async def test_a_client_without_a_secret_gets_none(desk):
    for body, public in ((PAGE, True), (BY_KEY, False)):
        made = await desk.add(body)
        assert (made["client_secret"], made["secrets"], made["public"]) == (None, 0, public)
        rotated = await desk.send("POST", f"/{made['client_id']}/secrets")
        assert (rotated.status_code, rotated.json()["code"]) == (409, "conflict")
    assert (made["jwks"], made["origins"]) == (JWKS, [])


REFUSED = [
    ({"redirect_uris": ["http://shop.example/cb"]}, {"redirect_uris": ["http://localhost/cb"]}),
    ({"redirect_uris": ["https://*.shop.example/cb"]}, {"redirect_uris": ["https://a.shop.example/cb"]}),
    ({"redirect_uris": [CB + "#part"]}, {"redirect_uris": [CB + "?part"]}),
    ({"redirect_uris": ["javascript:alert(1)"]}, {"redirect_uris": ["com.example.shop:/cb"]}),
    ({"redirect_uris": []}, {"redirect_uris": [CB, CB + "/2"]}),
    ({"redirect_uris": None}, {"redirect_uris": None, "grant_types": ["client_credentials"]}),
    ({"redirect_uris": CB}, {"redirect_uris": [CB]}),
    ({"grant_types": ["password"]}, {"grant_types": ["password"], "first_party": True}),
    ({"grant_types": ["authorization_code", "magic"]}, {"grant_types": ["authorization_code"]}),
    ({"grant_types": [""]}, {"grant_types": []}),
    ({"grant_types": ["client_credentials"], "response_types": ["code"]}, {"grant_types": ["client_credentials"]}),
    ({"scope": 'items:"read"'}, {"scope": "items:read"}),
    ({"scope": ["items:read"]}, {"scope": ""}),
    ({"origins": ["https://shop.example/path"]}, {"origins": ["https://shop.example"]}),
    ({"consent": "sometimes"}, {"consent": "always"}),
    ({"access_ttl": -1}, {"access_ttl": 1}),
    ({"access_ttl": "60"}, {"access_ttl": 60}),
    ({"access_ttl": True}, {"access_ttl": None}),
    ({"first_party": "true"}, {"first_party": True}),
    ({"client_name": ""}, {"client_name": "x"}),
    ({"client_name": "x" * 129}, {"client_name": "x" * 128}),
    ({"client_name": "a\nb"}, {"client_name": "a b"}),
    ({"client_name": None}, {"client_name": "é"}),
    ({"token_endpoint_auth_method": "magic"}, {"token_endpoint_auth_method": "client_secret_post"}),
    (
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS},
    ),
    ({"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{}]}}, {"jwks": JWKS}),
    ({"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}, {"jwks_uri": "https://shop.example/jwks"}),
    (
        {"grant_types": ["client_credentials"], "token_endpoint_auth_method": "none"},
        {"token_endpoint_auth_method": "none"},
    ),
    ({"subject_type": "secret"}, {"subject_type": "pairwise"}),
    ({"frontchannel_logout_uri": "https://other.example/"}, {"frontchannel_logout_uri": "https://shop.example/out"}),
    ({"serves": ["items"]}, {"serves": ["https://api.example/items"]}),
    ({"software_statement": "e30.e30."}, {"software_id": "shop"}),
    ({"client_id": "chosen"}, {"software_version": "1"}),
    ({"client_secret": "chosen"}, {"contacts": ["ops@shop.example"]}),
    ({"registered_itself": True}, {"introspect": True}),
    ({"disabled": True}, {"introspect": False}),
]


@ONE_STORE
@pytest.mark.parametrize(("bad", "good"), REFUSED, ids=lambda members: "+".join(members)[:40])
async def test_a_client_that_is_not_sound_is_refused_beside_one_that_is(desk, bad, good):
    refused = await desk.send("POST", body={**SHOP, **bad})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input"), refused.text
    assert (await desk.send("GET")).json()["items"] == []
    await desk.add({**SHOP, **good})


@ONE_STORE
@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'"x"', b'{"client_name": "a", "client_name": "b"}', b"null"])
async def test_a_body_that_is_no_object_is_refused(site, desk, content):
    headers = {**desk.headers, "Content-Type": "application/json"}
    answer = await site.client.post(CLIENTS, content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@ONE_STORE
async def test_a_body_that_is_too_large_is_refused(desk):
    uris = [f"https://shop.example/{number}/{'x' * 1500}" for number in range(50)]
    answer = await desk.send("POST", body={**SHOP, "redirect_uris": uris})
    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    await desk.add({**SHOP, "redirect_uris": uris[:30]})


async def test_clients_are_listed_in_pages(site, desk):
    for number in range(5):
        site.clock.tick(1)
        await desk.add({**MACHINE, "client_name": f"Machine {number}"})
    names, cursor = [], None
    for _ in range(3):
        params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await desk.send("GET", params=params)).json()
        names += [client["client_name"] for client in page["items"]]
        cursor = page["next"]
    assert (names, cursor) == ([f"Machine {number}" for number in range(5)], None)


@ONE_STORE
@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=nonsense", "cursor=" + "A" * 300])
async def test_a_strange_page_is_invalid_input(desk, query):
    answer = await desk.send("GET", f"?{query}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.parametrize("client_id", ["nobody", "first-party"])
async def test_a_client_that_was_not_registered_is_not_found(desk, client_id):
    for method, path, body in ROUTES[2:]:
        answer = await desk.send(method, path.format(client_id), body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path


@ONE_STORE
@pytest.mark.parametrize("name", ["%00", "a%00b", "%ff", "x" * 5000, "%ED%A0%80"])
async def test_a_strange_id_is_refused(desk, name):
    for method, path, body in ROUTES[2:]:
        assert (await desk.send(method, path.format(name), body)).status_code in (404, 422), path


async def test_a_disabled_client_is_refused_and_enabled_again_it_starts_anew(site, desk):
    client = await desk.add()
    token = await get_token(site, client)
    assert (await use(site, token), (await desk.change(client, disabled=True)).json()["disabled"]) == (200, True)
    refused = await get_token(site, client)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert await use(site, token) == 401
    assert (await desk.change(client, disabled=None)).json()["disabled"] is True
    assert (await desk.change(client, disabled=False)).json()["disabled"] is False
    site.clock.tick(FRESH_FOR.total_seconds() + 1)
    fresh = await get_token(site, client)
    assert (await use(site, token), await use(site, fresh)) == (401, 200)


async def test_a_deleted_client_is_gone_with_its_tokens(site, desk):
    client, other = await desk.add(), await desk.add()
    token, kept = await get_token(site, client), await get_token(site, other)
    gone = await desk.send("DELETE", f"/{client['client_id']}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await use(site, token), await use(site, kept)) == (401, 200)
    assert (await get_token(site, client)).status_code == 401
    assert (await desk.send("DELETE", f"/{client['client_id']}")).status_code == 404
    assert [each["client_id"] for each in (await desk.send("GET")).json()["items"]] == [other["client_id"]]


async def test_another_process_hears_of_a_change(stores, site, desk):
    client = await desk.add()
    async with running(stores, clock=site.clock) as other:
        token = await get_token(other, client)
        assert (token.status_code, await use(other, token)) == (200, 200)
        await desk.change(client, scope="", access_ttl=30)
        site.clock.tick(FRESH_FOR.total_seconds())
        changed = (await get_token(other, client)).json()
        assert (changed["scope"], changed["expires_in"]) == ("", 30)
        await desk.change(client, disabled=True)
        site.clock.tick(FRESH_FOR.total_seconds())
        await other.auth.context.follower.catch_up()
        assert ((await get_token(other, client)).status_code, await use(other, token)) == (401, 401)


@ONE_STORE
async def test_a_client_that_registered_itself_is_shown_as_such_and_verified(new_site):
    site = await new_site(provider=CONFIG.provider.__class__(registration="open"))
    desk = Desk(site, await site.new_admin())
    itself = await register_client(site.auth.context, {"redirect_uris": [CB]}, token=None, address="")
    shown = (await desk.send("GET", f"/{itself['client_id']}")).json()
    assert (shown["registered_itself"], shown["consent"], shown["client_name"]) == (True, "always", "")
    assert (await desk.change(itself, verified=None)).json() == shown
    named = (await desk.change(itself, client_name="Guest")).json()
    assert named == {**shown, "client_name": "Guest"}
    verified = (await desk.change(itself, verified=True)).json()
    assert verified == {**named, "registered_itself": False, "consent": "remember"}
    assert (await desk.change(itself, verified=False)).status_code == 422


async def test_each_change_is_told_as_an_event_and_no_secret_is_in_it_or_in_the_log(site, desk, caplog):
    caplog.set_level(logging.DEBUG)
    heard: list[ClientChanged] = []

    @site.auth.on(ClientChanged)
    async def hear(event: ClientChanged) -> None:
        heard.append(event)

    client = await desk.add()
    await desk.change(client, client_name="Billing")
    await desk.change(client, client_name="Billing")
    second = await desk.rotate(client)
    await desk.change(client, disabled=True)
    await desk.change(client, disabled=False)
    await desk.send("DELETE", f"/{client['client_id']}")
    await site.auth.context.events.drain()
    assert {event.client_id for event in heard} == {client["client_id"]}
    changes = ["registered", "changed", "secret_rotated", "disabled", "enabled", "disabled", "deleted"]
    assert [event.change for event in heard] == changes
    told = repr(heard) + caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert client["client_id"] in told
    assert all(secret not in told for secret in (client["client_secret"], second))


@ONE_STORE
async def test_a_client_without_a_scope_may_have_every_unrestricted_one(site, desk):
    for said, scope in (
        ({}, "items:read"),
        ({"scope": ""}, ""),
        ({"scope": "items:read reports"}, "items:read reports"),
    ):
        client = await desk.add({"client_name": "Machine", "grant_types": ["client_credentials"], **said})
        asked = {"grant_type": "client_credentials", "scope": "items:read reports"}
        pair = (client["client_id"], client["client_secret"])
        assert (await site.client.post("/auth/token", data=asked, auth=pair)).json().get("scope", "") == scope
