"""The rules for a new password."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.config import PasswordConfig
from watchword.core.account_errors import WeakPassword
from watchword.core.accounts.password_policy import check_password, normalise_password

POLICY = PasswordConfig()
CONTEXT = ("alice", "alice.liddell@example.org", "login.wonder.example")


def refusal_of(password, *, policy=POLICY, context=CONTEXT):
    with pytest.raises(WeakPassword) as refusal:
        check_password(password, policy=policy, context=context)
    return refusal.value.detail


@pytest.mark.parametrize(
    "password",
    [
        "vbk2 Yqp",
        "correct tortoise drum candle",
        "xK9#mQ2$vL",
        "пять рыжих котов",
        "我爱北京的秋天夜晚",
        "Ünïcödé tangle 7",
        "🦊🦔🐿️🦡🐝🐛🦋🐌",
        "84195502",
        "bobby likes seven green frogs",
        "dragon839201847362",
        "alice went down the rabbit hole",
        "x" * 3 + "qwLmpR7",
    ],
)
def test_ordinary_passwords_are_accepted(password):
    assert unicodedata.normalize("NFKC", password) == check_password(password, policy=POLICY, context=CONTEXT)


def test_eight_to_128_characters_are_accepted_whole():
    long = "".join(chr(0x4E00 + 37 * n) for n in range(128))
    assert long == check_password(long, policy=POLICY, context=())
    assert check_password("vbk2 Yqp", policy=POLICY, context=()) == "vbk2 Yqp"


def test_a_password_outside_the_lengths_is_refused_with_the_limit():
    assert refusal_of("vbk2 Yq") == "Choose a password of at least 8 characters."
    assert refusal_of("vbk2 Yqp" * 16 + "x") == "Choose a password of at most 128 characters."


def test_the_minimum_is_configurable():
    policy = PasswordConfig(min_length=15)
    assert check_password("vbk2 Yqp vbk2 Y", policy=policy, context=()) == "vbk2 Yqp vbk2 Y"
    assert refusal_of("vbk2 Yqp vbk2 ", policy=policy) == "Choose a password of at least 15 characters."


def test_length_counts_code_points_after_normalisation():
    assert len(check_password("e\u0301" + "vbk2 Yq", policy=POLICY, context=())) == 8
    refusal_of("e\u0301" + "vbk2 Y")


def test_composed_and_decomposed_passwords_are_one():
    assert normalise_password("caf\u00e9 au lait") == normalise_password("cafe\u0301 au lait")


def test_a_megabyte_is_refused_without_being_normalised():
    huge = "a\u0301\u0323" * 350_000
    assert huge is normalise_password(huge)
    assert refusal_of(huge) == "Choose a password of at most 128 characters."


@pytest.mark.parametrize(
    "password", ["vbk2\x00 Yqp", "vbk2 Yqp\n", "\x1b[31m vbk2 Yqp", "vbk2 \ud800 Yqp", "vbk2\x7f Yqp"]
)
def test_control_characters_are_refused_clearly(password):
    assert refusal_of(password) == "Leave control characters out of the password."


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaa",
        "abababab",
        "abcabcabc",
        "12345678",
        "87654321",
        "1234567890",
        "abcdefgh",
        "hgfedcba",
        "qwertyuiop",
        "asdfghjkl",
        "1qaz2wsx3edc",
        "zaq1xsw2",
        "1q2w3e4r5t",
        "abcd1234",
        "qwer4321",
        "11112222",
        "qwerty2024!",
        "!!asdfgh99",
        "AAAAbbbb",
        "7777777777",
        "poiuytrewq",
        "x" * 128,
        "azertyuiop",
        "qwertzuiop",
        "abc123xyz789",
    ],
)
def test_repetitions_and_rows_of_keys_are_refused(password):
    assert refusal_of(password) == "Choose a password that is not a repetition, a sequence or a row of keys."


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "Password1",
        "P@ssw0rd!",
        "p455w0rd99",
        "iloveyou",
        "ILoveYou2",
        "Football",
        "sunshine7",
        "Summer2024!",
        "winter#2026",
        "letmein!!",
        "trustno1",
        "dragon1987",
        "Monkey123",
        "PASSWORDpassword",
        "adm1n123",
        "welcome1",
        "changeme",
        "starwars",
        "juan1234",
        "correct horse battery staple",
        "pass-word-1",
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44",
        "$uperman12",
        "m1chael!",
        "jennifer",
        "Tr0ub1e12",
    ],
)
def test_common_passwords_are_refused_dressed_up_too(password):
    assert refusal_of(password) == "Choose a password that is not on the lists of common passwords."


@pytest.mark.parametrize(
    "password",
    [
        "watchword",
        "Watchword2026",
        "w4tchw0rd!",
        "alice-1865-07",
        "Alice18650704",
        "AliceLiddell",
        "liddell.alice",
        "a.liddell" * 2,
        "alicealice",
        "wonder-wonder",
        "alicewatchword1",
        "login.wonder",
        "2024alice2024",
        "@l1ce 1865 07",
        "example.org99",
    ],
)
def test_words_of_the_context_are_refused_with_digits_too(password):
    context = (*CONTEXT, "a.liddell")
    sentence = "Choose a password that is not made of your name, your address or the name of this service."
    assert sentence == refusal_of(password, context=context)


def test_without_its_context_the_same_password_is_accepted():
    refusal_of("Cheshire-1865-07", context=("cheshire",))
    assert check_password("Cheshire-1865-07", policy=POLICY, context=("bob",)) == "Cheshire-1865-07"


@pytest.mark.parametrize("context", [("bo",), ("",), ("1",), ("47",), ("@", "..."), ("\ud800",), ("204",)])
def test_words_too_short_to_tell_anything_refuse_nothing(context):
    assert check_password("8391-2047-5518", policy=POLICY, context=context) == "8391-2047-5518"


@UNHURRIED
@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=3))
def test_check_password_only_returns_or_refuses_and_never_repeats_it(text, context):
    try:
        password = check_password(text, policy=POLICY, context=context)
    except WeakPassword as refusal:
        password, sentence = None, refusal.detail
    else:
        sentence = ""
    assert password in (None, normalise_password(text))
    assert len(text) < 8 or text not in sentence
