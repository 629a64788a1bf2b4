"""Files that no good program wrote: each is a sentence or a rejected row, never a traceback, and good rows go in."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchword.cli.transfer.json_stream import json_entries
from watchword.cli.transfer.rows import LONGEST_ROW, BadFile, Row
from watchword.cli.transfer.sources import open_source

GOOD = b'{"username":"ada"}'
HEADER = b"username,email,profile.note\n"


def names(run_json):
    return sorted(user["username"] for user in run_json("users", "list"))


def rejected(place, name="in"):
    told = (place / f"{name}.rejected").read_text(encoding="utf-8")
    return [tuple(json.loads(line).values()) for line in told.splitlines()]


ROWS = {
    "broken JSON": (b'{"username":', "cannot be read as a JSON object: Expecting value"),
    "truncated": (b'{"username":"ev', "cannot be read as a JSON object: Unterminated string starting at"),
    "an array": (b"[1]", "cannot be read as a JSON object: not one JSON object"),
    "two objects": (b'{"username":"a"} {"username":"b"}', "cannot be read as a JSON object: not one JSON object"),
    "a repeated member": (b'{"username":"a","username":"b"}', ": a member is repeated"),
    "deep": (b'{"profile":' + b'{"a":' * 50 + b"1" + b"}" * 51, ": nested too deep"),
    "very deep": (b'{"profile":' + b"[" * 100_000, ": nested too deep"),
    "a huge number": (b'{"username":"a","profile":{"n":' + b"9" * 5000 + b"}}", ": an integer is too long"),
    "no finite number": (b'{"username":"a","profile":{"n":1e999}}', ": a number is not finite"),
    "NaN": (b'{"username":"a","profile":{"n":NaN}}', ": NaN is not JSON"),
    "a lone surrogate": (b'{"username":"\\ud800"}', "cannot be read as a JSON object"),
    "not UTF-8": (b'{"username":"\xff"}', "is not UTF-8"),
    "a NUL in a name": (b'{"username":"a\\u0000b"}', "is refused: Use letters"),
    "a NUL octet": (
        b'{"username":"a\x00b"}',
        "cannot be read as a JSON object: Invalid control character at",
    ),
    "an escape sequence": (b'{"username":"\\u001b[2J"}', "is refused: Use letters"),
    "a huge line": (b'{"username":"' + b"a" * (LONGEST_ROW + 9) + b'"}', "is longer than 1 MiB"),
    "a list for a name": (b'{"username":["a"]}', "has a username that is no text"),
    "a member with control characters": (b'{"username":"a","\\u001b[2J":1}', "has an unknown member"),
}


@pytest.mark.parametrize(("line", "reason"), ROWS.values(), ids=ROWS)
def test_a_bad_line_is_rejected_and_the_lines_around_it_are_not(run, run_json, place, line, reason):
    (place / "in").write_bytes(GOOD + b"\n" + line + b"\r\n" + GOOD.replace(b"ada", b"eve"))
    run("users", "import", "in", expect=1)
    ((number, told),) = rejected(place)
    assert number == 2
    assert told.endswith(reason) or told.startswith(reason)
    assert told.isprintable()
    assert names(run_json) == ["ada", "eve"]


CSV_ROWS = {
    "too few cells": (b"bob", "has 1 cells where the header has 3"),
    "too many cells": (b"bob,,,,", "has 5 cells where the header has 3"),
    "a formula": (b"=HYPERLINK(1),,", "is refused: Use letters"),
    "not UTF-8": (b"bob\xff,,", "is not UTF-8"),
    "a huge line": (b"bob,," + b"x" * (LONGEST_ROW + 9), "has 1 cells where the header has 3"),
    "a NUL": (b"b\x00b,,", "is refused: Use letters"),
    "a quote inside": (b'"b"ob,,', "is not CSV"),
    "a huge cell": (b"bob,," + b"x" * 200_000, "is not CSV"),
}


@pytest.mark.parametrize(("line", "reason"), CSV_ROWS.values(), ids=CSV_ROWS)
def test_a_bad_line_of_csv_is_rejected_and_the_lines_around_it_are_not(run, run_json, place, line, reason):
    (place / "in").write_bytes(HEADER + b"ada,,=1+1\n" + line + b"\neve,,\n")
    run("users", "import", "in", expect=1)
    ((number, told),) = rejected(place)
    assert number == 3
    assert told.startswith(reason)
    assert names(run_json) == ["ada", "eve"]


def test_a_quote_that_never_ends_takes_the_rest_of_csv_with_it(run, run_json, place):
    (place / "in").write_bytes(HEADER + b'ada,,\n"bob,,\neve,,\n')
    run("users", "import", "in", expect=1)
    assert rejected(place) == [(4, "is not CSV")]
    assert names(run_json) == ["ada"]


def test_a_cell_may_hold_lines_and_quotes(run, run_json, place):
    (place / "in").write_bytes(HEADER + b'ada,,"two\r\nlines, ""quoted"""\r\n')
    run("users", "import", "in")
    assert json.loads(run("users", "export").stdout)["profile"] == {"note": 'two\r\nlines, "quoted"'}


