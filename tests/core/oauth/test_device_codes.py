"""User codes: easy to type, hard to mistake, stored so that nobody reads them back."""

import pytest
from hypothesis import given
from tests.core.accounts.any_text import ANY_TEXT, UNHURRIED

from watchword.core.oauth.device_codes import ALPHABET, find_user_code, hash_user_code, new_user_code, show_user_code
from watchword.core.tokens.secrets import Secrets

SECRETS = Secrets([b"obviously-fake-server-secret-one"])


def test_a_new_code_is_eight_letters_without_vowels():
    codes = [new_user_code() for _ in range(500)]
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) == set(ALPHABET)
    assert len(set(codes)) == 500
    assert ALPHABET == "BCDFGHJKLMNPQRSTVWXZ"


def test_people_see_two_groups():
    assert show_user_code("WDJBMJHT") == "WDJB-MJHT"


@pytest.mark.parametrize(
    "text", ["WDJB-MJHT", "WDJBMJHT", "wdjb-mjht", " wdjb mjht ", "W D J B - M J H T", "WDJB\u2013MJHT", "wdjb.mjht\t"]
)
def test_however_it_is_typed_it_is_the_same_code(text):
    assert find_user_code(text) == "WDJBMJHT"


@pytest.mark.parametrize(
    "text",
    ["", "WDJB-MJH", "WDJB-MJHTT", "WDJB-MJHA", "WDJB-MJH0", "ŴDJB-MJHT", "WDJBMJH\u0422", "WDJBMJH\x00", "B" * 100],
    ids=ascii,
)
def test_what_can_be_no_code_is_none(text):
    assert find_user_code(text) is None


@given(ANY_TEXT)
@UNHURRIED
def test_any_text_is_a_code_of_our_letters_or_none(text):
    code = find_user_code(text)
    assert code is None or (len(code) == 8 and set(code) <= set(ALPHABET))


def test_a_code_is_stored_under_a_mac_of_this_server():
    other = Secrets([b"obviously-fake-server-secret-two"])
    assert hash_user_code("WDJBMJHT", SECRETS) == hash_user_code("WDJBMJHT", SECRETS)
    assert hash_user_code("WDJBMJHT", SECRETS) != hash_user_code("WDJBMJHS", SECRETS)
    assert hash_user_code("WDJBMJHT", SECRETS) != hash_user_code("WDJBMJHT", other)
