"""Opaque secrets with a visible kind and a checksum."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.core.tokens.opaque import check_secret, hash_secret, new_secret

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_a_secret_shows_its_kind_and_has_43_characters_and_a_checksum_of_6():
    assert re.fullmatch(r"wwiv_[A-Za-z0-9_-]{43}[A-Za-z0-9_-]{6}", new_secret("wwiv"))


def test_a_new_secret_passes_the_check_of_its_kind():
    for kind in ("wwiv", "wwak", "ww"):
        secret = new_secret(kind)
        assert secret == check_secret(secret, kind)


def test_secrets_differ():
    assert len({new_secret("wwiv") for _ in range(10_000)}) == 10_000


def test_a_secret_of_one_kind_is_none_of_another():
    with pytest.raises(ValueError, match="kind"):
        check_secret(new_secret("wwiv"), "wwak")
    secret = new_secret("wwiv")
    with pytest.raises(ValueError, match="kind"):
        check_secret("wwak" + secret[4:], "wwak")


def test_every_single_mistyped_character_is_found():
    secret = new_secret("wwiv")

    for place in range(5, len(secret)):
        other = ALPHABET[(ALPHABET.index(secret[place]) + 1) % 64]
        with pytest.raises(ValueError, match="kind"):
            check_secret(secret[:place] + other + secret[place + 1 :], "wwiv")


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s[:-1],
        lambda s: s + "A",
        lambda s: s + " ",
        lambda s: " " + s,
        lambda s: s + "\n",
        lambda s: s.upper(),
        lambda s: s[5:],
        lambda s: "",
        lambda s: s[:20] + "\x00" + s[21:],
        lambda s: s[:20] + "é" + s[21:],
        lambda s: s[:20] + "\ud800" + s[21:],
        lambda s: s * 1000,
    ],
)
def test_a_cut_or_changed_secret_is_refused_without_being_repeated(change):
    secret = new_secret("wwiv")
    with pytest.raises(ValueError, match="kind") as refusal:
        check_secret(change(secret), "wwiv")

    assert secret[5:30] not in str(refusal.value)


@given(st.text())
def test_any_text_is_refused_by_value_error_alone(text):
    with pytest.raises(ValueError):  # noqa: PT011
        check_secret(text, "wwiv")


@pytest.mark.parametrize("kind", ["", "w", "WW", "ww_", "ww1", "x" * 13, "ẅẅ"])
def test_a_kind_is_a_short_word_of_small_letters(kind):
    assert new_secret("x" * 12)

    with pytest.raises(ValueError, match="small letters"):
        new_secret(kind)


def test_a_secret_is_stored_as_its_sha256():
    secret = new_secret("wwiv")

    assert hashlib.sha256(secret.encode()).digest() == hash_secret(secret)
