"""Strict JSON objects (RFC 8259, RFC 7493): one reading only, whoever reads, and cheap to refuse."""

import json
import math
import re
from typing import Any, NoReturn

MAX_BYTES = 16 * 1024
MAX_DEPTH = 8
MAX_MEMBERS = 256
_WHITESPACE = " \t\n\r"
_MAX_INTEGER = 19
_MAX_FLOAT = 40
# A string counts as one token so that brackets in it are no structure; one that never ends runs to the end of the
# text, which keeps the scan linear.
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


def parse_object(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Return the JSON object that `data` holds.

    Args:
        data: UTF-8 text without a byte order mark.
        max_bytes: the greatest length of `data`.
        max_depth: how deep arrays and objects may nest; the object itself counts as 1.

    Raises:
        ValueError: anything else than one object; a repeated member, a number that is not finite or longer than 19
            digits, a lone surrogate, more than 256 members in one object, too deep, too long, or trailing data.
    """
    if len(data) > max_bytes:
        raise ValueError("too long")
    text = data.decode("utf-8")
    if text.count("{") + text.count("[") > max_depth:
        _check_depth(text, max_depth)
    text = text.strip(_WHITESPACE)
    value, end = _DECODER.raw_decode(text)
    if type(value) is not dict or end != len(text):
        raise ValueError("not one JSON object")
    if "\\u" in text:
        # Only an escape can make a lone surrogate; encoding finds it in keys and values alike.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    return value


def _check_depth(text: str, max_depth: int) -> None:
    depth = 0
    for token in _STRUCTURE.finditer(text):
        depth += _STEP.get(token[0], 0)
        if depth > max_depth:
            raise ValueError("nested too deep")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_MEMBERS:
        raise ValueError("too many members")
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is repeated")
    return members


def _integer(digits: str) -> int:
    if len(digits) > _MAX_INTEGER + (digits[0] == "-"):
        raise ValueError("an integer is too long")
    return int(digits)


def _finite(digits: str) -> float:
    if len(digits) > _MAX_FLOAT:
        raise ValueError("a number is too long")
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is not finite")
    return number


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_integer, parse_float=_finite, parse_constant=_constant
)
