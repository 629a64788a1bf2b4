"""The lines of a backup: a header, one record each, and an end that proves that none is missing.

JSON Lines, so that any database can be filled from any other. What a session was, or could be revoked, is not in it:
restoring begins a new epoch, in which nothing lives that was signed or granted before.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from watchword.core.models.authorizations import Resource
from watchword.core.models.grants import Client
from watchword.core.models.identity import Role, User
from watchword.core.record_codec import RecordCodec, decode_time, encode_time

FORMAT = 1
KINDS: Mapping[str, RecordCodec[Any]] = {
    "user": RecordCodec(User),
    "client": RecordCodec(Client),
    "resource": RecordCodec(Resource),
    "role": RecordCodec(Role),
}
"""In the order in which they are written: who has a role comes before the roles, which are read last."""
LEFT_OUT = (
    *("sessions", "families", "browsers", "codes", "devices", "once"),
    *("invites", "consents", "keys", "revocations"),
)
"""What a new epoch ends, or what may have been withdrawn since the backup."""
LONGEST_LINE = 2**26
NAME = "watchword_backup"
BROKEN = "The backup is damaged or cut short; nothing was restored."
NEWER = "This backup was made by a newer version of Watchword. Install that version, or a later one."
Kept = User | Client | Resource | Role


class BadArchive(ValueError):
    """A file that is no whole backup. The message is a sentence."""


class Header(NamedTuple):
    """What a backup says about itself."""

    made_at: datetime
    version: str
    store: str


class ArchiveWriter:
    """Makes the lines of a backup."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()
        self.counts: Counter[str] = Counter()

    def header(self, header: Header) -> bytes:
        """Return the first line."""
        about = {"version": header.version, "store": header.store, "left_out": LEFT_OUT}
        return self._line({NAME: FORMAT, "made_at": encode_time(header.made_at), **about})

    def record(self, kind: str, record: Kept) -> bytes:
        """Return the line of a record; `kind` is one of `KINDS`."""
        self.counts[kind] += 1
        return self._line({kind: KINDS[kind].encode(record)})

    def end(self) -> bytes:
        """Return the last line."""
        return self._line({"end": {"counts": dict(self.counts), "sha256": self._digest.hexdigest()}})

    def _line(self, value: object) -> bytes:
        line = json.dumps(value, separators=(",", ":"), allow_nan=False, default=dict).encode() + b"\n"
        self._digest.update(line)
        return line


def read_archive(lines: Iterable[bytes]) -> Iterator[Header | Kept]:
    """Yield the header, then every record. Only who reads to the end knows that the archive is whole.

    Raises:
        BadArchive: at the point where it is not.
    """
    digest, counts = hashlib.sha256(), Counter[str]()
    reading = iter(lines)
    first = next(reading, b"")
    yield _header(_parse(first))
    digest.update(first)
    for line in reading:
        (name, value), *more = _parse(line).items() or [("", None)]
        if name == "end":
            if value != {"counts": dict(counts), "sha256": digest.hexdigest()} or next(reading, b""):
                raise BadArchive(BROKEN)
            return
        if more or name not in KINDS:
            raise BadArchive(BROKEN)
        yield _record(name, value)
        digest.update(line)
        counts[name] += 1
    raise BadArchive(BROKEN)


def _parse(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise BadArchive(BROKEN) from None
    if not isinstance(value, dict):
        raise BadArchive(BROKEN)
    return value


def _header(value: Mapping[str, Any]) -> Header:
    if NAME not in value:
        raise BadArchive("This is no backup of Watchword.")
    if value[NAME] != FORMAT:
        raise BadArchive(NEWER)
    try:
        return Header(decode_time(value["made_at"]), str(value["version"]), str(value["store"]))
    except (KeyError, ValueError):
        raise BadArchive(BROKEN) from None


def _record(kind: str, value: object) -> Kept:
    try:
        record: Kept = KINDS[kind].decode(value)
    except LookupError:
        raise BadArchive(NEWER) from None
    except (TypeError, ValueError):
        raise BadArchive(BROKEN) from None
    return record
