"""Codes and PKCE at the token endpoint (ATTACKS C05, C07 to C10, C13, C15, C16, T02, T17, T18, T22)."""

import secrets

import pytest
from tests.http.provider.world import DEVICE, REDIRECT, VERIFIER, query

from watchword.core.oauth.pkce import challenge_of
from watchword.core.tokens.opaque import new_secret


def form_of(code, **more):
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    return {name: value for name, value in {**fields, **more}.items() if value is not None}


async def ask(world, form, **more):
    return await world.client.post("/auth/token", data=form, auth=(world.shop.id, world.secret), **more)


def refusal(answer):
    return answer.status_code, answer.json()["error"]


@pytest.mark.parametrize(
    "verifier",
    [None, "", "null", VERIFIER[:-1], VERIFIER + "a", VERIFIER.upper(), VERIFIER[:42], VERIFIER * 3, "é" * 50, "[]"],
)
async def test_a_code_goes_with_its_own_verifier_alone(world, verifier):
    code = await world.get_code()
    assert refusal(await ask(world, form_of(code, code_verifier=verifier))) == (400, "invalid_grant")
    assert (await ask(world, form_of(code))).status_code == 200


@pytest.mark.parametrize("method", ["plain", "s256", "S512", "S256 ", None])
async def test_no_method_but_s256_is_taken(world, method):
    answer = await world.authorize(code_challenge=VERIFIER, code_challenge_method=method)
    assert query(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "challenge", ["", "a", "A" * 42, "A" * 44, challenge_of(VERIFIER) + "=", VERIFIER, "+/" * 21 + "A"]
)
async def test_what_is_no_challenge_is_refused_at_the_beginning(world, challenge):
    assert query(await world.authorize(code_challenge=challenge))["error"] == "invalid_request"


def changed(code):
    other = "A" if code[10] != "A" else "B"
    return [
        code[:-1],
        code + "A",
        code.swapcase(),
        code[:10] + other + code[11:],
        code[5:],
        f" {code}",
        code + "\u200b",
    ]


async def test_a_code_that_is_not_exact_is_none(world):
    code = await world.get_code()
    for bad in changed(code):
        assert refusal(await ask(world, form_of(bad))) == (400, "invalid_grant"), bad
    assert (await ask(world, form_of(code))).status_code == 200


async def test_guesses_of_the_right_form_hit_nothing(world):
    await world.get_code()
    guesses = [await ask(world, form_of(new_secret("wwac"))) for _ in range(100)]
    assert {refusal(answer) for answer in guesses} == {(400, "invalid_grant")}


async def test_every_secret_is_of_its_own_kind(world):
    code = await world.get_code()
    tokens = (await ask(world, form_of(code))).json()
    device = await world.client.post("/auth/device_authorization", data={"client_id": (await tv(world)).id})
    for secret in (tokens["refresh_token"], tokens["access_token"], tokens["id_token"], device.json()["device_code"]):
        assert refusal(await ask(world, form_of(secret))) == (400, "invalid_grant")
        polled = await ask(world, {"grant_type": DEVICE, "device_code": secret})
        assert polled.status_code == 400
    for secret in (code, tokens["access_token"], tokens["id_token"], device.json()["device_code"]):
        refreshed = await ask(world, {"grant_type": "refresh_token", "refresh_token": secret})
        assert refusal(refreshed) == (400, "invalid_grant")
    for secret in (code, tokens["refresh_token"], tokens["id_token"], device.json()["device_code"]):
        for path in ("/auth/userinfo", "/auth/me"):
            answer = await world.client.get(path, headers={"Authorization": f"Bearer {secret}"})
            assert answer.status_code == 401


async def tv(world):
    return await world.add_client("Television")


async def test_what_one_client_holds_is_worth_nothing_to_another(world):
    other = await tv(world)
    tokens = (await ask(world, form_of(await world.get_code()))).json()
    stolen = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": other.id}
    assert refusal(await world.client.post("/auth/token", data=stolen)) == (400, "invalid_grant")
    mine = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert (await ask(world, mine)).status_code == 200
    code = query(await world.authorize())["code"]
    refused = await world.client.post("/auth/token", data=form_of(code, client_id=other.id))
    assert refusal(refused) == (400, "invalid_grant")
    assert refusal(await ask(world, form_of(code))) == (400, "invalid_grant")


async def test_a_refresh_widens_nothing(world):
    tokens = (await ask(world, form_of(await world.get_code(scope="openid")))).json()
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    for wider in ({"scope": "openid profile"}, {"scope": "admin"}, {"resource": "https://other.example"}):
        assert (await ask(world, {**refresh, **wider})).json()["error"] in ("invalid_scope", "invalid_target")
    assert (await ask(world, refresh)).json()["scope"] == "openid"


async def test_unknown_expired_and_foreign_codes_are_refused_alike(world):
    expired = await world.get_code()
    world.clock.tick(61)
    answers = [
        await ask(world, form_of(code)) for code in (expired, new_secret("wwac"), "nonsense", secrets.token_hex(9))
    ]
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


async def test_a_code_is_redeemed_by_a_form_and_in_no_other_way(world):
    code = await world.get_code()
    form = form_of(code)
    auth = (world.shop.id, world.secret)
    answers = [
        await world.client.get("/auth/token", params=form, auth=auth),
        await world.client.post("/auth/token", params=form, auth=auth),
        await world.client.post("/auth/token", json=form, auth=auth),
        await world.client.post("/auth/token", files={name: (None, value) for name, value in form.items()}, auth=auth),
        await world.client.post("/auth/token?x=1", data=form, auth=auth),
        await world.client.post("/auth/token", data={**form, "client_secret": world.secret}, auth=auth),
        await world.client.post("/auth/token", data={**form, "client_assertion": "a.b.c"}, auth=auth),
        await world.client.post("/auth/token", data={**form, "client_id": "other"}, auth=auth),
    ]
    assert [answer.status_code for answer in answers] == [405, *[400] * 7]
    assert (await ask(world, form)).status_code == 200
