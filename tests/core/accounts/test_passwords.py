"""Hashing and checking passwords: argon2id, upgrades, and equal work for every refusal."""

import sys

import argon2
import pytest
from hypothesis import given
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.config import PasswordConfig
from watchword.core.accounts.password_policy import LONGEST_PASSWORD
from watchword.core.accounts.passwords import Passwords
from watchword.core.models.verdict import Verdict

CHEAP = PasswordConfig(memory_kib=64, time_cost=1)
CHEAPER = PasswordConfig(memory_kib=32, time_cost=1)
OURS = "$argon2id$v=19$m=64,t=1,p=1$"
PASSWORD = "not a real password"
MD5_CRYPT = "$1$saltsalt$NuzA7WTAelpl95xgBGWN60"


@pytest.fixture(name="passwords", scope="module")
def _passwords():
    return Passwords(CHEAP)


@pytest.fixture(name="checks")
def _checks(monkeypatch):
    """The hashes that argon2 was asked to check, in order."""
    checked = []
    verify = argon2.PasswordHasher.verify

    def spy(self, stored, password):
        checked.append(stored)
        return verify(self, stored, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", spy)
    return checked


def test_a_hash_is_a_phc_string_with_the_configured_cost_and_16_octets_of_salt(passwords):
    stored = passwords.hash(PASSWORD)
    assert stored.startswith(OURS)
    assert argon2.extract_parameters(stored).salt_len == 16
    assert stored != passwords.hash(PASSWORD)


def test_the_default_cost_is_19_mib_twice():
    stored = Passwords(PasswordConfig()).hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_right_password_matches_and_a_wrong_one_does_not(passwords):
    stored = passwords.hash(PASSWORD)
    assert Verdict(True) == passwords.verify(PASSWORD, stored)
    assert Verdict(False) == passwords.verify(PASSWORD + "x", stored)


def test_every_character_of_a_long_password_counts(passwords):
    long = "".join(chr(0x61 + n % 26) for n in range(128))
    stored = passwords.hash(long)
    assert passwords.verify(long, stored).matches
    for other in (long[:72], long[:127], long[:72] + "Z" + long[73:]):
        assert not passwords.verify(other, stored).matches


def test_nothing_is_cut_at_a_nul(passwords):
    stored = passwords.hash("abc\x00def")
    assert passwords.verify("abc\x00def", stored).matches
    assert not passwords.verify("abc", stored).matches


def test_a_hash_of_other_cost_still_verifies_and_is_upgraded(passwords):
    verdict = passwords.verify(PASSWORD, Passwords(CHEAPER).hash(PASSWORD))
    assert verdict.matches
    assert verdict.upgraded_hash.startswith(OURS)
    assert Verdict(True) == passwords.verify(PASSWORD, verdict.upgraded_hash)


@pytest.mark.parametrize("kind", [argon2.Type.I, argon2.Type.D])
def test_argon2i_and_argon2d_verify_and_are_upgraded(passwords, kind):
    stored = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1, type=kind).hash(PASSWORD)
    assert passwords.verify(PASSWORD, stored).upgraded_hash.startswith(OURS)
    assert Verdict(False) == passwords.verify(PASSWORD + "x", stored)


def test_a_wrong_password_is_not_upgraded(passwords):
    assert passwords.verify("other", Passwords(CHEAPER).hash(PASSWORD)).upgraded_hash is None
    assert passwords.verify("correct horse", MD5_CRYPT).upgraded_hash.startswith(OURS)
    assert passwords.verify("other", MD5_CRYPT).upgraded_hash is None


@pytest.mark.parametrize("password", [PASSWORD, "", "\ud800", "a" * (LONGEST_PASSWORD + 1), "a" * 500_000])
def test_without_a_hash_every_password_is_refused(passwords, password):
    assert Verdict(False) == passwords.verify(password, None)


