"""Pairwise subjects: the same in a sector for ever, different between sectors, people and servers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.accounts.any_text import UNHURRIED

from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.tokens.pairwise import pairwise_subject, sector_of

KEY = b"obviously-fake-pairwise-key-test"


def test_a_subject_is_the_same_for_ever():
    assert pairwise_subject("u1", sector="client.example", key=KEY) == "uJo4HuAnIiQqRt8-i2UAzFV5R7_TfhUSNBtKd7amr7I"


@given(st.tuples(st.text(), st.text()), st.tuples(st.text(), st.text()))
@UNHURRIED
def test_another_person_or_another_sector_is_another_subject(one, other):
    subjects = [pairwise_subject(user_id, sector=sector, key=KEY) for user_id, sector in (one, other)]
    assert (subjects[0] == subjects[1]) is (one == other)


def test_another_server_has_other_subjects():
    others = {pairwise_subject("u1", sector="client.example", key=bytes([n]) * 32) for n in range(3)}
    assert len(others) == 3
    with pytest.raises(ValueError, match="32 bytes"):
        pairwise_subject("u1", sector="client.example", key=b"short")


@pytest.mark.parametrize(
    ("fields", "sector"),
    [
        ({"redirect_uris": ("https://Client.example:8443/a", "https://client.example/b")}, "client.example"),
        ({"redirect_uris": ("https://a.example/",), "sector_identifier_uri": "https://s.example/f.json"}, "s.example"),
        ({"redirect_uris": ("com.example.app:/cb",)}, "com.example.app"),
        ({}, ""),
    ],
)
def test_the_sector_is_a_host(fields, sector):
    assert sector_of(ClientMetadata(**fields)) == sector
