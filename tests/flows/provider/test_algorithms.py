"""Keys of several algorithms: each signs what it is for, and rotates by itself."""

from datetime import timedelta

import pytest

from watchword.config import ProviderConfig, TokenConfig
from watchword.core.account_errors import Conflict
from watchword.core.tokens.compact import parse_compact
from watchword.flows.key_rotation import revoke_key, rotate

ALL = ProviderConfig(enabled=True, id_token_algorithms=("RS256", "ES256", "EdDSA"))
PUBLISH = timedelta(minutes=6)
KEPT = timedelta(hours=1, minutes=1)


def algorithms(provider):
    return [key["alg"] for key in provider.ctx.keys.ring.jwks(provider.clock.now())["keys"]]


def kid(provider, algorithm=None):
    return provider.ctx.keys.ring.signing(provider.clock.now(), algorithm).kid


async def test_a_provider_starts_with_a_key_of_each_algorithm(providers):
    one = await providers()
    assert algorithms(one) == ["ES256", "RS256"]
    every = await providers(provider=ALL)
    assert algorithms(every) == ["ES256", "RS256", "EdDSA"]


async def test_without_a_provider_there_is_no_key_for_id_tokens(worlds):
    assert algorithms(await worlds()) == ["ES256"]


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
async def test_an_id_token_is_signed_as_the_client_registered(providers, algorithm):
    provider = await providers(provider=ALL)
    await provider.sign_up()
    app = await provider.app(id_token_signed_response_alg=algorithm)
    answer = await app.tokens(provider.browser())
    assert parse_compact(answer.id_token).algorithm == algorithm
    assert provider.claims(answer.id_token)["aud"] == app.id
    assert parse_compact(answer.access_token).algorithm == "ES256"


async def test_each_algorithm_rotates_by_itself(provider, app, browser):
    access, ids = kid(provider), kid(provider, "RS256")
    token = (await app.tokens(browser)).id_token
    new = await rotate(provider.ctx, algorithm="RS256")
    assert algorithms(provider) == ["ES256", "RS256", "RS256"]
    with pytest.raises(Conflict):
        await rotate(provider.ctx, algorithm="RS256")
    provider.clock.tick(PUBLISH)
    assert (kid(provider), kid(provider, "RS256")) == (access, new.kid)
    assert parse_compact((await app.tokens(browser)).id_token).kid == new.kid
    assert provider.claims(token)["aud"] == app.id
    provider.clock.tick(KEPT)
    assert ids not in [key["kid"] for key in provider.ctx.keys.ring.jwks(provider.clock.now())["keys"]]
    assert kid(provider) == access


async def test_a_compromised_key_of_one_algorithm_leaves_the_others(provider, app, browser):
    access, ids = kid(provider), kid(provider, "RS256")
    await revoke_key(provider.ctx, ids)
    assert (kid(provider), kid(provider, "RS256") != ids) == (access, True)
    assert provider.claims((await app.tokens(browser)).id_token)["aud"] == app.id


async def test_both_grow_old(providers):
    tokens = TokenConfig(key_lifetime=timedelta(days=1))
    provider = await providers(tokens=tokens)
    before = {kid(provider), kid(provider, "RS256")}
    provider.tick(days=1)
    await provider.ctx.start(follow=False)
    provider.clock.tick(PUBLISH)
    assert not before & {kid(provider), kid(provider, "RS256")}


async def test_an_application_beside_a_provider_keeps_to_its_own_keys(providers, worlds):
    provider = await providers()
    plain = await worlds(stores=provider.plain, clock=provider.clock)
    await rotate(provider.ctx, algorithm="RS256")
    provider.clock.tick(PUBLISH)
    await plain.ctx.keys.reload()
    assert plain.ctx.keys.ring.signing(provider.clock.now()).algorithm == "ES256"
    await rotate(plain.ctx, immediately=True)
    provider.tick(days=1)
    assert {row.algorithm for row in await provider.plain.keys.list()} == {"ES256", "RS256"}
    droppable = plain.ctx.keys.ring.droppable(provider.clock.now())
    assert kid(provider, "RS256") not in droppable


async def test_id_tokens_and_access_tokens_may_share_an_algorithm(providers):
    provider = await providers(tokens=TokenConfig(algorithm="RS256"))
    assert algorithms(provider) == ["RS256"]
    assert kid(provider) == kid(provider, "RS256")