@pytest.mark.parametrize("content", [GOOD, b"[" + GOOD + b"]", b"username\nada\n"], ids=["lines", "array", "csv"])
def test_a_byte_order_mark_is_passed_over(run_json, place, content):
    (place / "in").write_bytes(b"\xef\xbb\xbf" + content)
    assert run_json("users", "import", "in")["added"] == 1


FILES = {
    "empty": (b"", "The file is empty."),
    "white space": (b" \n\n", "The file is empty."),
    "unknown members": (b'{"colour":"red"}\n', "in no format that is known by sight"),
    "unknown columns": (b"colour,size\nred,7\n", "in no format that is known by sight"),
    "an unnamed column": (b"username,\nada,\n", "The first line must name every column"),
    "a column twice": (b"username,username\nada,ada\n", "The first line must name every column"),
    "binary": (bytes(range(256)) * 4, "in no format that is known by sight"),
    "nothing readable": (b'{"a":\n' * 200, "ends in the middle of a value"),
    "an object without users": (b'{\n"realm": "shop",\n"roles": {}\n}', "neither a JSON array nor an object"),
    "users that are no array": (b'{\n"users": {}}', "neither a JSON array nor an object"),
    "an array of numbers": (b"[1, 2, 3]", "in no format that is known by sight"),
    "an empty array": (b"[]", "in no format that is known by sight"),
    "a deep array": (b"[" * 200_000, "nested too deep"),
    "UTF-16": ('[{"username":"ada"}]'.encode("utf-16"), "in no format that is known by sight"),
}


@pytest.mark.parametrize(("content", "sentence"), FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read_is_one_sentence(run, run_json, place, content, sentence):
    (place / "in").write_bytes(content)
    refused = run("users", "import", "in", expect=1)
    assert sentence in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert run_json("users", "list") == []


ENDS = {
    "cut in an entry": (b"[" + GOOD + b',{"username":"ev', "ends in the middle of a value"),
    "cut between entries": (b"[" + GOOD + b",", "ends in the middle of a value"),
    "not closed": (b"[" + GOOD, "The file ends where , is missing."),
    "no comma": (b"[" + GOOD + GOOD + b"]", "A , is missing."),
    "not UTF-8": (b"[" + GOOD + b',{"username":"\xff"}]', "The file is not UTF-8."),
    "a huge entry": (b"[" + GOOD + b',{"username":"' + b"a" * (3 * LONGEST_ROW), "A value is too long"),
    "deep": (b"[" + GOOD + b"," + b"[" * 200_000, "nested too deep"),
}


@pytest.mark.parametrize(("content", "sentence"), ENDS.values(), ids=ENDS)
def test_what_stands_before_the_damage_of_an_array_is_imported(run, run_json, place, content, sentence):
    (place / "in").write_bytes(content)
    refused = run("users", "import", "in", "--format", "jsonl", expect=1)
    expected = [] if b"\xff" in content else ["ada"]  # that octet is met before the entry in front of it is read
    assert names(run_json) == expected
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_file_that_is_not_there_is_one_sentence(run, place):
    assert run("users", "import", "nothing", expect=1).stderr == "nothing cannot be read: No such file or directory.\n"
    assert "cannot be read" in run("users", "import", ".", expect=1).stderr


def test_an_array_is_read_in_pieces_however_it_is_written(tmp_path):
    rows = [
        {"n": number, "text": 'a "quoted", [bracketed] \u00e9\U0001f600' * 50, "deep": {"a": [{}]}}
        for number in range(500)
    ]
    for content in (
        json.dumps(rows),
        json.dumps(rows, indent=4, ensure_ascii=False),
        json.dumps({"before": rows[:3], "number": 12, "users": rows, "after": 1}),
    ):
        path = tmp_path / "in.json"
        path.write_text(content, encoding="utf-8")
        with path.open("rb") as file:
            assert list(json_entries(file)) == [Row(number, row) for number, row in enumerate(rows, start=1)]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=60)
    | st.lists(st.sampled_from([b"[", b"]", b"{", b"}", b'"users"', b":", b",", b"1", GOOD, b"\n", b'"', b"\xff"])).map(
        b"".join
    )
)
def test_reading_any_file_only_yields_rows_or_raises_bad_file(tmp_path, content):
    path = tmp_path / "in"
    path.write_bytes(content)
    rows, broken = [], ""
    with path.open("rb") as file:
        try:
            rows += open_source(file, "in", chosen="auto").rows
        except BadFile as error:
            broken = str(error)
    assert all(isinstance(row, Row) for row in rows)
    assert broken[-1:] in {"", "."}
