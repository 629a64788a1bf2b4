"""Statements on the connections of a SQLite database, by its driver. A connection is open from its first use on."""

import sqlite3
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, Executable

from watchword.stores.sql.prepared import Prepared, SqliteRow, prepare
from watchword.stores.sql.transactions import UNSTORABLE, Transaction, Values, translated

MOST_PREPARED: Final = 500
"""More than this package has; beyond it there must be statements that are made anew each time, and all are dropped."""

Answer = TypeVar("Answer")


class SqliteTransaction(Transaction):
    """Statements on one connection, in the hands of one thread at a time.

    Args:
        connection: what a schema's tools need; its driver runs the statements.
        prepared: the statements of this database that were prepared so far.
    """

    def __init__(self, connection: Connection, prepared: dict[tuple[Any, ...], Prepared]) -> None:
        super().__init__(connection)
        self.driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]
        self._prepared = prepared

    def first(self, statement: Executable, values: Values) -> SqliteRow | None:
        """Return the first row, or None. A value that no row can hold finds none."""
        return next(iter(self.all(statement, values)), None)

    def all(self, statement: Executable, values: Values) -> Sequence[SqliteRow]:
        """Return the rows. A value that no row can hold finds none."""
        prepared = self._prepare(statement, values)
        try:
            cursor = self.driver.execute(*prepared.question(values))
            return prepared.rows(cursor.fetchall(), cursor.description)
        except UNSTORABLE:
            return ()

    def count(self, statement: Executable, values: Values) -> int:
        """Return how many rows were changed."""
        prepared = self._prepare(statement, values)
        try:
            return self.driver.execute(*prepared.question(values)).rowcount
        except UNSTORABLE:
            return 0

    def run(self, statement: Executable, values: Values | Sequence[Values]) -> None:
        """Run a statement (for each of several values), raising `ValueError` for a value that no row can hold."""
        if isinstance(values, Mapping):
            self.driver.execute(*self._prepare(statement, values).question(values)).fetchall()
        elif values:
            prepared = self._prepare(statement, values[0])
            self.driver.executemany(prepared.sql, map(prepared.parameters, values))

    def _prepare(self, statement: Executable, values: Values) -> Prepared:
        key = (statement, *values)
        found = self._prepared.get(key)
        if found is None:
            if len(self._prepared) >= MOST_PREPARED:
                self._prepared.clear()
            found = self._prepared[key] = prepare(statement, values, self.connection.dialect)
        return found


class Connections:
    """The connections of a database, one for each thread that works at the same moment.

    Args:
        engine: what opens them.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._prepared: dict[tuple[Any, ...], Prepared] = {}
        self._free: deque[SqliteTransaction] = deque()

    def look(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function that only reads. Raises as `translated` says."""
        with translated():
            transaction = self._take()
            try:
                return work(transaction)
            finally:
                self._give_back(transaction)

    def commit(self, works: Sequence[Callable[[Transaction], Any]]) -> list[Any]:
        """Run functions in one write transaction: durable when this returns, undone when one of them raises.

        It begins with BEGIN IMMEDIATE, so it waits for its turn at the start and never fails half-way.
        """
        with translated():
            transaction = self._take()
            try:
                transaction.driver.execute("BEGIN IMMEDIATE")
                answers = [work(transaction) for work in works]
                transaction.driver.execute("COMMIT")
                return answers
            finally:
                self._give_back(transaction)

    def close(self) -> None:
        """Close those that nobody uses."""
        while self._free:
            self._free.pop().connection.close()
        self._engine.dispose()

    def _take(self) -> SqliteTransaction:
        try:
            return self._free.pop()
        except IndexError:
            return SqliteTransaction(self._engine.connect(), self._prepared)

    def _give_back(self, transaction: SqliteTransaction) -> None:
        """Undo what was not committed, for SQLAlchemy too where it was used. What cannot is closed, which undoes it."""
        try:
            if transaction.driver.in_transaction:
                transaction.driver.execute("ROLLBACK")
        except sqlite3.Error:
            transaction.connection.invalidate()
            transaction.connection.close()
            raise
        if transaction.connection.in_transaction():
            transaction.connection.rollback()
        self._free.append(transaction)
