"""Records as JSON objects and back, member by member as the types of their fields say."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


class Codec(NamedTuple):
    """How values of one type are written, and read back; reading raises `ValueError` for what it cannot be."""

    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def encode_time(at: datetime) -> str:
    """Return RFC 3339 UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def decode_time(value: object) -> datetime:
    """Return the aware UTC time. Raises `ValueError`."""
    at = datetime.fromisoformat(_checked(str)(value))
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC)


def _checked(kind: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:  # noqa: ANN401
        if type(value) is not kind:
            raise ValueError("a value of another type")
        return value

    return check


def _plain(kind: type) -> Codec:
    return Codec(lambda value: value, _checked(kind))


def _optional(codec: Codec) -> Codec:
    return Codec(
        lambda value: None if value is None else codec.encode(value),
        lambda value: None if value is None else codec.decode(value),
    )


def _several(codec: Codec, kind: Callable[[Any], Any]) -> Codec:
    return Codec(
        lambda values: [codec.encode(value) for value in (sorted(values) if kind is frozenset else values)],
        lambda values: kind(codec.decode(value) for value in _checked(list)(values)),
    )


PLAIN: Mapping[Any, Codec] = {
    str: _plain(str),
    bool: _plain(bool),
    int: _plain(int),
    bytes: Codec(bytes.hex, lambda value: bytes.fromhex(_checked(str)(value))),
    datetime: Codec(encode_time, decode_time),
    timedelta: Codec(timedelta.total_seconds, lambda value: timedelta(seconds=_checked(float)(value))),
    Mapping[str, Any]: Codec(dict, _checked(dict)),
}
"""By the type of a field; `codec_of` puts the codecs of other types together from these."""


def codec_of(hint: Any) -> Codec:  # noqa: ANN401  an annotation
    """Return how values of an annotated type are written and read.

    Raises:
        TypeError: no record has had a field of such a type so far.
    """
    if hint in PLAIN:
        return PLAIN[hint]
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (tuple, frozenset) and arguments[1:] in ((), (...,)):
        return _several(codec_of(arguments[0]), origin)
    if origin is UnionType and len(arguments) == 2 and arguments[1] is NoneType:  # noqa: PLR2004  `X | None`
        return _optional(codec_of(arguments[0]))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Codec(str, hint)
    if isinstance(hint, type) and is_dataclass(hint):
        inner: RecordCodec[Any] = RecordCodec(hint)
        return Codec(inner.encode, inner.decode)
    raise TypeError(f"no codec for {hint}")


class RecordCodec(Generic[Record]):
    """Writes and reads records of one kind.

    Args:
        kind: a frozen record, each of whose fields has a type that `codec_of` knows.
    """

    def __init__(self, kind: type[Record]) -> None:
        hints = get_type_hints(kind)
        self._kind = kind
        self._codecs = {field.name: codec_of(hints[field.name]) for field in fields(kind)}  # type: ignore[arg-type]

    def encode(self, record: Record) -> dict[str, Any]:
        """Return the record's fields as JSON can say them."""
        return {name: codec.encode(getattr(record, name)) for name, codec in self._codecs.items()}

    def decode(self, value: object) -> Record:
        """Return the record. Fields that are left out have their defaults.

        Raises:
            LookupError: it has a field that this version does not know.
            ValueError, TypeError: a value is not of its field's type, or a field without a default is left out.
        """
        members = _checked(dict)(value)
        return self._kind(**{name: self._codecs[name].decode(member) for name, member in members.items()})
