"""Identifiers: UUIDv7 text (RFC 9562 section 5.7), which sorts by time and is unique without coordination."""

import re
import secrets
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_VERSION_7 = re.compile(r"(0[0-9a-f]{7})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.ASCII)
"""As `new_id` writes it, up to the year 2527."""


def new_id(now: datetime) -> str:
    """Return a new UUIDv7 as text: 48 bits of milliseconds of `now` (aware), 74 random bits.

    Raises:
        ValueError: `now` lies before 1970.
    """
    milliseconds = (now - _EPOCH) // _MILLISECOND
    if milliseconds < 0:
        raise ValueError("identifiers begin in 1970")
    random = secrets.randbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def find_id_time(identifier: str | None) -> datetime | None:
    """Return the millisecond of an id of `new_id`, aware UTC; None for any other text, and for none."""
    match = _VERSION_7.fullmatch(identifier) if identifier is not None else None
    return None if match is None else _EPOCH + int(match[1] + match[2], 16) * _MILLISECOND
