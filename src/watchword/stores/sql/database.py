"""What the SQL stores ask of a database: to run a function over statements, on a thread or on a connection."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, Executable, Index, text

from watchword.stores.sql.rows import Row
from watchword.stores.sql.transactions import ConstraintBroken, Transaction, Values

__all__ = ["ConstraintBroken", "Database", "Transaction", "Values"]

PING = text("SELECT 1")

Answer = TypeVar("Answer")


class Database(ABC):
    """One database. It belongs to no event loop."""

    @abstractmethod
    async def look(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function that only reads."""

    @abstractmethod
    async def write(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function in a write transaction: durable when this returns, undone when the function raises.

        The function does nothing but run statements, for it may run twice.
        """

    async def write_one(self, work: Callable[[Transaction], Answer]) -> Answer:
        """Run a function in which one statement at most writes, by a condition of its own, and the others only read.

        Then no transaction need span them, which saves two trips where the database is a server. But a server that was
        stopped may run that one statement when it goes on, long after the caller was told that the store is
        unavailable: so it must do no harm then. What ends a thing may come late; what spends one may not.
        """
        return await self.write(work)

    async def upgrade(self, work: Callable[[Connection], None]) -> None:
        """Run a function that changes the schema, all or nothing, one at a time among all processes."""
        await self.write(lambda transaction: work(transaction.connection))

    def make_index(self, connection: Connection, index: Index) -> None:
        """Make an index of a table that may be big, inside `upgrade`."""
        index.create(connection, checkfirst=True)

    def announce(self, transaction: Transaction) -> None:  # noqa: B027  most have nobody to tell
        """Tell who waits for the feed that it grew, when and only if the transaction is committed."""

    @abstractmethod
    async def close(self) -> None:
        """Let what is under way finish and free every connection. Whatever comes later raises `StoreUnavailable`."""

    async def rows(self, statement: Executable, values: Values) -> Sequence[Row]:
        """Run one reading statement. A value that no row can hold finds none."""
        return await self.look(lambda transaction: transaction.all(statement, values))

    async def first(self, statement: Executable, values: Values) -> Row | None:
        """Run one statement as a write transaction, and return its first row, or None."""
        return await self.write_one(lambda transaction: transaction.first(statement, values))

    async def count(self, statement: Executable, values: Values) -> int:
        """Run one statement as a write transaction, and return how many rows were changed."""
        return await self.write_one(lambda transaction: transaction.count(statement, values))

    async def run(self, statement: Executable, values: Values | Sequence[Values]) -> None:
        """Run one statement (for each of several values) as a write transaction."""
        await self.write(lambda transaction: transaction.run(statement, values))

    async def ping(self) -> None:
        """Raise `StoreUnavailable` unless the database answers."""
        await self.rows(PING, {})
