"""Standard claims: what an account has is given, what it has not or has in a wrong form is left out."""

from datetime import UTC, datetime

import pytest

from watchword.core.models.identity import User
from watchword.core.oauth.user_claims import SCOPE_CLAIMS, STANDARD_CLAIMS, claim_names, is_known, select_claims

AT = datetime(2030, 1, 1, tzinfo=UTC)
PROFILE = {
    "name": "Jane Doe",
    "given_name": "Jane",
    "family_name": "Doe",
    "middle_name": "Q",
    "nickname": "JD",
    "profile": "https://jane.example/",
    "picture": "https://jane.example/me.jpg",
    "website": "https://jane.example/blog",
    "gender": "female",
    "birthdate": "0000-10-31",
    "zoneinfo": "Europe/Paris",
    "locale": "fr-FR",
    "phone_number": "+1 (425) 555-1212",
    "address": {"street_address": "1 Main St", "locality": "Springfield", "country": "US", "region": ""},
}


def user(profile=PROFILE, **changes):
    fields = {"email": "jane@example.com", "email_verified": True, "profile": profile, **changes}
    return User(id="u1", username="jane", username_key="jane", created_at=AT, updated_at=AT, **fields)


@pytest.mark.parametrize("scope", SCOPE_CLAIMS)
def test_a_full_account_answers_every_claim_of_each_scope(scope):
    assert set(select_claims(user(), claim_names([scope]))) == SCOPE_CLAIMS[scope]


def test_the_scopes_ask_for_the_claims_of_core_section_5_4():
    assert claim_names({"openid", "offline_access", "items:read"}) == frozenset()
    assert claim_names({"email", "phone"}) == {"email", "email_verified", "phone_number", "phone_number_verified"}
    assert len(SCOPE_CLAIMS["profile"]) == 14


def test_the_values_are_those_of_the_account():
    assert select_claims(user(), STANDARD_CLAIMS) == {
        **PROFILE,
        "address": {"street_address": "1 Main St", "locality": "Springfield", "country": "US"},
        "preferred_username": "jane",
        "updated_at": int(AT.timestamp()),
        "email": "jane@example.com",
        "email_verified": True,
        "phone_number_verified": False,
    }


def test_what_an_account_has_not_is_left_out():
    bare = user({}, email=None, email_verified=False)
    assert select_claims(bare, STANDARD_CLAIMS) == {"preferred_username": "jane", "updated_at": int(AT.timestamp())}


@pytest.mark.parametrize(
    "value", [None, "", 1, True, [], {}, ["x"], {"formatted": 1}, {"formatted": ""}, {"other": "x"}]
)
@pytest.mark.parametrize("name", ["name", "picture", "address", "phone_number"])
def test_a_value_of_a_wrong_form_is_left_out(name, value):
    assert select_claims(user({name: value}), [name]) == {}


@pytest.mark.parametrize(
    "name", ["email_verified", "phone_number_verified", "preferred_username", "email", "updated_at"]
)
def test_no_profile_says_what_only_the_account_knows(name):
    lies = user({name: "admin@example.com", "phone_number": "+1"}, email=None, email_verified=False)
    honest = user({"phone_number": "+1"}, email=None, email_verified=False)
    assert select_claims(lies, [name]) == select_claims(honest, [name])
    assert select_claims(lies, [f"{name}#en"]) == {}


@pytest.mark.parametrize("name", ["sub", "iss", "aud", "roles", "salary", "salary#en", "password_hash", "", "#", "é"])
def test_what_is_no_standard_claim_is_never_given_away(name):
    assert select_claims(user({name: "x"}), [name]) == {}


def test_a_claim_may_be_asked_for_in_a_language():
    jane = user({"name": "Jane", "name#ja-Kana-JP": "ジェーン"})
    assert select_claims(jane, ["name#ja-Kana-JP", "name#fr"]) == {"name#ja-Kana-JP": "ジェーン"}


@pytest.mark.parametrize(
    "name", ["name#", "name#<b>", "name#de#fr", "name#a b", "name#" + "x" * 9, "name#a" + "-b" * 6]
)
def test_what_is_no_language_tag_names_no_claim(name):
    assert select_claims(user({name: "x"}), [name]) == {}
    assert not is_known(name)
    assert is_known("name#de-CH")
