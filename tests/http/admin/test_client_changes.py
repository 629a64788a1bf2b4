"""Changes of clients in the admin API: members, and secrets."""

import pytest
from joserfc.jwk import ECKey
from tests.http.admin.clients import CB, MACHINE, PAGE, SHOP, get_token, use
from tests.http.admin.test_clients import BY_KEY, JWKS, ONE_STORE

from watchword.core.oauth.declared_clients import CLIENT_MEMBERS
from watchword.fastapi.client_schemas import ChangeClientBody, ClientAnswer, ClientBody, NewClientBody
from watchword.flows import clients
from watchword.flows.client_book import FRESH_FOR


def test_the_schemas_have_every_member_that_a_declared_client_may_have():
    states = {"disabled", "verified"}
    assert set(ClientBody.model_fields) == set(NewClientBody.model_fields) == CLIENT_MEMBERS - states
    assert set(ChangeClientBody.model_fields) == CLIENT_MEMBERS | states
    assert set(ClientAnswer.model_fields) > CLIENT_MEMBERS


async def test_what_a_change_names_changes_and_the_rest_stays(desk):
    made = await desk.add({**SHOP, "access_ttl": 60, "contacts": ["ops@shop.example"]})
    shown = {name: value for name, value in made.items() if name != "client_secret"}
    assert (await desk.send("PATCH", f"/{made['client_id']}", {})).json() == shown
    changed = await desk.change(made, redirect_uris=[CB + "/2"], access_ttl=None, tos_uri="https://shop.example/terms")
    expected = {**shown, "redirect_uris": [CB + "/2"], "access_ttl": None, "tos_uri": "https://shop.example/terms"}
    assert (changed.status_code, changed.json()) == (200, expected)
    assert (await desk.send("GET", f"/{made['client_id']}")).json() == expected


@ONE_STORE
async def test_a_client_of_every_kind_can_be_changed(site, desk):
    plain, _ = await clients.add_client(site.auth.context, "By flow", scopes=["items:read"])
    made = [await desk.add(body) for body in (MACHINE, SHOP, PAGE, BY_KEY)] + [{"client_id": plain.id}]
    for client in made:
        before = (await desk.send("GET", f"/{client['client_id']}")).json()
        answer = await desk.change(client, client_uri="https://shop.example/")
        assert {**answer.json(), "response_types": []} == {
            **before,
            "client_uri": "https://shop.example/",
            "response_types": [],
        }


@ONE_STORE
async def test_an_answer_can_be_sent_back_as_a_change_and_changes_nothing(desk):
    made = await desk.add({**SHOP, "first_party": True, "origins": ["https://shop.example"], "scope": "openid"})
    said = {name: value for name, value in made.items() if name in ClientBody.model_fields}
    assert (await desk.change(made, **said)).json() == {k: v for k, v in made.items() if k != "client_secret"}


@ONE_STORE
async def test_consent_and_origins_follow_what_they_depend_on(desk):
    page = await desk.add(PAGE)
    assert (page["origins"], page["consent"]) == (["https://shop.example"], "remember")
    moved = (await desk.change(page, redirect_uris=["https://new.example/cb"])).json()
    assert moved["origins"] == ["https://new.example"]
    assert (await desk.change(page, first_party=True)).json()["consent"] == "never"
    assert (await desk.change(page, first_party=False)).json()["consent"] == "remember"
    await desk.change(page, consent="always", origins=["https://old.example"])
    kept = (await desk.change(page, first_party=True, redirect_uris=[CB])).json()
    assert (kept["consent"], kept["origins"]) == ("always", ["https://old.example"])


REFUSED = [
    ({"redirect_uris": ["http://shop.example/cb"]}, {"redirect_uris": ["https://shop.example/cb"]}),
    ({"redirect_uris": []}, {"redirect_uris": [], "grant_types": ["client_credentials"]}),
    ({"grant_types": ["password"]}, {"grant_types": ["password"], "first_party": True}),
    ({"client_name": None}, {"client_name": "Other"}),
    ({"client_name": ""}, {"scope": None}),
    ({"origins": ["null"]}, {"origins": []}),
    ({"client_id": "other"}, {"software_id": "other"}),
    ({"client_secret": "chosen"}, {"software_id": None}),
    ({"secrets": 2}, {"default_max_age": 2}),
    ({"disabled": "yes"}, {"disabled": False}),
    ({"verified": 1}, {"verified": True}),
    ({"disabled": True, "access_ttl": -1}, {"access_ttl": 0}),
]


@ONE_STORE
@pytest.mark.parametrize(("bad", "good"), REFUSED, ids="+".join)
async def test_a_change_that_is_not_sound_is_refused_and_nothing_of_it_done(desk, bad, good):
    made = await desk.add(SHOP)
    place = f"/{made['client_id']}"
    before = (await desk.send("GET", place)).json()
    refused = await desk.change(made, **bad)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_input"), refused.text
    assert (await desk.send("GET", place)).json() == before
    assert (await desk.change(made, **good)).status_code == 200


