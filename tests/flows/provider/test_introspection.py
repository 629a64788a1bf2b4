"""Introspection for clients of a provider: signed answers (RFC 9701), pairwise subjects, registered resources."""

import pytest
from tests.flows.provider.provider import ISSUER

from watchword.core.models.authorizations import Resource
from watchword.core.tokens.compact import parse_compact, parse_json_object
from watchword.flows.introspect import INACTIVE, introspect, introspect_token
from watchword.flows.resource_book import put_resource
from watchword.flows.sessions import end_session

API = "https://api.example"


@pytest.fixture
async def tokens(provider, app, browser):
    return await app.tokens(browser)


def payload_of(jwt):
    compact = parse_compact(jwt)
    return compact.header, parse_json_object(compact.payload)


async def test_an_answer_is_signed_for_who_asks_for_that(provider, app, tokens):
    plain = await introspect(provider.ctx, app.request(token=tokens.access_token))
    assert plain.jwt is None
    signed = await introspect(provider.ctx, app.request(token=tokens.access_token), signed=True)
    header, _ = payload_of(signed.jwt)
    assert (header["alg"], header["typ"]) == ("RS256", "token-introspection+jwt")
    now = int(provider.clock.now().timestamp())
    expected = {"iss": ISSUER, "aud": app.id, "iat": now, "token_introspection": dict(plain.members)}
    assert provider.claims(signed.jwt) == expected
    assert plain.members["active"]


async def test_a_signed_answer_about_no_token_says_no_more_than_that(provider, app, tokens):
    signed = await introspect(provider.ctx, app.request(token="x"), signed=True)
    assert provider.claims(signed.jwt)["token_introspection"] == INACTIVE


async def test_a_client_is_answered_by_the_algorithm_that_it_registered(provider, tokens):
    app = await provider.app(introspection_signed_response_alg="ES256")
    signed = await introspect(provider.ctx, app.request(token=tokens.access_token))
    assert payload_of(signed.jwt)[0]["alg"] == "ES256"
    assert provider.claims(signed.jwt)["token_introspection"] == INACTIVE


async def test_a_signed_answer_is_no_access_token(provider, app, tokens):
    signed = await introspect(provider.ctx, app.request(token=tokens.access_token), signed=True)
    assert await introspect_token(provider.ctx, app.request(token=signed.jwt)) == INACTIVE
    assert (await introspect_token(provider.ctx, app.request(token=tokens.access_token)))["active"]


async def test_a_pairwise_client_sees_its_own_name_of_a_person_here_too(provider, browser):
    app = await provider.app(subject_type="pairwise")
    answer = await app.tokens(browser)
    subject = provider.claims(answer.id_token)["sub"]
    for token in (answer.access_token, answer.refresh_token):
        assert (await introspect_token(provider.ctx, app.request(token=token)))["sub"] == subject
    principal = await provider.who(answer)
    assert principal.subject != subject
    watcher = await provider.machine(may_introspect=True)
    assert (await watcher.introspect(answer.access_token))["sub"] == principal.subject


async def test_a_token_for_a_registered_resource_is_active_until_it_is_revoked(provider, app, browser):
    await put_resource(provider.ctx, Resource(uri=API))
    watcher, stranger = await provider.machine(may_introspect=True), await provider.machine()
    answer = await app.tokens(browser, resource=API)
    members = await watcher.introspect(answer.access_token)
    assert (members["active"], members["aud"], members["client_id"]) == (True, API, app.id)
    assert await stranger.introspect(answer.access_token) == INACTIVE
    assert await watcher.introspect(answer.access_token[:-4]) == INACTIVE
    await end_session(provider.ctx, members["sub"], members["sid"], reason="logout")
    assert await watcher.introspect(answer.access_token) == INACTIVE
