"""The databases under test, each with what can be done to it. A new one joins by one entry in the table."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Database:
    """An empty database of one test.

    `check` raises unless the store is whole. `stopped` is a context in which the database does not work.
    """

    kind: str
    url: str
    check: Callable[[], None]
    stopped: Callable[[], object]


@contextmanager
def sqlite(place: Path) -> Iterator[Database]:
    path = place / "nemesis.db"

    def check() -> None:
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []

    @contextmanager
    def locked() -> Iterator[None]:
        """Another process that holds the write lock and does not let go."""
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            finally:
                connection.execute("ROLLBACK")

    yield Database("sqlite", f"sqlite:///{path}", check, locked)


DATABASES = {"sqlite": sqlite}
