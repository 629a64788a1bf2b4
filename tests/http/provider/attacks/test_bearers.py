"""Signed things of this server and of clients that are no access tokens (ATTACKS J39, J41, J42, X12)."""

import pytest
from tests.flows.provider.keys import AppKey, key_set, sign_by_secret, unsigned
from tests.http.provider.world import REDIRECT, query

from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.models.grants import Client

PLACES = ("/auth/userinfo", "/auth/me", "/items")


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def tokens(world):
    return (await world.redeem(await world.get_code(scope="openid profile items:read"))).json()


async def statuses(world, token):
    return [(await world.client.get(place, headers=bearer(token))).status_code for place in PLACES]


async def test_an_access_token_is_taken_and_an_id_token_and_a_refresh_token_are_not(world, tokens):
    assert await statuses(world, tokens["access_token"]) == [200, 403, 200]  # the account itself is not for clients
    for name in ("id_token", "refresh_token"):
        assert await statuses(world, tokens[name]) == [401, 401, 401]


async def test_what_clients_sign_is_taken_nowhere_as_a_token(world, tokens):
    """An assertion and a request object that say what an access token says, by the client's own key."""
    key, now = AppKey(), int(world.clock.now().timestamp())
    metadata = ClientMetadata(redirect_uris=(REDIRECT,), auth_method="private_key_jwt", jwks=key_set(key))
    await world.stores.clients.add(Client(id="signer", name="Signer", metadata=metadata))
    claims = {"iss": "signer", "sub": "signer", "aud": "http://testserver", "exp": now + 60, "iat": now, "jti": "1"}
    as_token = {**claims, "iss": "http://testserver", "client_id": "signer", "scope": "openid items:read"}
    for text in (
        key.sign(claims),
        key.sign(as_token, typ="at+jwt"),
        key.sign(as_token, typ="at+jwt", jwk=key.public),
        unsigned(as_token),
        sign_by_secret(as_token, world.secret),
    ):
        assert await statuses(world, text) == [401, 401, 401]


async def test_an_introspection_answer_is_no_token(world, tokens):
    answer = await world.client.post(
        "/auth/introspect",
        data={"token": tokens["access_token"]},
        auth=(world.shop.id, world.secret),
        headers={"Accept": "application/token-introspection+jwt"},
    )
    assert answer.headers["content-type"] == "application/token-introspection+jwt"
    assert await statuses(world, answer.text) == [401, 401, 401]


async def test_a_code_for_a_key_that_cannot_be_proved_here_is_worth_nothing(world):
    """`dpop_jkt` binds the code; a server that passed it over would hand out a token that anyone can use."""
    await world.get_code()
    bound = query(await world.authorize(dpop_jkt="A" * 43))["code"]
    assert (await world.redeem(bound)).json()["error"] == "invalid_grant"
    assert (await world.redeem(query(await world.authorize())["code"])).status_code == 200
