"""What every reader yields, and when it must give up."""

from collections.abc import Mapping
from typing import Any, NamedTuple

LONGEST_ROW = 2**20
"""Octets of one row, some thousand times what an account needs. No more than a few of these are ever in memory."""
DEEPEST = 16
TOO_LONG = "is longer than 1 MiB"
NOT_UTF8 = "is not UTF-8"


class Row(NamedTuple):
    """A row and its number: the line, or for one JSON document the place in the array, from 1.

    Without a document it cannot be read, and `problem` says why, as the end of "This row ...".
    """

    number: int
    document: Mapping[str, Any] | None
    problem: str = ""


class BadFile(ValueError):
    """A file of which no more can be read. The message is a sentence, and repeats nothing of the file."""
