"""Lines of a file, none longer than a row may be; and JSON Lines."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from watchword.cli.transfer.rows import DEEPEST, LONGEST_ROW, NOT_UTF8, TOO_LONG, Row
from watchword.core.tokens.strict_json import parse_object


def lines_of(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield each line, without a byte order mark at the start of the file; None for one that is too long."""
    first = True
    while line := file.readline(LONGEST_ROW + 1):
        whole = len(line) <= LONGEST_ROW
        if not whole and not line.endswith(b"\n"):
            _skip_line(file)
        yield (line.removeprefix(codecs.BOM_UTF8) if first else line) if whole else None
        first = False


def json_lines(file: BinaryIO) -> Iterator[Row]:
    """Yield one row for each line that is not blank."""
    for number, line in enumerate(lines_of(file), start=1):
        if line is None:
            yield Row(number, None, TOO_LONG)
        elif line.strip():
            yield read_row(number, line)


def read_row(number: int, octets: bytes) -> Row:
    """Read one JSON object, strictly."""
    try:
        return Row(number, parse_object(octets, max_bytes=LONGEST_ROW + 1, max_depth=DEEPEST))
    except UnicodeDecodeError:
        return Row(number, None, NOT_UTF8)
    except (ValueError, RecursionError) as error:
        reason = str(error).partition(":")[0]
        return Row(number, None, f"cannot be read as a JSON object: {reason}")


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(LONGEST_ROW)) and not rest.endswith(b"\n"):
        pass
