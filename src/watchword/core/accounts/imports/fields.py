"""Takes values of a known type out of a row; of any other type they are a `BadRow`, which does not repeat them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from watchword.core.accounts.imports.account import BadRow

Document = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEPARATORS = re.compile(r"[\s,;]+")
_MOST_DIGITS = 15
_FLAGS: Mapping[Any, bool] = {
    **dict.fromkeys((True, "true", "t", "yes", "1"), True),
    **dict.fromkeys((False, "false", "f", "no", "0"), False),
}


def text(document: Document, name: str) -> str | None:
    """Return a string; None where it is missing, null or empty."""
    value = document.get(name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadRow(f"has a {name} that is no text")
    return value


def flag(document: Document, name: str, *, default: bool = False) -> bool:
    """Return a truth value: JSON's own, or as databases write it in CSV (`true`, `t`, `1`, `False`)."""
    value = document.get(name)
    if value is None or value == "":
        return default
    value = value.lower() if isinstance(value, str) else value
    if not isinstance(value, (str, int)) or value not in _FLAGS:
        raise BadRow(f"has a {name} that is neither true nor false")
    return _FLAGS[value]


def names(document: Document, name: str) -> tuple[str, ...]:
    """Return a list of strings, or the words of a text that spaces, commas or semicolons separate."""
    value = document.get(name)
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(filter(None, _SEPARATORS.split(value)))
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadRow(f"has {name} that are no list of texts")
    return tuple(value)


def part(document: Document, name: str) -> Document:
    """Return an object; an empty one where it is missing or null."""
    value = document.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadRow(f"has a {name} that is no object")
    return value


def parts(document: Document, name: str) -> tuple[Document, ...]:
    """Return a list of objects; an empty one where it is missing or null."""
    value = document.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise BadRow(f"has {name} that are no list of objects")
    return tuple(value)


def moment(document: Document, name: str) -> datetime | None:
    """Return a time, read as UTC where it names no zone.

    It is RFC 3339 text, milliseconds since 1970 (a number, or one as text), or MongoDB's `{"$date": ...}` around one.
    """
    value = document.get(name)
    if isinstance(value, Mapping):
        value = value.get("$date")
    if isinstance(value, Mapping):
        value = value.get("$numberLong")
    if value is None or value == "":
        return None
    try:
        return _moment(value)
    except (ValueError, OverflowError):
        raise BadRow(f"has a {name} that is no time") from None


def _moment(value: object) -> datetime:
    if isinstance(value, str) and value.isdecimal() and value.isascii() and len(value) <= _MOST_DIGITS:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return _EPOCH + timedelta(milliseconds=value)
    at = datetime.fromisoformat(str(value))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def present(document: Document, **members: str) -> dict[str, str]:
    """Return the texts that are there, under new names: `present(row, full_name="displayName")`."""
    found = {new: text(document, old) for new, old in members.items()}
    return {new: value for new, value in found.items() if value is not None}
