"""Refresh tokens that are derived, not stored (DESIGN section 5)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.tokens.forging import b64, forge

from watchword.core.errors import InvalidGrant
from watchword.core.tokens.refresh_token import RefreshToken, mint_refresh_token, parse_refresh_token
from watchword.core.tokens.secrets import Secrets

OLD = b"old-obviously-fake-secret-for-tests"
NEW = b"new-obviously-fake-secret-for-tests"
SECRETS = Secrets([OLD])
USER, FAMILY = "018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000002"
TOKEN = RefreshToken(USER, FAMILY, 7)
TEXT = mint_refresh_token(TOKEN, SECRETS)


@given(st.uuids(), st.uuids(), st.integers(1, 9_999_999_999))
def test_what_was_minted_is_parsed(user, family, generation):
    token = RefreshToken(str(user), str(family), generation)

    assert token == parse_refresh_token(mint_refresh_token(token, SECRETS), SECRETS)


def test_a_token_has_a_visible_kind_a_generation_and_a_mac():
    assert re.fullmatch(r"wwrt_[A-Za-z0-9_-]{43}\.7\.[A-Za-z0-9_-]{43}", TEXT)


def test_the_same_token_is_the_same_text_on_every_replica():
    assert mint_refresh_token(RefreshToken(USER, FAMILY, 7), Secrets([OLD])) == TEXT


def test_every_part_changes_the_mac():
    others = [RefreshToken(FAMILY, FAMILY, 7), RefreshToken(USER, USER, 7), RefreshToken(USER, FAMILY, 8)]

    assert len({mint_refresh_token(token, SECRETS)[-43:] for token in [TOKEN, *others]}) == 4


def test_a_token_outlives_a_change_of_the_secret_while_the_old_one_is_listed():
    assert parse_refresh_token(TEXT, Secrets([NEW, OLD])) == TOKEN
    with pytest.raises(InvalidGrant):
        parse_refresh_token(TEXT, Secrets([NEW]))


def test_c09_every_changed_character_is_refused():
    for place, character in enumerate(TEXT):
        changed = TEXT[:place] + ("B" if character == "A" else "A") + TEXT[place + 1 :]
        with pytest.raises(InvalidGrant):
            parse_refresh_token(changed, SECRETS)


def _signed(text: str) -> str:
    """A text with a mac that is truly ours."""
    return f"{text}.{b64(SECRETS.mac(text.encode(), purpose='refresh-token'))}"


BODY = TEXT.split(".", maxsplit=1)[0]
FORMS = {
    "empty": "",
    "J42-access-token": forge(),
    "no-mac": TEXT.rpartition(".")[0],
    "empty-mac": TEXT.rpartition(".")[0] + ".",
    "cut": TEXT[:-1],
    "longer": TEXT + "A",
    "newline": TEXT + "\n",
    "space-before": " " + TEXT,
    "padding": TEXT + "=",
    "case": TEXT.swapcase(),
    "another-kind": "wwak" + TEXT[4:],
    "nul": TEXT + "\x00",
    "not-ascii": TEXT[:-1] + "é",
    "lone-surrogate": TEXT[:-1] + "\ud800",
    "1-mib": "wwrt_" + "A" * 1_000_000,
    "unused-bits": TEXT[:-1] + chr(ord(TEXT[-1]) + 1),
    "signed-generation-0": _signed(f"{BODY}.0"),
    "signed-generation-with-leading-zero": _signed(f"{BODY}.07"),
    "signed-generation-negative": _signed(f"{BODY}.-7"),
    "signed-generation-plus": _signed(f"{BODY}.+7"),
    "signed-generation-arabic": _signed(f"{BODY}.\u0667"),
    "signed-generation-underscore": _signed(f"{BODY}.1_0"),
    "signed-generation-of-11-digits": _signed(f"{BODY}.10000000000"),
    "signed-generation-of-5000-digits": _signed(f"{BODY}.{'1' * 5000}"),
    "signed-short-ids": _signed(f"{BODY[:-1]}.7"),
}


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in FORMS.items()])
def test_any_other_form_is_an_invalid_grant(text):
    with pytest.raises(InvalidGrant) as refusal:
        parse_refresh_token(text, SECRETS)

    assert "wwrt_" not in refusal.value.hint


def test_a_form_signed_by_us_is_accepted():
    assert parse_refresh_token(_signed(f"{BODY}.7"), SECRETS) == TOKEN


@given(st.text(max_size=60) | st.from_regex(r"wwrt_[A-Za-z0-9_-]{43}\.[0-9]{1,3}\.[A-Za-z0-9_-]{43}", fullmatch=True))
def test_any_text_is_refused_by_invalid_grant_alone(text):
    with pytest.raises(InvalidGrant):
        parse_refresh_token(text, SECRETS)


def test_a_mac_of_another_purpose_is_refused():
    signed = TEXT.rpartition(".")[0]

    with pytest.raises(InvalidGrant):
        parse_refresh_token(f"{signed}.{b64(SECRETS.mac(signed.encode(), purpose='other'))}", SECRETS)


@pytest.mark.parametrize(
    "token",
    [
        RefreshToken("not-a-uuid", FAMILY, 1),
        RefreshToken(USER, "", 1),
        RefreshToken(USER, FAMILY, 0),
        RefreshToken(USER, FAMILY, -1),
        RefreshToken(USER, FAMILY, 10**10),
    ],
)
def test_what_no_token_can_say_is_not_minted(token):
    with pytest.raises(ValueError):  # noqa: PT011  uuid's own message or ours
        mint_refresh_token(token, SECRETS)
