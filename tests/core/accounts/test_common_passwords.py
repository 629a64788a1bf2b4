"""The list of common passwords that comes with the package."""

from importlib.resources import files

from watchword.core.accounts.common_passwords import is_common

LIST = files("watchword.core.accounts").joinpath("common_passwords.txt").read_text(encoding="utf-8")
ENTRIES = [line for line in LIST.splitlines() if not line.startswith("#")]


def test_the_list_is_long_enough():
    assert len(ENTRIES) >= 3_000
    assert sum(len(entry) >= 8 for entry in ENTRIES) >= 1_500


def test_the_list_is_sorted_casefolded_and_without_doubles():
    assert sorted({entry.casefold().strip() for entry in ENTRIES}) == ENTRIES


def test_every_entry_is_found():
    assert [entry for entry in ENTRIES if not is_common(entry)] == []


def test_the_empty_text_is_no_entry():
    assert not is_common("")
