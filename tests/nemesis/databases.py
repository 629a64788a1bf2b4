"""The databases under test, each with what can be done to it. A new one joins by one entry in the table."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import mongo, postgres

from watchword.stores.open import open_stores


@dataclass(frozen=True)
class Database:
    """An empty database of one test.

    `check` raises unless the store is whole. `down` is a context in which the database does not work. Of a server,
    `kill` kills it and starts it again; `port` is where it listens, and `through` gives the URL by way of another port.
    """

    kind: str
    url: str
    check: Callable[[], None]
    down: Callable[[], AbstractContextManager[None]]
    kill: Callable[[], None] | None = None
    port: int = 0
    through: Callable[[int], str] = str
    server: Any = None


@contextmanager
def sqlite(_: object, place: Path) -> Iterator[Database]:
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


@contextmanager
def postgresql(server: Any, place: Path) -> Iterator[Database]:
    name = place.name.lower()[-60:].replace("-", "_")
    server.run(f'CREATE DATABASE "{name}"')

    def check() -> None:
        tables = server.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", name).split()
        server.run("CREATE EXTENSION IF NOT EXISTS amcheck", name)
        for table in tables:
            server.run(f"SELECT * FROM verify_heapam('{table}')", name)
        server.run(
            "SELECT bt_index_check(c.oid, true) FROM pg_class c JOIN pg_am a ON a.oid = c.relam "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.amname = 'btree' AND n.nspname = 'public'",
            name,
        )

    try:
        yield _of_server(
            "postgresql", server, check, url=server.url(name), through=lambda port: _moved(server, name, port)
        )
    finally:
        if server.running:
            server.run(f'DROP DATABASE "{name}" WITH (FORCE)')


def _moved(server: Any, name: str, port: int) -> str:
    return str(server.url(name)).replace(f":{server.port}/", f":{port}/")


@contextmanager
def mongodb(server: Any, place: Path) -> Iterator[Database]:
    name = "nemesis_" + place.name.lower()[-40:].replace("-", "_")
    url = server.url(name)

    def check() -> None:
        asyncio.run(_look_at_everything(url))

    try:
        yield _of_server("mongodb", server, check, url=url, through=lambda port: _moved(server, name, port))
    finally:
        mongo.drop(url)


async def _look_at_everything(url: str) -> None:
    stores = open_stores(url)
    try:
        await stores.check_schema()
        await stores.keys.list()
        await stores.users.list(limit=10_000)
    finally:
        await stores.close()


def _of_server(
    kind: str, server: Any, check: Callable[[], None], *, url: str, through: Callable[[int], str]
) -> Database:
    @contextmanager
    def down() -> Iterator[None]:
        server.kill()
        try:
            yield
        finally:
            server.start()

    def kill() -> None:
        server.kill()
        server.start()

    return Database(kind, url, check, down, kill, server.port, through, server)


@contextmanager
def no_server() -> Iterator[None]:
    yield


@dataclass(frozen=True)
class Kind:
    """How to start what a kind of database needs, and how to make one. `why_not` says why it cannot be used here."""

    why_not: Callable[[], str]
    server: Callable[[], AbstractContextManager[Any]]
    make: Callable[[Any, Path], AbstractContextManager[Database]]


DATABASES = {
    "sqlite": Kind(str, no_server, sqlite),
    "postgresql": Kind(postgres.why_not, lambda: postgres.running_server(durable=True), postgresql),
    "mongodb": Kind(mongo.why_not, mongo.running_server, mongodb),
}
SERVERS = [name for name, kind in DATABASES.items() if kind.server is not no_server]
