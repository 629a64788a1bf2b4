"""By which name a client knows a person, and what userinfo tells it."""

from dataclasses import replace

import pytest
from tests.flows.provider.provider import ISSUER
from tests.flows.world import SECRET

from watchword.config import ProviderConfig
from watchword.core.errors import InsufficientScope, InvalidToken
from watchword.core.models.authorizations import Resource
from watchword.flows.clients import disable_client
from watchword.flows.resource_book import put_resource
from watchword.flows.userinfo import userinfo

API = "https://api.example"
SECTOR = "https://sector.example/uris"


def subject(provider, answer):
    return provider.claims(answer.id_token)["sub"]


async def pairwise(provider, **fields):
    return await provider.app(subject_type="pairwise", **fields)


async def test_a_pairwise_client_knows_a_person_by_a_name_of_its_sector(provider, browser):
    plain, one, other = await provider.app(), await pairwise(provider), await pairwise(provider)
    far = await pairwise(provider, sector_identifier_uri=SECTOR)
    user = await provider.plain.users.find_by_login("ada")
    subjects = [subject(provider, await app.tokens(browser)) for app in (plain, one, other, far)]
    assert subjects[0] == user.id
    assert subjects[1] == subjects[2]
    assert len(set(subjects)) == 3


async def test_two_people_have_two_names_and_keep_them(provider, browser):
    await provider.sign_up("bob")
    app = await pairwise(provider)
    bob = subject(provider, await app.tokens(provider.browser(), "bob"))
    first = await app.tokens(browser)
    again = await app.refresh(first)
    assert subject(provider, first) == subject(provider, again)
    assert subject(provider, first) != bob


async def test_a_pairwise_subject_stays_when_a_new_secret_is_put_in_front(providers, provider, browser):
    app = await pairwise(provider)
    before = subject(provider, await app.tokens(browser))
    newer = b"another secret for tests: thirty-two bytes"
    rotated = await providers(stores=provider.plain, clock=provider.clock, secrets=(newer, SECRET))
    kept = ProviderConfig(enabled=True, pairwise_secret=SECRET)
    alone = replace(rotated.ctx, config=replace(rotated.ctx.config, secrets=(newer,), provider=kept))
    from watchword.flows.subjects import subject_for

    user = await provider.plain.users.find_by_login("ada")
    assert subject_for(rotated.ctx, app.client, user.id) == before
    assert subject_for(alone, app.client, user.id) == before
    lost = replace(alone, config=replace(alone.config, provider=ProviderConfig(enabled=True)))
    assert subject_for(lost, app.client, user.id) != before


async def test_userinfo_has_the_subject_of_the_id_token(provider, browser):
    app = await pairwise(provider)
    answer = await app.tokens(browser)
    assert (await userinfo(provider.ctx, answer.access_token)).claims["sub"] == subject(provider, answer)


async def test_a_resource_of_others_sees_the_pairwise_subject_too(provider, browser):
    await put_resource(provider.ctx, Resource(uri=API))
    app = await pairwise(provider)
    answer = await app.tokens(browser, resource=API)
    assert provider.claims(answer.access_token)["sub"] == subject(provider, answer)
    own = await app.tokens(browser)
    user = await provider.plain.users.find_by_login("ada")
    assert provider.claims(own.access_token)["sub"] == user.id


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", {"sub"}),
        ("openid profile", {"sub", "name", "preferred_username", "updated_at"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid phone", {"sub"}),
        ("openid address", {"sub"}),
    ],
)
async def test_userinfo_tells_what_the_scopes_ask_for_and_the_account_has(provider, app, browser, scope, names):
    answer = await app.tokens(browser, scope=scope)
    assert set((await userinfo(provider.ctx, answer.access_token)).claims) == names


async def test_userinfo_is_signed_for_who_registered_for_that(provider, browser):
    app = await provider.app(userinfo_signed_response_alg="RS256")
    answer = await app.tokens(browser)
    known = await userinfo(provider.ctx, answer.access_token)
    signed = provider.claims(known.jwt)
    assert (signed["iss"], signed["aud"], signed["sub"]) == (ISSUER, app.id, known.claims["sub"])


async def test_userinfo_wants_a_token_for_here_with_openid(provider, app, browser):
    await put_resource(provider.ctx, Resource(uri=API))
    good = await app.tokens(browser, scope="openid read")
    assert await userinfo(provider.ctx, good.access_token)
    with pytest.raises(InsufficientScope) as refused:
        await userinfo(provider.ctx, (await app.tokens(browser, scope="read")).access_token)
    assert refused.value.scopes == ("openid",)
    elsewhere = await app.tokens(browser, scope="openid read", resource=API)
    for token in (elsewhere.access_token, good.id_token, "nonsense", good.refresh_token):
        with pytest.raises(InvalidToken):
            await userinfo(provider.ctx, token)


async def test_userinfo_of_a_disabled_client_or_a_deleted_account_is_refused(provider, app, browser):
    from watchword.flows.account import delete_account

    answer = await app.tokens(browser)
    other = await provider.app()
    second = await other.tokens(browser)
    await disable_client(provider.ctx, app.id)
    with pytest.raises(InvalidToken):
        await userinfo(provider.ctx, answer.access_token)
    assert await userinfo(provider.ctx, second.access_token)
    user = await provider.plain.users.find_by_login("ada")
    await delete_account(provider.ctx, user.id)
    with pytest.raises(InvalidToken):
        await userinfo(provider.ctx, second.access_token)
