"""Statements on one connection to PostgreSQL, where a value that no row can hold must not end the transaction."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable, Row
from sqlalchemy.exc import DBAPIError

from watchword.stores.sql.postgres_errors import is_unstorable
from watchword.stores.sql.transactions import UNSTORABLE, Transaction, Values


class PostgresTransaction(Transaction):
    """Statements inside one write transaction, or one after the other (see `Transaction`)."""

    def first(self, statement: Executable, values: Values) -> Row[Any] | None:
        """Return the first row, or None. A value that no row can hold finds none."""
        try:
            return self._execute(statement, values).first()
        except UNSTORABLE:
            return None

    def all(self, statement: Executable, values: Values) -> Sequence[Row[Any]]:
        """Return the rows. A value that no row can hold finds none."""
        try:
            return self._execute(statement, values).all()
        except UNSTORABLE:
            return ()

    def count(self, statement: Executable, values: Values) -> int:
        """Return how many rows were changed."""
        try:
            return self._execute(statement, values).rowcount
        except UNSTORABLE:
            return 0

    def run(self, statement: Executable, values: Values | Sequence[Values]) -> None:
        """Run a statement (for each of several values), raising `ValueError` for a value that no row can hold."""
        self._execute(statement, values)

    def _execute(self, statement: Executable, values: Values | Sequence[Values]) -> CursorResult[Any]:
        for text in _texts(values):
            check_storable(text)
        try:
            return self.connection.execute(statement, values)
        except DBAPIError as error:
            if is_unstorable(error):
                raise OverflowError("a value is out of the range of its column") from None
            raise


def check_storable(text: str) -> str:
    """Return text that PostgreSQL can hold.

    Raises:
        UnicodeEncodeError: it holds NUL, which the server would refuse, or half of a surrogate pair.
    """
    if not text.isascii():
        text.encode()
    if "\0" in text:
        raise UnicodeEncodeError("utf-8", text, text.index("\0"), text.index("\0") + 1, "NUL cannot be stored")
    return text


def _texts(values: Values | Sequence[Values]) -> Iterator[str]:
    """Yield what is sent as text. Tuples and sets go as JSON, which can hold any text."""
    for row in [values] if not isinstance(values, Sequence) else values:
        for value in row.values():
            if isinstance(value, str):
                yield value
            elif isinstance(value, list):
                yield from value
