"""Column types that mean the same in every database: times as BIGINT milliseconds, documents as JSON text."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import BigInteger, Dialect, String, Text
from sqlalchemy.types import TypeDecorator

from watchword.core.models.client_metadata import ClientMetadata
from watchword.stores.encoding import MILLISECOND, from_json, from_ms, to_json, to_ms
from watchword.stores.metadata import metadata_document, metadata_of

Word = String().with_variant(String(collation="C"), "postgresql")
"""Text that is compared and sorted by its bytes, in every database and whatever the language of its server."""


class Time(TypeDecorator[datetime]):
    """An aware UTC time, in and out. A naive one raises `ValueError`."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Return milliseconds since the epoch."""
        return None if value is None else to_ms(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the aware UTC time."""
        return None if value is None else from_ms(value)


class Span(TypeDecorator[timedelta]):
    """A length of time as whole milliseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Return milliseconds."""
        return None if value is None else value // MILLISECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:  # noqa: ARG002
        """Return the length."""
        return None if value is None else value * MILLISECOND


class Document(TypeDecorator[Mapping[str, Any]]):
    """A JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, Any] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return canonical JSON."""
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Mapping[str, Any] | None:  # noqa: ARG002
        """Return a read-only mapping."""
        return None if value is None else MappingProxyType(from_json(value))


class Registered(TypeDecorator[ClientMetadata]):
    """What a client registered, as a JSON object."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: ClientMetadata | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return canonical JSON."""
        return None if value is None else to_json(metadata_document(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> ClientMetadata | None:  # noqa: ARG002
        """Return the record."""
        return None if value is None else metadata_of(from_json(value))


class Names(TypeDecorator[Collection[str]]):
    """A sequence of strings as a JSON array, read as a tuple."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return a JSON array."""
        return None if value is None else to_json(list(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Collection[str] | None:  # noqa: ARG002
        """Return a tuple."""
        return None if value is None else tuple(from_json(value))


class NameSet(Names):
    """A set of strings as a sorted JSON array, read as a frozenset. Equal sets are equal text."""

    cache_ok = True

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> str | None:
        """Return a sorted JSON array."""
        return None if value is None else super().process_bind_param(sorted(value), dialect)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Collection[str] | None:
        """Return a frozenset."""
        return None if value is None else frozenset(super().process_result_value(value, dialect) or ())


class Digests(TypeDecorator[tuple[bytes, ...]]):
    """A sequence of hashes as a JSON array of hexadecimal text. Equal sequences are equal text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[bytes, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Return a JSON array."""
        return None if value is None else to_json([digest.hex() for digest in value])

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[bytes, ...] | None:  # noqa: ARG002
        """Return a tuple."""
        return None if value is None else tuple(bytes.fromhex(digest) for digest in from_json(value))
