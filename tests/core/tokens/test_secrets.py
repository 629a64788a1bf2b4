"""Keys derived from the server's secrets."""

import hmac

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from watchword.core.tokens.secrets import SealBroken, Secrets

OLD = b"old-obviously-fake-secret-for-tests"
NEW = b"new-obviously-fake-secret-for-tests"


@given(st.binary(max_size=200), st.text(st.characters(exclude_categories=["Cs"]), max_size=10))
def test_what_was_sealed_is_opened(plaintext, purpose):
    secrets = Secrets([OLD])

    assert plaintext == secrets.open(secrets.seal(plaintext, purpose=purpose), purpose=purpose)


def test_the_first_secret_writes_and_all_read():
    before, between, after = Secrets([OLD]), Secrets([NEW, OLD]), Secrets([NEW])
    old, new = before.seal(b"x", purpose="p"), between.seal(b"y", purpose="p")

    assert (between.open(old, purpose="p"), between.open(new, purpose="p")) == (b"x", b"y")
    assert after.open(new, purpose="p") == b"y"
    with pytest.raises(SealBroken):
        before.open(new, purpose="p")
    with pytest.raises(SealBroken):
        after.open(old, purpose="p")


def test_a_seal_of_another_purpose_is_broken():
    secrets = Secrets([OLD])
    sealed = secrets.seal(b"x", purpose="a")

    assert secrets.open(sealed, purpose="a") == b"x"
    with pytest.raises(SealBroken):
        secrets.open(sealed, purpose="b")


def test_every_changed_bit_breaks_the_seal():
    secrets = Secrets([OLD])
    sealed = secrets.seal(b"plain", purpose="p")

    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            secrets.open(bytes(changed), purpose="p")


@given(st.binary(max_size=80))
def test_any_bytes_are_refused_by_seal_broken_alone(sealed):
    with pytest.raises(SealBroken):
        Secrets([OLD]).open(sealed, purpose="p")


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_cut_seal_is_broken(cut):
    secrets = Secrets([OLD])

    with pytest.raises(SealBroken):
        secrets.open(secrets.seal(b"plain text", purpose="p")[:-cut], purpose="p")


def test_two_seals_of_one_text_differ_and_hide_it():
    secrets = Secrets([OLD])
    seals = {secrets.seal(b"plain text", purpose="p") for _ in range(100)}

    assert len(seals) == 100
    assert not any(b"plain" in sealed for sealed in seals)


def test_a_mac_is_that_of_hmac_sha256_under_the_derived_key():
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"watchword/mac/p").derive(OLD)

    assert hmac.digest(key, b"message", "sha256") == Secrets([OLD]).mac(b"message", purpose="p")


def test_a_mac_is_checked_under_every_secret():
    before, between, after = Secrets([OLD]), Secrets([NEW, OLD]), Secrets([NEW])
    old, new = before.mac(b"m", purpose="p"), between.mac(b"m", purpose="p")

    assert [between.check_mac(b"m", mac, purpose="p") for mac in (old, new)] == [True, True]
    assert [after.check_mac(b"m", mac, purpose="p") for mac in (old, new)] == [False, True]


@pytest.mark.parametrize(
    ("message", "purpose", "change"),
    [
        (b"n", "p", bytes),
        (b"m", "q", bytes),
        (b"m", "p", lambda m: m[:-1]),
        (b"m", "p", lambda m: b""),
        (b"m", "p", lambda m: m + b"x"),
    ],
)
def test_a_mac_of_something_else_is_refused(message, purpose, change):
    secrets = Secrets([OLD])
    mac = secrets.mac(b"m", purpose="p")
    assert secrets.check_mac(b"m", mac, purpose="p")

    assert not secrets.check_mac(message, change(mac), purpose=purpose)


@pytest.mark.parametrize("secrets", [[], [b""], [b"x" * 31], [OLD, b"x" * 31], [b"x" * 31, OLD]])
def test_j51_missing_and_short_secrets_are_refused(secrets):
    assert Secrets([b"x" * 32])

    with pytest.raises(ValueError, match="32 bytes"):
        Secrets(secrets)


def test_no_secret_is_in_the_repr():
    assert repr(Secrets([NEW, OLD])) == "Secrets(2)"
