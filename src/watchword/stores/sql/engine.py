"""The engine of SQLite: the only module that knows what is special about this database.

It only opens connections and says nothing of transactions: those begin and end in `sqlite_transactions`.
"""

import logging
import os
import sqlite3
import stat
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, QueuePool, create_engine, event

_log = logging.getLogger("watchword.stores.sql")

BUSY_SECONDS = 10.0
"""How long a writer waits for writers of other processes."""
READERS = 7
"""Threads that read, each on a connection of its own, beside the one that writes."""
CONNECTIONS = READERS + 1
"""One writes; the others read beside it."""
OPEN_TO_STRANGERS = stat.S_IWGRP | stat.S_IRWXO
"""That a group may read the file can be meant so, for backups."""
PRAGMAS = ("synchronous=FULL", "foreign_keys=ON")


def sqlite_engine(path: str) -> Engine:
    """Return an engine over a SQLite file, which is made with mode 0600 when the first connection opens."""
    _warn_if_shared(path)
    engine = create_engine(
        URL.create("sqlite", database=path),
        creator=partial(_connect, path, BUSY_SECONDS),
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:  # noqa: ANN401  the driver's connection
        _prepare(connection)

    return engine


def _warn_if_shared(path: str) -> None:
    """Say so where a file that is there already is open to strangers: its mode is left as its owner made it."""
    file = Path(path)
    mode = stat.S_IMODE(file.stat().st_mode) if os.name == "posix" and file.exists() else 0
    if mode & OPEN_TO_STRANGERS:
        _log.warning("%s can be read or changed by others (mode %04o); run `chmod 600 %s`", file.name, mode, file.name)


def _connect(path: str, busy_seconds: float) -> sqlite3.Connection:
    """Open a file, making it for its owner alone if it is new. Transactions are ours: the driver begins none.

    A file that is there already is opened by SQLite alone: to close it here would drop the locks that connections of
    this process hold on it (POSIX advisory locks), and another process could take away the log that they write.
    """
    Path(path).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    return sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)


def _prepare(connection: sqlite3.Connection) -> None:
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()
    deadline = time.monotonic() + BUSY_SECONDS
    while not _writes_ahead(connection, deadline):
        time.sleep(0.02)


def _writes_ahead(connection: sqlite3.Connection, deadline: float) -> bool:
    """Switch to WAL. SQLite itself does not wait when several processes switch one new file at once."""
    try:
        connection.execute("PRAGMA journal_mode=WAL").close()
    except sqlite3.OperationalError as error:
        if "locked" not in str(error) or time.monotonic() > deadline:
            raise
        return False
    return True
