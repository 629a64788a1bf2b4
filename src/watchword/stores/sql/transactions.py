"""Statements on one connection, and the one place where a driver's errors become ours."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.rows import Row

UNSTORABLE = (UnicodeEncodeError, OverflowError)
"""What drivers raise for a value that no row can hold, such as a lone surrogate: such a row does not exist."""

Values = Mapping[str, Any]


class ConstraintBroken(ValueError):
    """A row was refused. `constraint` is `table.column` (first column) of a unique one, or `FOREIGN KEY`."""

    def __init__(self, constraint: str) -> None:
        super().__init__(f"a row like this exists, or one that it needs does not: {constraint}")
        self.constraint = constraint


class Transaction(ABC):
    """Statements on one connection, on its thread: inside one write transaction, or reads one after the other.

    Args:
        connection: for what needs all of SQLAlchemy, such as changes of the schema.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @abstractmethod
    def first(self, statement: Executable, values: Values) -> Row | None:
        """Return the first row, or None. A value that no row can hold finds none."""

    @abstractmethod
    def all(self, statement: Executable, values: Values) -> Sequence[Row]:
        """Return the rows. A value that no row can hold finds none."""

    @abstractmethod
    def count(self, statement: Executable, values: Values) -> int:
        """Return how many rows were changed."""

    @abstractmethod
    def run(self, statement: Executable, values: Values | Sequence[Values]) -> None:
        """Run a statement (for each of several values), raising `ValueError` for a value that no row can hold."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of the driver, the pool and the file system into ours.

    Raises:
        ConstraintBroken: where a constraint refused a row.
        ValueError, TypeError: for a value that cannot be stored (a mistake of the caller).
        StoreUnavailable: for everything else.
    """
    try:
        yield
    except IntegrityError as error:
        raise ConstraintBroken(_constraint(str(error.orig))) from None
    except sqlite3.IntegrityError as error:
        raise ConstraintBroken(_constraint(str(error))) from None
    except DBAPIError as error:
        raise StoreUnavailable(hint=f"{type(error.orig).__name__}: {error.orig}") from error
    except StatementError as error:
        if isinstance(error.orig, (ValueError, TypeError)):
            raise error.orig from None
        raise
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise StoreUnavailable(hint=f"{type(error).__name__}: {error}") from error


def _constraint(message: str) -> str:
    """`UNIQUE constraint failed: table.column, table.other` -> `table.column`."""
    kind, _, columns = message.partition(" constraint failed")
    return columns.lstrip(": ").split(",")[0] or kind
