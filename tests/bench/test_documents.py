"""What the benchmark writes into the documentation: sections of the page, and pictures."""

import xml.etree.ElementTree as ET

import pytest
from bench.plots import bars, curves, rounded_up, stacks
from bench.profiles import REST, part_of, summary
from bench.write_docs import PAGE, missed, pictures_of, sections_of, with_section

ROW = {
    "name": "requires", "title": "`requires` : bare", "unit": "x", "lower_is_better": False, "target": 0.9,
    "beyond": 0.96, "value": {"median": 0.8, "least": 0.7, "most": 0.9, "rounds": 5}, "subject": 8000.0,
    "base": 10000.0, "void": 0, "failed": "",
}  # fmt: skip
SUMMARY = {
    "at": "2026-01-02T03:04:05+00:00",
    "machine": {"cores": 2, "cpu": "a processor", "system": "linux"},
    "rounds": 5,
    "seconds": 2.0,
    "quick": False,
    "versions": {"watchword": {"python": "3.13.1"}},
    "rows": [ROW],
    "growth": {"routes": [{"size": 1, "share": 0.9}, {"size": 100, "share": 0.8}], "rows": []},
    "profile": {"one": {"parts": {"Watchword": 0.25, REST: 0.75}, "functions": [["f (g.py)", 0.2]]}},
}


def test_the_page_has_a_place_for_every_section():
    page = PAGE.read_text(encoding="utf-8")
    for name, text in sections_of(SUMMARY).items():
        page = with_section(page, name, text)
    assert "| `requires` : bare | 0.80" in page
    assert "Taken 2026-01-02 on 2 cores of a processor, 5 rounds, loads of 2 s." in page


def test_a_section_is_replaced_again_and_again():
    page = "a\n<!-- bench: x -->\nold\n<!-- bench: end -->\nb\n"
    once = with_section(page, "x", "new")
    assert with_section(once, "x", "new") == once
    assert "old" not in once
    with pytest.raises(ValueError, match="stands 0 times"):
        with_section(page, "y", "new")


def test_what_is_missed_is_said_with_its_figure_and_its_reason():
    assert missed(SUMMARY) == "- `requires` : bare: 0.8 where 0.9 was to be reached."
    void = {**ROW, "value": None, "failed": "it did not start"}
    assert missed({"rows": [void]}) == "- `requires` : bare: no figure (it did not start)."
    good = {**ROW, "value": {**ROW["value"], "median": 0.91}}
    assert missed({"rows": [good]}).startswith("Every target")


def test_a_rough_run_is_marked_as_such():
    assert "for orientation only" in sections_of({**SUMMARY, "quick": True})["figures"]
    assert "for orientation only" not in sections_of(SUMMARY)["figures"]


def test_pictures_are_made_of_what_was_measured():
    assert set(pictures_of(SUMMARY)) == {"shares", "profile", "routes"}
    assert set(pictures_of({**SUMMARY, "growth": None, "profile": None})) == {"shares"}


@pytest.mark.parametrize(
    "drawn",
    [
        bars("T & t", "d", [("one <1>", 0.5, True), ("two", 1.4, False)]),
        stacks("T & t", "d", {"a": {"x": 0.5, "y": 0.5}, "b": {"y": 1.0}}),
        curves("T & t", "d", {"s": [(0, 1.0), (1000, 0.9), (100_000, 0.8)]}, across="x", up="y"),
        curves("T & t", "d", {"s": [(1, 1.0)]}, across="x", up="y"),
    ],
    ids=["bars", "stacks", "curves", "one point"],
)
def test_a_picture_is_well_formed_and_reads_in_light_and_dark(drawn):
    root = ET.fromstring(drawn)
    assert root.find("{*}title").text == "T & t"
    assert root.find("{*}desc").text == "d"
    assert "prefers-color-scheme: dark" in drawn


def test_a_sample_belongs_to_its_innermost_known_frame():
    frames = ["run (uvicorn/server.py:1)", "app (fastapi/routing.py:2)", "handle (watchword/fastapi/lean_routes.py:3)"]
    assert part_of(frames) == "Watchword"
    assert part_of([*frames, "sign (watchword/core/tokens/signing.py:4)"]) == "signatures and hashes"
    assert part_of([*frames, "dumps (somewhere.py:9)"]) == "Watchword"
    assert part_of(["<module> (somewhere.py)"]) == REST


def test_a_profile_counts_samples_and_the_functions_that_led_to_them():
    stacks_ = [
        "run (uvicorn/server.py:1);guard (watchword/fastapi/guard.py:3);check (watchword/flows/access.py:4) 3",
        "run (uvicorn/server.py:1) 1",
    ]
    found = summary(stacks_)
    assert found["parts"] == {"Watchword": 0.75, "server and event loop": 0.25}
    assert dict(found["functions"]) == {"guard (fastapi/guard.py)": 0.75, "check (flows/access.py)": 0.75}


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.93, 1), (1, 1), (1.2, 2), (4100, 8000), (3900, 4000), (9, 10)])
def test_an_axis_ends_at_four_round_steps(value, top):
    assert rounded_up(value) == pytest.approx(top)
