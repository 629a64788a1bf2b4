"""Usernames for people who had none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchword.core.accounts.identifiers import check_username
from watchword.core.accounts.imports.usernames import another_username_from, username_from


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("ada@example.test", "ada"),
        ("Ada.Lovelace@example.test", "Ada.Lovelace"),
        ("ada+shop@example.test", "ada"),
        ("o'brien@example.test", "o-brien"),
        ("_a..b__c_@example.test", "a.b_c"),
        ("a" * 64 + "@example.test", "a" * 64),
    ],
)
def test_a_username_is_what_stands_before_the_at(email, name):
    assert username_from(email) == name


@pytest.mark.parametrize("email", ["+tag@example.test", "!!!@example.test", "\u0430b@example.test"])
def test_where_nothing_usable_stands_there_it_is_a_digest(email):
    assert username_from(email).startswith("user-")
    assert check_username(username_from(email)) == username_from(email)


def test_the_second_choice_is_another_and_stays_the_same():
    first, second = (another_username_from(f"ada@{host}.test") for host in ("one", "two"))
    assert first.startswith("ada-")
    assert first != second
    assert first == another_username_from("ADA@one.test").replace("ADA", "ada")


@given(st.text(max_size=90))
def test_both_choices_are_always_usernames(text):
    for name in (username_from(f"{text}@example.test"), another_username_from(f"{text}@example.test")):
        assert check_username(name) == name
