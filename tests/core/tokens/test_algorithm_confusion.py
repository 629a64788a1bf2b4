"""Forgeries that play on algorithm, key and signature (RFC 8725 sections 2.1 and 3.1). Each has its accepted twin."""

import hashlib
import hmac
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.core.tokens.forging import (
    EC,
    ED,
    NOW,
    PRIVATE,
    REMOTE_RULES,
    RSA,
    RULES,
    as_bytes,
    b64,
    claims,
    forge,
    header,
    public,
    sign,
    verify,
)

from watchword.core.errors import InvalidToken
from watchword.core.tokens.access_token import UnknownKey, verify_access_token
from watchword.core.tokens.jwk import VerificationKey

ALGORITHMS = list(PRIVATE)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def signed_with(algorithm: str, **head: object) -> str:
    return forge(
        head=header(**{"alg": algorithm, "kid": algorithm, **head}), key=PRIVATE[algorithm], algorithm=algorithm
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_each_algorithm_verifies_under_its_own_key(algorithm):
    assert verify(signed_with(algorithm), keys=(public(algorithm),)).client_id == "first-party"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_change_of_any_segment_is_refused(algorithm, place):
    parts = signed_with(algorithm).split(".")
    other = forge(claims(sub="someone-else"), header(alg=algorithm, kid=algorithm, typ="application/at+jwt")).split(".")
    parts[place] = other[place]

    with pytest.raises(InvalidToken):
        verify(".".join(parts), keys=(public(algorithm),))


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE", " none", "none ", ""])
@pytest.mark.parametrize("signature", ["", "keep", "AAAA"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_j01_j02_alg_none_is_refused(name, signature, algorithm):
    body, _, good = signed_with(algorithm).rpartition(".")
    head = b64(as_bytes(header(alg=name, kid=algorithm)))
    token = f"{head}.{body.partition('.')[2]}.{good if signature == 'keep' else signature}"

    with pytest.raises(InvalidToken):
        verify(token, keys=(public(algorithm),))


def _encodings(key: RSAKey | ECKey) -> dict[str, bytes]:
    pem, der = key.as_pem(), key.as_der()
    text = {
        "pem": pem,
        "pem-without-newline": pem.rstrip(b"\n"),
        "pem-with-two-newlines": pem + b"\n",
        "pem-with-crlf": pem.replace(b"\n", b"\r\n"),
        "pem-behind-text": b"key:\n" + pem,
        "pem-behind-a-space": b" " + pem,
        "pem-body": b"".join(pem.splitlines()[1:-1]),
        "der": der,
        "jwk": json.dumps(key.as_dict(private=False)).encode(),
        "jwk-compact": json.dumps(key.as_dict(private=False), separators=(",", ":")).encode(),
        "thumbprint": key.thumbprint().encode(),
    }
    raw = key.public_key
    if isinstance(key, RSAKey):
        text["pkcs1-pem"] = raw.public_bytes(Encoding.PEM, PublicFormat.PKCS1)
        text["pkcs1-der"] = raw.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        text["ssh"] = raw.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
        text["modulus"] = key.as_dict(private=False)["n"].encode()
    else:
        text["point"] = raw.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        text["point-compressed"] = raw.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    return text


CONFUSED = [
    pytest.param(algorithm, secret, id=f"J03-{algorithm}-{name}")
    for algorithm, key in (("RS256", RSA), ("ES256", EC))
    for name, secret in _encodings(key).items()
]


@pytest.mark.parametrize("name", ["HS256", "HS512"])
@pytest.mark.parametrize(("algorithm", "secret"), CONFUSED)
def test_j03_a_public_key_is_no_hmac_secret(name, algorithm, secret):
    message = f"{b64(as_bytes(header(alg=name, kid=algorithm)))}.{b64(as_bytes(claims()))}"
    forged = f"{message}.{b64(hmac.digest(secret, message.encode(), name.replace('HS', 'sha')))}"

    with pytest.raises(InvalidToken):
        verify(forged, keys=(public(algorithm),))


@pytest.mark.parametrize(
    ("key", "used"),
    [("RS256", "PS256"), ("RS256", "RS384"), ("RS256", "RS512"), ("PS256", "RS256"), ("PS256", "PS512")],
)
@pytest.mark.parametrize("named", ["key", "used"])
def test_j05_a_key_verifies_its_own_algorithm_alone_though_its_family_fits(key, used, named):
    name = key if named == "key" else used
    token = forge(head=header(alg=name, kid=key), key=RSA, algorithm=used)

    with pytest.raises(InvalidToken):
        verify(token, keys=(public(key),))


def test_j05_eddsa_and_ed25519_are_two_names_and_the_key_has_one():
    token = forge(head=header(alg="Ed25519", kid="ed"), key=ED, algorithm="Ed25519")

    assert verify(token, keys=(VerificationKey("ed", "Ed25519", public("EdDSA").key),)).client_id == "first-party"
    with pytest.raises(InvalidToken):
        verify(token, keys=(public("EdDSA", kid="ed"),))


ATTACKER = ECKey.generate_key("P-256")
SENT_KEYS = {
    "J07-jwk": {"jwk": ATTACKER.as_dict(private=False)},
    "J08-jku": {"jku": "https://evil.example/jwks.json"},
    "J09-x5u": {"x5u": "https://evil.example/cert.pem"},
    "J10-x5c": {"x5c": ["MIIB"]},
    "J10-x5t": {"x5t": b64(hashlib.sha1(b"evil").digest())},
}


@pytest.mark.parametrize("kid", [{}, {"kid": ...}, {"kid": ATTACKER.thumbprint()}], ids=["ours", "none", "attacker"])
@pytest.mark.parametrize("rules", [{}, {"rules": REMOTE_RULES}], ids=["own", "remote"])
@pytest.mark.parametrize("sent", [pytest.param(sent, id=name) for name, sent in SENT_KEYS.items()])
def test_a_key_the_token_brings_is_not_used(sent, rules, kid):
    with pytest.raises(InvalidToken):
        verify(forge(head=header(**{**sent, **kid}), key=ATTACKER), **rules)


KIDS = {
    "J12-dev-null": "../../../../dev/null",
    "J12-absolute": "/dev/null",
    "J12-url": "file:///dev/null",
    "J13-sql": "x' UNION SELECT 'k'--",
    "J13-nosql": '{"$ne":null}',
    "J13-command": "x|/bin/true",
    "J13-nul": "ES256\x00",
    "J13-case": "es256",
    "J13-space": "ES256 ",
    "J13-empty": "",
}


@pytest.mark.parametrize("kid", [pytest.param(kid, id=name) for name, kid in KIDS.items()])
@pytest.mark.parametrize("secret", [b"", b"\x00", b"k"])
def test_a_kid_that_names_no_key_of_ours_is_unknown_whatever_it_says(kid, secret):
    message = f"{b64(as_bytes(header(alg='HS256', kid=kid)))}.{b64(as_bytes(claims()))}".encode()
    forged = message.decode() + "." + b64(hmac.digest(secret, message, "sha256"))

    with pytest.raises(UnknownKey):
        verify(forged)


def test_j15_a_token_of_ours_without_kid_is_refused_before_any_key_is_sought():
    with pytest.raises(InvalidToken) as refusal:
        verify(forge(head=header(kid=...)))

    assert not isinstance(refusal.value, UnknownKey)
    assert refusal.value.hint == "no kid"


def test_j15_a_remote_token_without_kid_is_verified_by_the_only_key_of_its_algorithm():
    token = forge(head=header(kid=...))

    assert verify(token, rules=REMOTE_RULES, keys=(public("ES256"), public("RS256"))).client_id == "first-party"
    with pytest.raises(UnknownKey):
        verify(token, rules=REMOTE_RULES, keys=(public("ES256", "a"), public("ES256", "b")))


def test_an_unknown_kid_is_told_apart_from_every_other_refusal():
    with pytest.raises(UnknownKey):
        verify(forge(head=header(kid="other")))
    with pytest.raises(InvalidToken) as refusal:
        verify(forge(key=ATTACKER))

    assert type(refusal.value) is InvalidToken


def _with_signature(signature: bytes) -> str:
    return f"{forge().rpartition('.')[0]}.{b64(signature)}"


def _rs(r: int, s: int) -> bytes:
    return r.to_bytes(32) + s.to_bytes(32)


PSYCHIC = [(r, s) for r in (0, 1, ORDER - 1, ORDER) for s in (0, 1, ORDER - 1, ORDER)]


@pytest.mark.parametrize(("r", "s"), PSYCHIC)
def test_j44_an_ecdsa_signature_of_special_numbers_is_refused(r, s):
    with pytest.raises(InvalidToken):
        verify(_with_signature(_rs(r, s)))


def test_j45_a_der_signature_is_refused_while_the_raw_one_is_accepted():
    message = forge().rpartition(".")[0]
    raw = sign(message.encode())
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))

    assert verify(f"{message}.{b64(raw)}").client_id == "first-party"
    assert decode_dss_signature(der)
    for wrong in (der, raw + b"\x00", b"\x00" + raw, raw[:-1], raw + raw, b"\x00" + raw[:32] + b"\x00" + raw[32:]):
        with pytest.raises(InvalidToken):
            verify(f"{message}.{b64(wrong)}")


def test_j47_an_ed25519_signature_with_a_number_over_the_order_is_refused():
    order = 2**252 + 27742317777372353535851937790883648493
    message = signed_with("EdDSA").rpartition(".")[0]
    raw = sign(message.encode(), ED, "EdDSA")
    grown = raw[:32] + (int.from_bytes(raw[32:], "little") + order).to_bytes(32, "little")

    assert verify(f"{message}.{b64(raw)}", keys=(public("EdDSA"),)).client_id == "first-party"
    with pytest.raises(InvalidToken):
        verify(f"{message}.{b64(grown)}", keys=(public("EdDSA"),))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(
    "change", [lambda s: s[:-1], lambda s: s + b"\x00", lambda s: b"\x00" * len(s), lambda s: b"x"]
)
def test_a_signature_of_another_length_or_of_zeros_is_refused(algorithm, change):
    message = signed_with(algorithm).rpartition(".")[0]
    raw = sign(message.encode(), PRIVATE[algorithm], algorithm)

    with pytest.raises(InvalidToken):
        verify(f"{message}.{b64(change(raw))}", keys=(public(algorithm),))


def test_an_hmac_key_that_is_no_hmac_key_fails_closed():
    """A caller that pairs a key with a foreign algorithm gets a refusal, not another exception."""
    token = signed_with("HS256")

    with pytest.raises(InvalidToken):
        verify(token, keys=(VerificationKey("HS256", "HS256", public("ES256").key),))
    with pytest.raises(InvalidToken):
        verify(signed_with("ES256"), keys=(VerificationKey("ES256", "ES256", OctKey.import_key(b"x" * 32)),))
    with pytest.raises(InvalidToken):
        verify(token, keys=(VerificationKey("HS256", "HS256", OctKey(b"", b"")),))


def test_the_key_is_sought_once_with_the_kid_and_the_algorithm_of_the_header():

    asked = []

    def find(kid: str | None, algorithm: str) -> VerificationKey:
        asked.append((kid, algorithm))
        return public("ES256")

    verify_access_token(forge(), rules=RULES, find_key=find, now=NOW)

    assert asked == [("ES256", "ES256")]
