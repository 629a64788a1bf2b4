"""Loading of keys and key sets (RFC 7517): what is refused, what a published set may hold besides."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, OKPKey
from tests.core.tokens.forging import EC, ED, RSA, b64

from watchword.core.tokens.jwk import (
    MAX_KEYS,
    InvalidKeySet,
    UnusableKey,
    find_key,
    load_jwk,
    load_jwks,
    load_remote_jwks,
)
from watchword.core.tokens.weak_keys import is_roca, is_weak_point

EC_JWK = EC.as_dict(private=False)
RSA_JWK = RSA.as_dict(private=False)
ED_JWK = ED.as_dict(private=False)
OCT_JWK = {"kty": "oct", "k": b64(b"o" * 64), "alg": "HS256"}
GOOD = {**EC_JWK, "kid": "good"}


def jwk(base: dict, **changes: object) -> dict:
    return {k: v for k, v in {**copy.deepcopy(base), **changes}.items() if v is not ...}


@pytest.mark.parametrize(
    ("document", "algorithm"),
    [
        (EC_JWK, "ES256"),
        (ECKey.generate_key("P-384").as_dict(private=False), "ES384"),
        (ECKey.generate_key("P-521").as_dict(private=False), "ES512"),
        (RSA_JWK, "RS256"),
        (ED_JWK, "EdDSA"),
        (jwk(ED_JWK, alg="EdDSA"), "EdDSA"),
        (jwk(ED_JWK, alg="Ed25519"), "Ed25519"),
        (jwk(RSA_JWK, alg="PS256"), "PS256"),
        (jwk(RSA_JWK, alg="RS512"), "RS512"),
        (OCT_JWK, "HS256"),
        (jwk(OCT_JWK, alg="HS512"), "HS512"),
        (jwk(EC_JWK, alg="ES256", use="sig", key_ops=["verify"]), "ES256"),
        (jwk(EC_JWK, x5t="AAAA", x5c=["MIIB"], unknown={"a": 1}), "ES256"),
    ],
)
def test_the_algorithm_is_that_of_the_key(document, algorithm):
    assert load_jwk(document).algorithm == algorithm


def test_the_kid_is_that_of_the_key_or_its_thumbprint():
    assert load_jwk(GOOD).kid == "good"
    assert EC.thumbprint() == load_jwk(jwk(GOOD, kid=...)).kid


def test_a_key_is_not_in_its_repr():
    assert b64(b"o" * 64) not in repr(load_jwk(OCT_JWK))
    assert EC_JWK["x"] not in repr(load_jwk(EC_JWK))


@pytest.mark.parametrize("text", ["-----BEGIN PUBLIC KEY-----", b"secret", "", None, ["x"], 1])
def test_a_key_is_never_taken_as_text(text):
    assert load_jwk(GOOD).kid == "good"
    for load in (load_jwk, load_jwks, load_remote_jwks):
        with pytest.raises(TypeError):
            load(text)


UNUSABLE = {
    "J52-use-enc": jwk(GOOD, use="enc"),
    "J52-use-null": jwk(GOOD, use=None),
    "J52-key-ops-encrypt": jwk(GOOD, key_ops=["encrypt"]),
    "J52-key-ops-empty": jwk(GOOD, key_ops=[]),
    "J52-key-ops-text": jwk(GOOD, key_ops="verify"),
    "J51-hmac-empty": jwk(OCT_JWK, k=""),
    "J51-hmac-1-byte": jwk(OCT_JWK, k=b64(b"x")),
    "J51-hmac-31-bytes": jwk(OCT_JWK, k=b64(b"x" * 31)),
    "J51-hmac-47-bytes-for-384": jwk(OCT_JWK, k=b64(b"x" * 47), alg="HS384"),
    "J51-hmac-63-bytes-for-512": jwk(OCT_JWK, k=b64(b"x" * 63), alg="HS512"),
    "J03-hmac-of-pem": jwk(OCT_JWK, k=b64(RSA.as_pem())),
    "J03-hmac-of-der": jwk(OCT_JWK, k=b64(RSA.as_der())),
    "J03-hmac-of-der-with-a-newline": jwk(OCT_JWK, k=b64(b"\n" + EC.as_pem())),
    "J03-hmac-that-looks-like-pem": jwk(OCT_JWK, k=b64(b"-----BEGIN PUBLIC KEY----- not really one")),
    "hmac-without-alg": jwk(OCT_JWK, alg=...),
    "hmac-not-canonical": jwk(OCT_JWK, k="o" * 43 + "="),
    "hmac-alg-of-encryption": jwk(OCT_JWK, alg="A256GCM"),
    "alg-none": jwk(GOOD, alg="none"),
    "alg-of-another-curve": jwk(GOOD, alg="ES384"),
    "alg-of-another-type": jwk(GOOD, alg="RS256"),
    "alg-HS256-on-a-public-key": jwk(RSA_JWK, alg="HS256"),
    "alg-of-encryption": jwk(RSA_JWK, alg="RSA-OAEP"),
    "alg-null": jwk(GOOD, alg=None),
    "alg-list": jwk(GOOD, alg=["ES256"]),
    "kty-unknown": jwk(GOOD, kty="AKP"),
    "kty-missing": jwk(GOOD, kty=...),
    "kty-list": jwk(GOOD, kty=["EC"]),
    "crv-unknown": jwk(GOOD, crv="secp256k1"),
    "crv-list": jwk(GOOD, crv=["P-256"]),
    "kid-number": jwk(GOOD, kid=1),
    "kid-empty": jwk(GOOD, kid=""),
    "kid-long": jwk(GOOD, kid="k" * 257),
    "kid-null": jwk(GOOD, kid=None),
    "ec-without-y": jwk(GOOD, y=...),
    "ec-off-the-curve": jwk(GOOD, y=b64(b"\x01" * 32)),
    "ec-x-number": jwk(GOOD, x=1),
    "ec-x-empty": jwk(GOOD, x=""),
    "rsa-1024": jwk(RSA_JWK, n=b64(b"\xc1" * 128)),
    "rsa-2047": jwk(RSA_JWK, n=b64(b"\x7f" + b"\xc1" * 255)),
    "rsa-16384": jwk(RSA_JWK, n=b64(b"\xc1" * 2048)),
    "rsa-n-number": jwk(RSA_JWK, n=65537),
    "rsa-e-1": jwk(RSA_JWK, e=b64(b"\x01")),
    "rsa-e-0": jwk(RSA_JWK, e="AA"),
    "rsa-e-even": jwk(RSA_JWK, e=b64(b"\x01\x00\x00")),
    "rsa-e-huge": jwk(RSA_JWK, e=RSA_JWK["n"]),
    "rsa-e-of-65-bits": jwk(RSA_JWK, e=b64(b"\x01" + b"\x00" * 7 + b"\x01")),
    "rsa-e-missing": jwk(RSA_JWK, e=...),
    "okp-x25519": OKPKey.generate_key("X25519").as_dict(private=False),
    "okp-ed448": OKPKey.generate_key("Ed448").as_dict(private=False),
    "okp-short": jwk(ED_JWK, x=b64(b"\x02" * 31)),
    "okp-long": jwk(ED_JWK, x=b64(b"\x02" * 33)),
    "J47-identity": jwk(ED_JWK, x=b64(b"\x01" + b"\x00" * 31)),
    "J47-zero": jwk(ED_JWK, x=b64(b"\x00" * 32)),
    "J47-order-2": jwk(ED_JWK, x=b64(bytes.fromhex("ec" + "ff" * 30 + "7f"))),
    "J47-order-4-signed": jwk(ED_JWK, x=b64(b"\x00" * 31 + b"\x80")),
    "J47-order-8": jwk(
        ED_JWK, x=b64(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))
    ),
    "J47-order-8-signed": jwk(
        ED_JWK, x=b64(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"))
    ),
    "J47-not-canonical": jwk(ED_JWK, x=b64(bytes.fromhex("ee" + "ff" * 30 + "7f"))),
}


@pytest.mark.parametrize("document", [pytest.param(document, id=name) for name, document in UNUSABLE.items()])
def test_a_key_that_is_weak_malformed_or_not_for_signatures_is_unusable(document):
    with pytest.raises(UnusableKey):
        load_jwk(document)


@pytest.mark.parametrize("key", [EC, RSA, ED])
def test_a_private_key_is_refused_alone_and_in_a_set(key):
    private = key.as_dict(private=True)
    assert load_jwk(key.as_dict(private=False))

    with pytest.raises(InvalidKeySet):
        load_jwk(private)
    for load in (load_jwks, load_remote_jwks):
        with pytest.raises(InvalidKeySet):
            load({"keys": [GOOD, private]})


ODD = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.lists(st.text(max_size=4))
NAMES = st.sampled_from(["kty", "crv", "x", "y", "n", "e", "k", "alg", "use", "key_ops", "kid", "d"])


@given(st.sampled_from([EC_JWK, RSA_JWK, ED_JWK, OCT_JWK]), st.dictionaries(NAMES, ODD, max_size=2))
def test_any_mapping_gives_a_key_or_invalid_key_set(base, changes):
    document = {**base, **changes}
    try:
        key = load_jwk(document)
    except InvalidKeySet:
        return
    assert key.algorithm == document.get("alg", key.algorithm)


def test_a_good_set_is_loaded_in_its_order():
    document = {"keys": [jwk(RSA_JWK, kid="r", alg="PS256"), GOOD, jwk(ED_JWK, kid="e")]}

    assert [(k.kid, k.algorithm) for k in load_jwks(document)] == [("r", "PS256"), ("good", "ES256"), ("e", "EdDSA")]
    assert [key.kid for key in load_remote_jwks(document)] == ["r", "good", "e"]


def test_a_set_of_symmetric_keys_alone_is_loaded():
    document = {"keys": [jwk(OCT_JWK, kid="a"), jwk(OCT_JWK, kid="b")]}

    assert [key.kid for key in load_jwks(document)] == ["a", "b"]


BAD_SETS = {
    "J16-duplicate-kid": {"keys": [GOOD, jwk(RSA_JWK, kid="good")]},
    "J16-same-key-twice": {"keys": [GOOD, GOOD]},
    "J53-mixed": {"keys": [GOOD, jwk(OCT_JWK, kid="o")]},
    "empty": {"keys": []},
    "no-keys": {},
    "keys-object": {"keys": {"a": GOOD}},
    "keys-of-text": {"keys": [GOOD, "x"]},
    "keys-null": {"keys": None},
    "too-many": {"keys": [jwk(GOOD, kid=str(n)) for n in range(MAX_KEYS + 1)]},
    "nothing-usable": {"keys": [jwk(GOOD, use="enc")]},
}


@pytest.mark.parametrize("document", [pytest.param(document, id=name) for name, document in BAD_SETS.items()])
@pytest.mark.parametrize("load", [load_jwks, load_remote_jwks])
def test_a_bad_set_is_refused_whole(load, document):
    with pytest.raises(InvalidKeySet):
        load(document)


@pytest.mark.parametrize(
    "document",
    [pytest.param(document, id=name) for name, document in UNUSABLE.items() if document.get("kty") != "oct"],
)
def test_a_published_set_may_hold_a_key_we_cannot_use_but_ours_may_not(document):
    both = {"keys": [document, GOOD]}

    assert [key.kid for key in load_remote_jwks(both)] == ["good"]
    with pytest.raises(InvalidKeySet):
        load_jwks(both)


def test_j53_a_published_set_with_any_symmetric_key_is_refused_whole():
    with pytest.raises(InvalidKeySet):
        load_remote_jwks({"keys": [GOOD, jwk(OCT_JWK, kid="o", use="enc")]})
    with pytest.raises(InvalidKeySet):
        load_remote_jwks({"keys": [jwk(OCT_JWK, kid="o")]})


def test_a_key_of_a_published_set_that_shares_its_kid_with_a_key_for_encryption_is_found():
    """Some issuers name both halves of one certificate alike."""
    keys = load_remote_jwks({"keys": [jwk(RSA_JWK, kid="good", use="enc"), GOOD]})

    assert [(key.kid, key.algorithm) for key in keys] == [("good", "ES256")]


def test_j15_without_a_kid_the_only_key_of_the_algorithm_is_found():
    keys = load_jwks({"keys": [GOOD, jwk(RSA_JWK, kid="r")]})

    assert find_key(keys, None, "ES256") is keys[0]
    assert find_key(keys, None, "RS256") is keys[1]
    assert find_key(keys, None, "PS256") is None
    assert find_key(keys, "r", "RS256") is keys[1]
    assert find_key(keys, "other", "RS256") is None


def test_j15_without_a_kid_none_of_several_keys_is_found():
    keys = load_jwks({"keys": [GOOD, jwk(ECKey.generate_key("P-256").as_dict(private=False), kid="b")]})

    assert find_key(keys, None, "ES256") is None
    assert find_key(keys, "b", "ES256") is keys[1]


def test_fresh_moduli_and_points_are_not_taken_for_weak_ones():
    modulus = RSA.public_key.public_numbers().n

    assert not is_roca(modulus)
    assert not any(is_weak_point(OKPKey.generate_key("Ed25519").public_key.public_bytes_raw()) for _ in range(50))


def test_a_power_of_65537_is_taken_for_a_roca_modulus():
    assert is_roca(65537**200)
    assert not is_roca(65537**200 + 2)


def test_an_rsa_exponent_of_64_bits_and_one_of_3_are_loaded():
    for exponent in (b"\x03", b"\x80" + b"\x00" * 6 + b"\x01"):
        assert load_jwk(jwk(RSA_JWK, e=b64(exponent))).algorithm == "RS256"


def test_an_hmac_key_of_exactly_the_hash_length_is_loaded():
    for algorithm, length in (("HS256", 32), ("HS384", 48), ("HS512", 64)):
        assert isinstance(load_jwk(jwk(OCT_JWK, alg=algorithm, k=b64(b"x" * length))).key, OctKey)
