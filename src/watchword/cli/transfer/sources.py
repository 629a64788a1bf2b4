"""Opens a file of accounts: finds out how it is written and, unless told, whose format it is."""

import codecs
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NamedTuple

from watchword.cli.transfer.csv_rows import csv_rows
from watchword.cli.transfer.json_stream import USERS, json_entries
from watchword.cli.transfer.lines import json_lines, read_row
from watchword.cli.transfer.rows import LONGEST_ROW, BadFile, Row
from watchword.core.accounts.imports.formats import FORMATS, find_format

AUTO = "auto"
CHUNK_OF_SPACE = 4096
LINES = frozenset({".jsonl", ".ndjson"})
UNKNOWN = "This file is in no format that is known by sight; say which with --format."


class Source(NamedTuple):
    """The rows of a file, the name of its format, and what a number of a row counts."""

    rows: Iterator[Row]
    format: str
    counts: str


def open_source(file: BinaryIO, name: str, *, chosen: str) -> Source:
    """Return the rows of a file that is at its start.

    Raises:
        BadFile: its format cannot be told, or nothing of it can be read.
    """
    head = _head(file)
    if not head:
        raise BadFile("The file is empty.")
    if head[:1] == b"[" or (head[:1] == b"{" and not _is_lines(file, name, chosen)):
        rows, counts = json_entries(file), "entry"
    elif head[:1] == b"{":
        rows, counts = json_lines(file), "line"
    else:
        columns = FORMATS[chosen].columns if chosen != AUTO else ()
        return _recognised(csv_rows(file, columns), chosen, "line", not_for="jsonl")
    return _recognised(rows, chosen, counts, not_for="csv")


def _recognised(rows: Iterator[Row], chosen: str, counts: str, *, not_for: str) -> Source:
    """Return the source, whose format the first row tells that can be read; no such file is in the format `not_for`."""
    if chosen != AUTO:
        return Source(rows, chosen, counts)
    names = [name for name in FORMATS if name != not_for]
    passed: list[Row] = []
    for row in rows:
        passed.append(row)
        if row.document is not None:
            found = find_format(row.document, names)
            if found is None:
                break
            return Source(chain(passed, rows), found, counts)
        if len(passed) == 100:  # noqa: PLR2004  unreadable rows, after which nothing good is to be expected
            break
    raise BadFile(UNKNOWN)


def _head(file: BinaryIO) -> bytes:
    """Return the first octet that is neither white space nor a byte order mark, and stay at the start."""
    head = file.read(CHUNK_OF_SPACE).removeprefix(codecs.BOM_UTF8).lstrip()
    file.seek(0)
    return head[:1]


def _is_lines(file: BinaryIO, name: str, chosen: str) -> bool:
    """Whether the first line is a whole object, and not one that holds all users."""
    if Path(name).suffix.lower() in LINES or chosen == "jsonl":
        return True
    line = file.readline(LONGEST_ROW).removeprefix(codecs.BOM_UTF8)
    file.seek(0)
    document = read_row(1, line).document
    return document is not None and not isinstance(document.get(USERS), list)
