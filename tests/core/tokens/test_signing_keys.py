"""Signing keys at rest: what they show, and what opens them."""

import json
from datetime import UTC, datetime

import pytest
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OctKey, RSAKey

from watchword.config import TokenConfig
from watchword.core.models.grants import SigningKey
from watchword.core.tokens.algorithms import REGISTRY
from watchword.core.tokens.keyring import KeyRing, new_signing_key
from watchword.core.tokens.secrets import SealBroken, Secrets
from watchword.core.tokens.signing_keys import SigningMaterial, unseal_signing_key

NOW = datetime(2030, 1, 1, tzinfo=UTC)
OLD, NEW = b"obviously-fake-secret-for-the-tests", b"another-obviously-fake-secret-value"
SECRETS = Secrets([OLD])
CONFIG = TokenConfig()
ALGORITHMS = ["HS256", "RS256", "PS256", "ES256", "EdDSA"]


def row(algorithm: str = "ES256") -> SigningKey:
    return new_signing_key(algorithm, generation=1, now=NOW, signs_from=NOW, secrets=SECRETS)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_at_rest_shows_no_secret(algorithm):
    made = row(algorithm)
    opened = json.loads(SECRETS.open(made.sealed_private_jwk, purpose="signing-key"))
    private = opened.get("d") or opened["k"]

    assert private.encode() not in made.sealed_private_jwk
    assert private not in repr(made)
    assert private not in repr(unseal_signing_key(made, SECRETS))


def test_a_key_is_new_each_time():
    assert len({row().kid for _ in range(20)}) == 20


@pytest.mark.parametrize("algorithm", ["none", "HS512", "ES384", "", "es256"])
def test_another_algorithm_is_not_signed_with(algorithm):
    with pytest.raises(ValueError, match="sign"):
        row(algorithm)


def test_a_foreign_secret_opens_no_key():
    with pytest.raises(SealBroken):
        KeyRing.from_rows([row()], Secrets([NEW]), CONFIG)


def test_a_key_sealed_by_an_old_secret_still_signs():
    made = row()

    assert KeyRing.from_rows([made], Secrets([NEW, OLD]), CONFIG).signing(NOW).kid == made.kid


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_a_key_signs_an_independent_reader_accepts(algorithm):
    material = unseal_signing_key(row(algorithm), SECRETS)
    token = material.sign(b'{"sub":"ada"}', typ="at+jwt")
    read = jws.deserialize_compact(token, material.key, registry=REGISTRY)
    assert read.payload == b'{"sub":"ada"}'
    assert list(read.protected.items()) == [("alg", algorithm), ("kid", material.kid), ("typ", "at+jwt")]
    assert jws.serialize_compact(read.protected, read.payload, material.key, registry=REGISTRY).count(".") == 2


def test_every_es256_signature_has_64_bytes_and_is_good():
    material = unseal_signing_key(row(), SECRETS)
    tokens = [material.sign(b"%d" % number, typ="JWT") for number in range(600)]  # some numbers begin with a zero byte
    assert {len(token.rpartition(".")[2]) for token in tokens} == {86}
    assert [jws.deserialize_compact(token, material.key, registry=REGISTRY).payload for token in tokens] == [
        b"%d" % number for number in range(600)
    ]


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("ES256", ECKey.generate_key("P-384")),
        ("ES256", RSAKey.generate_key(2048)),
        ("RS256", ECKey.generate_key("P-256")),
        ("EdDSA", OctKey.generate_key(256)),
        ("none", OctKey.generate_key(256)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_key_of_another_kind_is_no_signing_material(algorithm, key):
    with pytest.raises((JoseError, ValueError)):
        SigningMaterial("kid", algorithm, key)
