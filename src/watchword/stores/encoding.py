"""How every store keeps values: times as whole milliseconds since the epoch, documents as canonical JSON text."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def to_ms(at: datetime) -> int:
    """Return the milliseconds since the epoch, cut, never rounded.

    Raises:
        ValueError: for a naive time.
    """
    if at.tzinfo is None:
        raise ValueError("a stored time must be aware UTC")
    return (at - EPOCH) // MILLISECOND


def from_ms(ms: int) -> datetime:
    """Return the aware UTC time."""
    return EPOCH + ms * MILLISECOND


def to_json(value: object) -> str:
    """Return ASCII JSON with sorted keys, so that equal values are equal text and any text can be stored.

    Raises:
        TypeError: for what JSON cannot say.
        ValueError: for infinite numbers and NaN.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


def from_json(text: str) -> Any:  # noqa: ANN401  a JSON document can be anything
    """Return the value of a text that `to_json` made."""
    return json.loads(text)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} cannot be stored as JSON")


def is_storable(text: str) -> bool:
    """Whether a database can hold this text at all: one that it cannot must not hide the others of a query."""
    return all(not "\ud800" <= letter <= "\udfff" and letter != "\0" for letter in text)
