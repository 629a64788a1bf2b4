"""Which published key sets are taken, and for how long they are fresh."""

import json
from datetime import timedelta

import pytest
from tests.remote.issuers import JWKS, METADATA, KeyPair
from tests.remote.sites import Answer

from watchword.ports.outside import FetchFailed
from watchword.remote.addresses import AddressPolicy
from watchword.remote.fetcher import Fetcher
from watchword.remote.key_source import KeySource, fresh_ttl


@pytest.fixture
def source(issuer):
    return KeySource(issuer.url, Fetcher(AddressPolicy.LOOPBACK, timeout=0.3))


async def test_keys_that_are_not_for_signatures_are_left_out(issuer, source, key, next_key):
    odd = [
        next_key.published(kid="e", use="enc"),
        next_key.published(kid="a", alg="ECDH-ES"),
        {"kty": "AKP", "kid": "post-quantum", "alg": "ML-DSA-44", "pub": "AA"},
        {**KeyPair("o", "EdDSA").published(), "crv": "X25519", "alg": "ECDH-ES"},
    ]
    issuer.publish(key, *odd)
    assert [loaded.kid for loaded in (await source.load()).keys] == ["k1"]


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["not a key"],
        [{"kty": "oct", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA", "kid": "s", "alg": "HS256"}],
        [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "bad"}],
    ],
)
async def test_a_key_set_without_a_good_key_or_with_a_dangerous_one_is_refused(issuer, source, keys):
    issuer.site.answers[JWKS] = Answer(json.dumps({"keys": keys}).encode())
    with pytest.raises(FetchFailed, match="refused"):
        await source.load()


async def test_a_symmetric_key_beside_good_ones_spoils_the_set(issuer, source, key):
    issuer.publish(key, {"kty": "oct", "k": "ZmFrZS1mYWtlLWZha2UtZmFrZS1mYWtlLWZha2UtZmFrZQ", "kid": "s"})
    with pytest.raises(FetchFailed, match="symmetric"):
        await source.load()


async def test_two_keys_of_one_kid_spoil_the_set(issuer, source, key, next_key):
    issuer.publish(key, next_key.published(kid="k1"))
    with pytest.raises(FetchFailed, match="share a kid"):
        await source.load()


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"<html>sign in</html>"),
        Answer(b"[]"),
        Answer(b""),
        Answer(b'{"keys": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
        Answer(b'{"keys": "' + b"x" * 300_000 + b'"}'),
        Answer(status=302, headers={"Location": "/elsewhere"}),
        Answer(status=500),
        Answer(status=204),
        Answer(mute=True),
    ],
)
async def test_an_answer_that_is_no_key_set_is_a_failed_fetch(issuer, source, answer):
    issuer.break_down(answer)
    with pytest.raises(FetchFailed):
        await source.load()
    assert issuer.site.count("/elsewhere") == 0


async def test_a_configured_address_needs_no_discovery(issuer):
    source = KeySource(issuer.url, Fetcher(AddressPolicy.LOOPBACK), issuer.url + JWKS)
    assert [loaded.kid for loaded in (await source.load()).keys] == ["k1"]
    assert issuer.site.count(METADATA) == 0


@pytest.mark.parametrize(
    ("directives", "seconds"),
    [
        (None, 300),
        ("", 300),
        ("public, max-age=3600, must-revalidate", 3600),
        ('Max-Age="3600"', 3600),
        ("s-maxage=7200", 300),
        ("max-age=1", 60),
        ("max-age=0", 60),
        ("no-cache, no-store, max-age=3600", 60),
        ("max-age=999999999", 86400),
        ("max-age=-5", 300),
        ("max-age=soon", 300),
    ],
)
def test_freshness_is_what_the_issuer_says_between_a_minute_and_a_day(directives, seconds):
    headers = {} if directives is None else {"cache-control": directives}
    assert fresh_ttl(headers) == timedelta(seconds=seconds)
