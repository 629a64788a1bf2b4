"""How often the verifier asks a real issuer on the loopback, and what it does when the issuer does not answer."""

import asyncio
import json

import pytest
from tests.remote.issuers import JWKS, METADATA, NOW, sign_hs256
from tests.remote.sites import Answer

from watchword.core.errors import InvalidToken, Unavailable


@pytest.fixture
def verifier(issuer, clock):
    return issuer.verifier(clock, timeout=0.3)


async def hint(verifier, token):
    with pytest.raises(InvalidToken) as refused:
        await verifier.authenticate(token)
    return refused.value.hint


async def test_good_tokens_cost_one_fetch_for_all(issuer, verifier):
    await verifier.start()
    for number in range(50):
        assert await verifier.authenticate(issuer.token(sub=f"user-{number}"))
    assert issuer.site.requests == [METADATA, JWKS]


async def test_a_hundred_first_tokens_cause_one_fetch(issuer, verifier):
    token = issuer.token()
    principals = await asyncio.gather(*(verifier.authenticate(token) for _ in range(100)))
    assert {principal.subject for principal in principals} == {"alice"}
    assert issuer.site.requests == [METADATA, JWKS]


async def test_a_rotated_key_is_found_at_once(issuer, next_key, verifier, key):
    await verifier.authenticate(issuer.token())
    issuer.publish(key, next_key)
    assert await verifier.authenticate(issuer.token(next_key))
    assert await verifier.authenticate(issuer.token(key))
    assert issuer.fetches == 2


async def test_a_thousand_unknown_keys_cause_one_more_fetch_and_harm_nobody(issuer, key, verifier, clock):
    await verifier.start()
    for number in range(1000):
        token = sign_hs256({"alg": "ES256", "kid": f"random-{number}", "typ": "at+jwt"}, issuer.claims(), b"x" * 32)
        assert await hint(verifier, token) == "the issuer has no such key"
    assert issuer.fetches == 2
    assert await verifier.authenticate(issuer.token())
    clock.tick(seconds=30)
    await asyncio.gather(*(hint(verifier, token) for _ in range(100)))
    assert issuer.fetches == 3


async def test_a_key_that_was_taken_back_is_gone_with_the_next_fetch(issuer, key, next_key, verifier, clock):
    await verifier.authenticate(issuer.token())
    issuer.publish(next_key)
    clock.tick(minutes=5)
    token = issuer.token(exp=NOW + 3600)
    assert await verifier.authenticate(token)
    await verifier._cache.get_refetched()
    assert await hint(verifier, token) == "the issuer has no such key"
    assert await verifier.authenticate(issuer.token(next_key))


async def test_cache_control_decides_when_keys_are_fetched_again(issuer, verifier, clock):
    issuer.publish(headers={"Cache-Control": "max-age=3600"})
    await verifier.start()
    clock.tick(minutes=59)
    await verifier.authenticate(issuer.token(exp=NOW + 9000))
    assert issuer.fetches == 1
    clock.tick(minutes=1)
    await verifier.authenticate(issuer.token(exp=NOW + 9000))
    await verifier._cache._fetch
    assert issuer.fetches == 2


BREAKDOWNS = {
    "status 500": Answer(b"oops", status=500),
    "mute": Answer(mute=True),
    "page": Answer(b"<html>maintenance</html>"),
    "no keys": Answer(b'{"keys": []}'),
    "symmetric": Answer(json.dumps({"keys": [{"kty": "oct", "k": "eHh4", "kid": "k1"}]}).encode()),
    "huge": Answer(b"x" * 1_000_000),
    "elsewhere": Answer(status=302, headers={"Location": "/elsewhere"}),
}


@pytest.mark.parametrize("breakdown", BREAKDOWNS.values(), ids=BREAKDOWNS)
async def test_known_keys_outlive_a_breakdown_of_the_issuer(issuer, verifier, clock, breakdown):
    await verifier.start()
    issuer.break_down(breakdown)
    token = issuer.token(exp=NOW + 100_000)
    for _ in range(5):
        clock.tick(hours=4)
        assert await verifier.authenticate(token)
        await verifier._cache._fetch
    assert verifier._cache._failures == 5
    assert issuer.site.count("/elsewhere") == 0


@pytest.mark.parametrize("breakdown", BREAKDOWNS.values(), ids=BREAKDOWNS)
async def test_an_issuer_that_was_never_reached_is_503_and_is_tried_again(issuer, verifier, clock, breakdown):
    issuer.break_down(breakdown)
    await verifier.start()
    for _ in range(20):
        with pytest.raises(Unavailable) as refused:
            await verifier.authenticate(issuer.token())
    assert refused.value.status == 503
    assert issuer.fetches == 1
    issuer.publish()
    clock.tick(seconds=1)
    assert await verifier.authenticate(issuer.token())


async def test_metadata_of_another_issuer_gives_no_keys(issuer, verifier, clock):
    issuer.publish(issuer="https://other.test")
    with pytest.raises(Unavailable) as refused:
        await verifier.authenticate(issuer.token())
    assert "names the issuer" in refused.value.hint
    assert issuer.fetches == 0


async def test_keys_at_a_configured_address_need_no_metadata(issuer, clock):
    del issuer.site.answers[METADATA]
    verifier = issuer.verifier(clock, jwks_uri=issuer.url + JWKS)
    assert await verifier.authenticate(issuer.token())
    assert issuer.site.requests == [JWKS]


def test_a_verifier_serves_one_event_loop_after_another(issuer, clock):
    verifier = issuer.verifier(clock)

    async def run():
        await verifier.start()
        principal = await verifier.authenticate(issuer.token())
        await verifier.close()
        return principal.subject

    assert [asyncio.run(run()) for _ in range(3)] == ["alice"] * 3
    assert issuer.fetches == 1
