"""Which tokens pass the verifier, over a real issuer on the loopback, and which configurations are refused."""

from datetime import timedelta

import pytest
from tests.remote.issuers import AUDIENCE, NOW, Issuer, KeyPair, sign_hs256
from tests.remote.sites import FakeClock

from watchword.core.errors import ConfigError, InvalidToken
from watchword.core.tokens.token_rules import ACCESS_TOKEN_TYPES
from watchword.remote.addresses import AddressPolicy
from watchword.remote.fetcher import Fetcher
from watchword.remote.verifier import RemoteVerifier


@pytest.fixture
def verifier(issuer, clock):
    return issuer.verifier(clock, timeout=0.3)


async def hint(verifier, token):
    with pytest.raises(InvalidToken) as refused:
        await verifier.authenticate(token)
    return refused.value.hint


@pytest.mark.parametrize("kind", ["at+jwt", "AT+JWT", "application/at+jwt", "JWT", "jwt", None])
async def test_an_access_token_by_its_typ_passes(issuer, key, verifier, kind):
    assert (await verifier.authenticate(key.sign(issuer.claims(), typ=kind))).subject == "alice"


@pytest.mark.parametrize("kind", ["logout+jwt", "dpop+jwt", "entity-statement+jwt", "at+jwt ", "id+jwt", "vc+sd-jwt"])
async def test_another_kind_of_token_by_its_typ_is_refused(issuer, key, verifier, kind):
    assert "by its typ" in await hint(verifier, key.sign(issuer.claims(), typ=kind))


async def test_the_accepted_types_can_be_narrowed_to_rfc_9068(issuer, key, clock):
    verifier = issuer.verifier(clock, token_types=ACCESS_TOKEN_TYPES)
    assert await verifier.authenticate(key.sign(issuer.claims()))
    for kind in ("JWT", None):
        assert "by its typ" in await hint(verifier, key.sign(issuer.claims(), typ=kind))


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256", "EdDSA"])
async def test_each_default_algorithm_passes(site, clock, algorithm):
    issuer = Issuer(site, KeyPair("k", algorithm))
    assert await issuer.verifier(clock).authenticate(issuer.token())


async def test_an_algorithm_that_is_not_accepted_is_refused_without_asking_for_keys(issuer, key, clock):
    verifier = issuer.verifier(clock, algorithms=["RS256"])
    assert "algorithm" in await hint(verifier, issuer.token())
    for algorithm in ("HS256", "HS384", "none", "None", "ES256K", "RS1", ""):
        token = sign_hs256({"alg": algorithm, "kid": key.kid, "typ": "at+jwt"}, issuer.claims(), b"x" * 32)
        assert await hint(issuer.verifier(clock), token)
    assert issuer.site.requests == []


async def test_a_key_of_one_algorithm_verifies_no_other(site, clock):
    pair = KeyPair("k", "RS256")
    issuer = Issuer(site, pair)
    assert await issuer.verifier(clock).authenticate(issuer.token())
    token = pair.sign(issuer.claims(), alg="PS256")
    assert await hint(issuer.verifier(clock), token) == "the algorithm is not that of the key"


@pytest.mark.parametrize("member", ["x5t", "x5t#S256", "cty"])
async def test_a_harmless_header_member_of_other_issuers_passes(issuer, key, verifier, member):
    assert await verifier.authenticate(key.sign(issuer.claims(), **{member: "fake"}))


@pytest.mark.parametrize("member", ["jku", "jwk", "x5u", "x5c", "crit", "b64", "nonce", "zip", "private"])
async def test_a_header_member_that_brings_a_key_or_is_unknown_is_refused(issuer, key, verifier, member):
    header = {"alg": "ES256", "kid": key.kid, "typ": "at+jwt", member: "http://127.0.0.1:1/"}
    assert "header member" in await hint(verifier, sign_hs256(header, issuer.claims(), b"x" * 32))
    assert issuer.site.requests == []


@pytest.mark.parametrize(
    "token", ["", "a.b", "a.b.c", "....", "é.é.é", "\udcff", "A" * 20_000, "eyJhbGciOiJFUzI1NiJ9..", " "]
)
async def test_what_is_no_token_is_refused_without_asking_for_keys(issuer, verifier, token):
    assert await hint(verifier, token)
    assert issuer.site.requests == []


@pytest.mark.parametrize("payload", [b"[]", b"null", b'{"iss": 1, "iss": 2}', b"\xff", b"{", b'{"exp": NaN}', b""])
async def test_a_signed_payload_that_is_no_object_is_refused(key, verifier, payload):
    assert "payload" in await hint(verifier, key.sign(payload))


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat"])
async def test_a_required_claim_is_required(issuer, verifier, claim):
    assert await verifier.authenticate(issuer.token())
    assert await hint(verifier, issuer.token(**{claim: None}))
    assert await hint(verifier, issuer.token(**{claim: {}}))
    assert await hint(verifier, issuer.token(**{claim: ""}))


async def test_a_token_id_is_not_required_since_not_all_issuers_write_one(issuer, verifier):
    assert (await verifier.authenticate(issuer.token(jti=None))).token_id is None


@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE], ["other", AUDIENCE], "second"])
async def test_any_of_our_audiences_passes(issuer, clock, audience):
    verifier = issuer.verifier(clock, audience=[AUDIENCE, "second"])
    assert await verifier.authenticate(issuer.token(aud=audience))


