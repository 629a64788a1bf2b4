"""PKCE: the published vector, the two ends of every bound, and each way to leave the proof out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.core.errors import InvalidGrant, InvalidRequest
from watchword.core.oauth.pkce import challenge_of, check_challenge, check_verifier, verifies

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def test_the_vector_of_rfc_7636_appendix_b_holds():
    assert challenge_of(VERIFIER) == CHALLENGE
    assert verifies(VERIFIER, CHALLENGE)


def test_an_s256_challenge_is_accepted():
    assert check_challenge(CHALLENGE, "S256") == CHALLENGE


@pytest.mark.parametrize("method", [None, "", "plain", "s256", "S512", "S256 ", "PLAIN"])
def test_c15_any_other_method_is_refused(method):
    with pytest.raises(InvalidRequest):
        check_challenge(CHALLENGE, method)


@pytest.mark.parametrize(
    "challenge",
    [
        None,
        "",
        CHALLENGE[:-1],
        CHALLENGE + "A",
        CHALLENGE + "=",
        CHALLENGE[:-1] + "N",
        CHALLENGE.replace("-", "+"),
        "é" + CHALLENGE[1:],
        " " + CHALLENGE[1:],
        "\ud800" + CHALLENGE[1:],
    ],
    ids=ascii,
)
def test_a_challenge_that_is_no_canonical_sha_256_is_refused(challenge):
    with pytest.raises(InvalidRequest):
        check_challenge(challenge, "S256")


@pytest.mark.parametrize("length", [43, 44, 127, 128])
def test_a_verifier_may_have_43_to_128_characters(length):
    verifier = (UNRESERVED * 2)[:length]
    assert verifies(verifier, challenge_of(verifier))


@pytest.mark.parametrize(
    "verifier", ["", "a" * 42, "a" * 129, "a" * 42 + "+", "a" * 42 + "/", "a" * 42 + "=", "a" * 43 + "\n"], ids=ascii
)
def test_c16_a_verifier_of_another_length_or_alphabet_never_verifies(verifier):
    assert not verifies(verifier, challenge_of(verifier))


@pytest.mark.parametrize("verifier", ["é" * 43, "\ud800" * 43, "a" * 42 + "\x00"], ids=ascii)
def test_c16_text_that_is_not_ascii_never_verifies(verifier):
    assert not verifies(verifier, CHALLENGE)


@given(ANY_TEXT)
@UNHURRIED
def test_no_text_but_the_verifier_itself_verifies(text):
    assert verifies(text, CHALLENGE) is (text == VERIFIER)


@given(st.text(UNRESERVED, min_size=43, max_size=128))
@UNHURRIED
def test_every_good_verifier_verifies_its_own_challenge_which_is_a_good_one(verifier):
    assert verifies(verifier, check_challenge(challenge_of(verifier), "S256"))


def test_the_proof_is_asked_for_exactly_where_a_challenge_is_stored():
    check_verifier(VERIFIER, CHALLENGE)
    check_verifier(None, None)
    for verifier, challenge in ((None, CHALLENGE), ("", CHALLENGE), (VERIFIER, None), (VERIFIER[:-1] + "x", CHALLENGE)):
        with pytest.raises(InvalidGrant):
            check_verifier(verifier, challenge)