@ONE_STORE
async def test_a_grant_of_passwords_keeps_a_client_first_party(desk):
    made = await desk.add({**MACHINE, "first_party": True, "grant_types": ["client_credentials", "password"]})
    assert (await desk.change(made, first_party=False)).status_code == 422
    answer = await desk.change(made, first_party=False, grant_types=["client_credentials"])
    assert (answer.status_code, answer.json()["first_party"]) == (200, False)


METHODS = [
    (SHOP, "client_secret_basic", 200),
    (SHOP, "client_secret_post", 200),
    (SHOP, None, 200),
    (SHOP, "none", 422),
    (SHOP, "client_secret_jwt", 422),
    (PAGE, "none", 200),
    (PAGE, None, 422),
    (PAGE, "client_secret_basic", 422),
    (BY_KEY, "private_key_jwt", 200),
    (BY_KEY, "client_secret_basic", 422),
    (BY_KEY, "none", 422),
    ({**SHOP, "token_endpoint_auth_method": "client_secret_jwt"}, "client_secret_jwt", 200),
    ({**SHOP, "token_endpoint_auth_method": "client_secret_jwt"}, "client_secret_post", 422),
    ({**SHOP, "token_endpoint_auth_method": "client_secret_post"}, None, 200),
]


@ONE_STORE
@pytest.mark.parametrize(("body", "method", "status"), METHODS)
async def test_a_method_that_needs_another_kind_of_secret_is_refused(desk, body, method, status):
    answer = await desk.change(await desk.add(body), token_endpoint_auth_method=method)
    assert answer.status_code == status, answer.text


async def test_a_key_of_its_own_may_take_the_place_of_a_clients_secret(site, desk):
    made = await desk.add()
    assert (await get_token(site, made)).status_code == 200
    changed = await desk.change(made, token_endpoint_auth_method="private_key_jwt", jwks=JWKS)
    assert (changed.status_code, changed.json()["secrets"], changed.json()["public"]) == (200, 0, False)
    assert (await get_token(site, made)).status_code == 401


async def test_a_private_key_is_never_taken(desk):
    secret = {"keys": [{**ECKey.generate_key("P-256").as_dict(private=True), "kid": "k1", "alg": "ES256"}]}
    refused = await desk.send("POST", body={**BY_KEY, "jwks": secret})
    assert (refused.status_code, secret["keys"][0]["d"] in refused.text) == (422, False)
    await desk.add(BY_KEY)


@pytest.mark.parametrize(("meanwhile", "status"), [("changed", 409), ("deleted", 404)])
async def test_a_change_that_meets_another_is_a_conflict(site, desk, monkeypatch, meanwhile, status):
    client, store = await desk.add(), type(site.stores.clients)
    replace = store.replace

    async def be_late(self, changed, *, expected_version):
        if meanwhile == "changed":
            await replace(self, changed, expected_version=expected_version)
        else:
            await self.delete(changed.id)
        return await replace(self, changed, expected_version=expected_version)

    monkeypatch.setattr(store, "replace", be_late)
    answer = await desk.change(client, client_name="Late")
    assert answer.status_code == status
    monkeypatch.undo()
    if meanwhile == "changed":
        assert (await desk.change(client, client_name="In time")).json()["client_name"] == "In time"


async def test_after_a_rotation_the_old_secret_works_until_the_next(site, desk):
    client = await desk.add()
    second = await desk.rotate(client)
    secrets = [client["client_secret"], second]
    assert [(await get_token(site, client, each)).status_code for each in secrets] == [200, 200]
    assert (await desk.send("GET", f"/{client['client_id']}")).json()["secrets"] == 2
    third = await desk.rotate(client, {})
    assert len({*secrets, third}) == 3
    assert [(await get_token(site, client, each)).status_code for each in (*secrets, third)] == [401, 200, 200]


async def test_an_immediate_rotation_refuses_every_other_secret_and_the_tokens(site, desk):
    client = await desk.add()
    token = await get_token(site, client)
    new = await desk.rotate(client, {"immediately": True})
    assert [(await get_token(site, client, each)).status_code for each in (client["client_secret"], new)] == [401, 200]
    assert await use(site, token) == 401
    site.clock.tick(FRESH_FOR.total_seconds() + 1)
    assert await use(site, await get_token(site, client, new)) == 200


@ONE_STORE
async def test_a_strange_rotation_is_refused(desk):
    client = await desk.add()
    for body in ({"immediately": "yes"}, {"secret": "chosen"}, []):
        assert (await desk.send("POST", f"/{client['client_id']}/secrets", body)).status_code == 422
    await desk.rotate(client, {"immediately": False})