async def test_the_leeway_is_for_the_beginning_and_never_for_the_end(issuer, verifier):
    assert await verifier.authenticate(issuer.token(iat=NOW + 60, nbf=NOW + 60))
    assert await hint(verifier, issuer.token(iat=NOW + 61)) == "from the future"
    assert await hint(verifier, issuer.token(nbf=NOW + 61)) == "from the future"
    assert await verifier.authenticate(issuer.token(exp=NOW + 0.001))
    assert await hint(verifier, issuer.token(exp=NOW)) == "expired"


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf", "auth_time"])
async def test_a_time_that_is_none_is_refused(issuer, verifier, claim):
    for value in ("2000000000", True, -1, [], 10**18):
        assert "is not a time" in await hint(verifier, issuer.token(**{claim: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "n"},
        {"at_hash": "h"},
        {"c_hash": "h"},
        {"typ": "ID"},
        {"token_use": "id"},
        {"typ": "ID", "nonce": "n"},
    ],
)
async def test_an_id_token_is_refused_unless_they_are_accepted_or_the_header_says_access(issuer, key, clock, changes):
    id_token = key.sign(issuer.claims(**changes), typ="JWT")
    assert "another kind of token" in await hint(issuer.verifier(clock), id_token)
    assert await issuer.verifier(clock, accept_id_tokens=True).authenticate(id_token)
    assert await issuer.verifier(clock).authenticate(key.sign(issuer.claims(**changes), typ="at+jwt"))


MARKS = [
    {"scope": ""},
    {"scp": "a"},
    {"client_id": "c"},
    {"cid": "c"},
    {"appid": "a"},
    {"azpacr": "0"},
    {"permissions": []},
]


@pytest.mark.parametrize("mark", [*MARKS, {"token_use": "access"}, {"typ": "Bearer"}])
async def test_a_plain_token_needs_a_mark_that_only_access_tokens_have(issuer, key, clock, mark):
    """An ID token of the code flow may have neither nonce nor at_hash."""
    claims = {"azp": AUDIENCE, "email": "alice@issuer.test", "roles": ["r"], "auth_time": NOW, "scope": None}
    for kind in ("JWT", None):
        id_token = key.sign(issuer.claims(**claims), typ=kind)
        assert "may be an ID token" in await hint(issuer.verifier(clock), id_token)
        assert await issuer.verifier(clock, accept_id_tokens=True).authenticate(id_token)
        assert await issuer.verifier(clock).authenticate(key.sign(issuer.claims(**claims | mark), typ=kind))
    assert await issuer.verifier(clock).authenticate(key.sign(issuer.claims(**claims), typ="at+jwt"))


@pytest.mark.parametrize("audience", ["", [], None, b"x", 5, ["a", 5], ["a", b"x"], [""]])
def test_an_audience_that_names_nothing_is_a_sentence(issuer, clock, audience):
    with pytest.raises(ConfigError, match="audience: name this resource server"):
        issuer.verifier(clock, audience=audience)


@pytest.mark.parametrize("audience", ["a", ("a", "b"), ["a", "a"], {"a"}])
def test_audiences_are_a_text_or_several(issuer, clock, audience):
    assert issuer.verifier(clock, audience=audience)


async def test_an_old_keycloak_access_token_may_hold_the_nonce(issuer, key, verifier):
    assert await verifier.authenticate(key.sign(issuer.claims(nonce="n", typ="Bearer"), typ="JWT"))


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "Refresh"},
        {"typ": "Offline"},
        {"typ": "Logout"},
        {"token_use": "refresh"},
        {"events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    ],
)
async def test_refresh_and_logout_tokens_are_never_accepted(issuer, key, clock, changes):
    for kind in ("JWT", "at+jwt"):
        token = key.sign(issuer.claims(**changes), typ=kind)
        assert "a refresh, logout" in await hint(issuer.verifier(clock, accept_id_tokens=True), token)


async def test_a_token_that_is_bound_to_a_key_is_no_bearer_token(issuer, verifier):
    assert "bound to a key" in await hint(verifier, issuer.token(cnf={"jkt": "fake"}))
    assert "bound to a key" in await hint(verifier, issuer.token(cnf={}))


async def test_a_token_without_kid_passes_only_where_one_key_fits(issuer, key, next_key, clock):
    token = key.sign(issuer.claims(), kid=None)
    assert await issuer.verifier(clock).authenticate(token)
    issuer.publish(key, next_key)
    verifier = issuer.verifier(clock)
    fetches = issuer.fetches
    for _ in range(3):
        assert await hint(verifier, token) == "the issuer has no such key"
    assert issuer.fetches == fetches + 1


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"audience": ""}, "audience"),
        ({"audience": []}, "audience"),
        ({"audience": ["api", ""]}, "audience"),
        ({"issuer": "issuer.test"}, "issuer"),
        ({"algorithms": ["ES256", "HS256"]}, "algorithms"),
        ({"algorithms": ["none"]}, "algorithms"),
        ({"algorithms": []}, "algorithms"),
        ({"leeway": timedelta(seconds=-1)}, "leeway"),
        ({"leeway": timedelta(hours=1)}, "leeway"),
        ({"token_types": []}, "token_types"),
    ],
)
def test_an_unsafe_configuration_is_refused_by_name(arguments, name):
    given = {"issuer": "https://issuer.test", "audience": "api"}
    fixed = {"clock": FakeClock(), "fetcher": Fetcher(AddressPolicy.LOOPBACK)}
    assert RemoteVerifier(**given, **fixed)
    with pytest.raises(ConfigError, match=name):
        RemoteVerifier(**{**given, **arguments}, **fixed)
