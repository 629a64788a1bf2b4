"""CSV (RFC 4180) with a header, or with columns that are known."""

import csv
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from watchword.cli.transfer.lines import lines_of
from watchword.cli.transfer.rows import NOT_UTF8, TOO_LONG, BadFile, Row

_UNREADABLE = "\udfff\n"
"""Stands for a line that is too long: no UTF-8 makes it."""


def csv_rows(file: BinaryIO, columns: Sequence[str] = ()) -> Iterator[Row]:
    """Yield each row as an object of texts. Without `columns` the first row names them.

    Raises:
        BadFile: the header cannot be read, or names a column twice.
    """
    reader = csv.reader(_texts(file), strict=True)
    header = list(columns) or _header(reader)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(reader.line_num, None, "is not CSV")
            continue
        if cells:
            yield _row(reader.line_num, header, cells, exact=not columns)


def _texts(file: BinaryIO) -> Iterator[str]:
    return (_UNREADABLE if line is None else line.decode("utf-8", "surrogateescape") for line in lines_of(file))


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error:
        raise BadFile("The first line is no header of CSV.") from None
    if not all(header) or len(set(header)) != len(header):
        raise BadFile("The first line must name every column, each by another name.")
    return header


def _row(number: int, header: Sequence[str], cells: Sequence[str], *, exact: bool) -> Row:
    if exact and len(cells) != len(header):
        return Row(number, None, f"has {len(cells)} cells where the header has {len(header)}")
    joined = "".join(cells)
    if not joined.isascii() and any("\ud800" <= letter <= "\udfff" for letter in joined):
        return Row(number, None, TOO_LONG if _UNREADABLE[0] in joined else NOT_UTF8)
    return Row(number, dict(zip(header, cells, strict=False)))