def test_a_password_beyond_the_longest_is_refused_even_with_its_own_hash(passwords):
    assert passwords.verify("a" * LONGEST_PASSWORD, passwords.hash("a" * LONGEST_PASSWORD)).matches
    huge = "a" * (LONGEST_PASSWORD + 1)
    assert not passwords.verify(huge, passwords.hash(huge)).matches


BROKEN = ["", "x", "!", "$", "\ud800", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$", "x" * 100_000]
BROKEN += [OURS + "AAAAAAAAAAAAAAAAAAAAAA$", OURS + "!" * 22 + "$" + "!" * 43, OURS + "\ud800", "argon2$argon2id$"]


@pytest.mark.parametrize("stored", BROKEN)
def test_a_damaged_hash_refuses_and_says_so_to_the_log(passwords, stored):
    verdict = passwords.verify(PASSWORD, stored)
    assert (verdict.matches, verdict.upgraded_hash) == (False, None)
    assert verdict.hint == "the stored hash cannot be read, or would cost too much to check"


@pytest.mark.parametrize("cost", ["m=1048577,t=1,p=1", "m=1048576,t=5,p=1", "m=64,t=99999999,p=1", "m=1024,t=1,p=17"])
def test_an_argon2_hash_of_absurd_cost_is_not_computed(passwords, checks, cost):
    stored = f"$argon2id$v=19${cost}$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43
    assert not passwords.verify(PASSWORD, stored).matches
    assert stored not in checks
    assert not passwords.recognises(stored)


OTHERS = [None, *BROKEN, MD5_CRYPT, Passwords(CHEAPER).hash("x"), Passwords(CHEAP).hash("x")]


@pytest.mark.parametrize("stored", OTHERS, ids=range(len(OTHERS)))
def test_every_refusal_spends_a_check_of_the_present_cost(passwords, checks, stored):
    assert not passwords.verify(PASSWORD, stored).matches
    present = [checked for checked in checks if checked.startswith(OURS) and checked not in BROKEN]
    assert len(present) == 1


@pytest.mark.parametrize("config", [CHEAP, PasswordConfig(memory_kib=128, time_cost=2, parallelism=2)])
def test_the_hash_of_nobody_has_the_form_and_the_cost_of_any_other(config):
    passwords = Passwords(config)
    nobodys, real = passwords._nobodys_hash, passwords.hash(PASSWORD)
    assert argon2.extract_parameters(nobodys) == argon2.extract_parameters(real)
    assert list(map(len, nobodys.split("$"))) == list(map(len, real.split("$")))
    assert nobodys != Passwords(config)._nobodys_hash
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        argon2.PasswordHasher().verify(nobodys, "")


def test_a_match_spends_no_second_check(passwords, checks):
    assert passwords.verify(PASSWORD, passwords.hash(PASSWORD)).matches
    assert len(checks) == 1


def test_a_missing_extra_refuses_and_names_itself_to_the_log(passwords, checks, monkeypatch):
    assert passwords.verify("correct horse", MD5_CRYPT).matches
    monkeypatch.setitem(sys.modules, "passlib.hash", None)
    verdict = passwords.verify("correct horse", MD5_CRYPT)
    assert not verdict.matches
    assert "watchword[legacy-hashes]" in verdict.hint
    assert len(checks) == 1


def test_recognises_tells_readable_hashes_from_others(passwords):
    assert passwords.recognises(passwords.hash(PASSWORD))
    assert passwords.recognises(MD5_CRYPT)
    assert [stored for stored in BROKEN[:6] if passwords.recognises(stored)] == []


def test_no_hash_shows_in_the_repr_of_a_verdict(passwords):
    assert "argon2" not in repr(passwords.verify("correct horse", MD5_CRYPT))


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT)
def test_verify_never_raises(passwords, password, stored):
    assert not passwords.verify(password, stored).matches


@UNHURRIED
@given(ANY_TEXT)
def test_any_text_can_be_hashed_and_found_again(passwords, password):
    assert passwords.verify(password, passwords.hash(password)).matches
