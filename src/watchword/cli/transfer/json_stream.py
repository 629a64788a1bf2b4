"""The entries of one JSON document, however large: an array, or an object whose member `users` is one.

The standard decoder reads whole values only; so the text is held from the value that is being read onwards, and more is
read until the value ends. An entry is found by its end first, then read strictly by itself.
"""

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO

from watchword.cli.transfer.lines import read_row
from watchword.cli.transfer.rows import LONGEST_ROW, BadFile, Row

USERS = "users"
LARGEST_OTHER = 2**26
"""Characters of any other member of the object, which is passed over."""
CHUNK = 2**16
_SPACE = " \t\r\n"


def json_entries(file: BinaryIO) -> Iterator[Row]:
    """Yield each entry.

    Raises:
        BadFile: at the point from which nothing can be read.
    """
    text = _Text(file)
    if text.next() == "[" or (text.next() == "{" and _find_users(text)):
        yield from _array(text)
    else:
        raise BadFile("This is neither a JSON array nor an object with an array named users.")


def _find_users(text: "_Text") -> bool:
    """Go to the value of the member `users`."""
    text.take("{")
    while text.next() == '"':
        name = text.value(LONGEST_ROW)
        text.take(":")
        if name == f'"{USERS}"':
            return text.next() == "["
        text.value(LARGEST_OTHER)
        if text.next() != ",":
            return False
        text.take(",")
    return False


def _array(text: "_Text") -> Iterator[Row]:
    text.take("[")
    number = 0
    while text.next() != "]":
        if number:
            text.take(",")
        number += 1
        yield read_row(number, text.value(LONGEST_ROW).encode("utf-8", "surrogatepass"))
    text.take("]")


class _Text:
    """The rest of a file as text, read as far as it is needed."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._utf8 = codecs.getincrementaldecoder("utf-8-sig")()
        self._scan = json.JSONDecoder(strict=False).raw_decode
        self._held, self._at, self._ended = "", 0, False

    def next(self) -> str:
        """Return the next character that is no white space, and stay before it; nothing at the end."""
        while True:
            while self._at < len(self._held):
                if self._held[self._at] not in _SPACE:
                    return self._held[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._read(CHUNK)

    def take(self, sign: str) -> None:
        """Go behind a sign, which must come next."""
        found = self.next()
        if found != sign:
            raise BadFile(f"The file ends where {sign} is missing." if not found else f"A {sign} is missing.")
        self._at += 1

    def value(self, longest: int) -> str:
        """Return the next value as it is written, and go behind it."""
        self.next()
        while True:
            end = self._end_of_value()
            if end is not None and (end < len(self._held) or self._ended):
                value, self._at = self._held[self._at : end], end
                return value
            held = len(self._held) - self._at
            if self._ended:
                raise BadFile("The file ends in the middle of a value, or the value is not JSON.")
            if held > longest:
                raise BadFile("A value is too long, or is not JSON.")
            self._read(max(CHUNK, held))

    def _end_of_value(self) -> int | None:
        try:
            return self._scan(self._held, self._at)[1]
        except RecursionError:
            raise BadFile("A value is nested too deep.") from None
        except ValueError:
            return None

    def _read(self, size: int) -> None:
        octets = self._file.read(size)
        self._ended = not octets
        try:
            more = self._utf8.decode(octets, final=self._ended)
        except UnicodeDecodeError:
            raise BadFile("The file is not UTF-8.") from None
        self._held, self._at = self._held[self._at :] + more, 0
