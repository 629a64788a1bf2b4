"""The table, and the figures in it."""

from dataclasses import replace

from bench.case import Case, Side
from bench.places import ROOT
from bench.report import cells_of, row_of, table_of
from bench.rounds import Reading, read_case

CASE = Case(name="one", title="one thing", subject=Side(), base=Side(), target=0.9, beyond=0.96)
BYTES = Case(name="size", title="a size", subject=Side(), unit="MB", target=90, lower_is_better=True)


def test_a_reading_with_a_base_is_a_ratio_and_without_one_a_figure():
    assert Reading(case="one", round=1, subject=9.0, base=10.0).value == 0.9
    assert Reading(case="one", round=1, subject=9.0).value == 9.0
    assert Reading(case="one", round=1, failed="no").value is None


def test_a_row_holds_the_median_of_the_pairs_and_their_spread():
    readings = [Reading(case="one", round=n, subject=s, base=100.0) for n, s in enumerate((90.0, 97.0, 80.0))]
    row = row_of(CASE, readings)
    assert row["value"] == {"median": 0.9, "least": 0.8, "most": 0.97, "rounds": 3}
    assert cells_of(row) == ("one thing", "0.90", "0.80 to 0.97", "0.90", "0.96", "yes", "90", "100")


def test_a_row_says_what_is_missed_and_what_is_exceeded():
    missed = row_of(CASE, [Reading(case="one", round=1, subject=89.0, base=100.0)])
    exceeded = row_of(CASE, [Reading(case="one", round=1, subject=97.0, base=100.0)])
    assert (cells_of(missed)[5], cells_of(exceeded)[5]) == ("NO", "beyond")


def test_a_figure_has_its_unit_and_is_better_when_lower():
    row = row_of(BYTES, [Reading(case="size", round=1, subject=85.4)])
    assert cells_of(row)[1:6] == ("85 MB", "85 to 85", "90 MB", "", "yes")


def test_a_case_without_any_figure_says_why():
    row = row_of(CASE, [Reading(case="one", round=1, failed="it did | not start")])
    assert row["void"] == 1
    assert "it did / not start" in cells_of(row)


def test_a_reason_names_no_place_of_the_machine():
    failed = read_case(None, replace(CASE, kind="import", subject=Side(alone=f"raise OSError({str(ROOT)!r})")), 1, 1.0)
    assert failed.value is None
    assert failed.failed
    assert str(ROOT) not in failed.failed


def test_the_table_is_one_line_for_each_row_and_two_for_the_head():
    rows = [row_of(CASE, [Reading(case="one", round=1, subject=9.0, base=10.0)])] * 3
    lines = table_of({"rows": rows}).splitlines()
    assert len(lines) == 5
    assert {line.count("|") for line in lines} == {9}
