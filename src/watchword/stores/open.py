"""Opens the stores that a database URL names. Drivers are imported only when their database is asked for."""

from collections.abc import Callable, Mapping
from functools import partial

from watchword.core.errors import ConfigError
from watchword.ports.bundle import Stores

WORKING = (
    "Use sqlite:///path/to/file.db, postgresql://user:password@host/database, mongodb://host/database, "
    "or memory:// for tests."
)


def open_stores(url: str) -> Stores:
    """Return the stores of `memory://`, `sqlite:///path`, `postgresql://...` or `mongodb://...`. Opens no connection.

    Raises:
        ConfigError: for any other URL. The message never repeats the URL, which may hold a password.
    """
    scheme, separator, rest = url.partition("://")
    opener = OPENERS.get(scheme.lower().removesuffix("+asyncpg"))
    if not separator or opener is None:
        raise ConfigError(f"WATCHWORD_DATABASE_URL names no database that Watchword knows. {WORKING}")
    return opener(rest)


def _open_memory(rest: str) -> Stores:
    from watchword.stores.memory import open_memory

    if rest:
        raise ConfigError("WATCHWORD_DATABASE_URL for the memory store is memory:// and nothing more.")
    return open_memory()


def _open_sqlite(rest: str) -> Stores:
    from watchword.stores.sql import open_sqlite

    path = rest.removeprefix("/")
    if rest == path or not path:
        raise ConfigError(
            f"WATCHWORD_DATABASE_URL for SQLite needs three slashes and a file: sqlite:///watchword.db. {WORKING}"
        )
    if ":memory:" in path:
        raise ConfigError("SQLite in memory is not supported, as it cannot be shared. Use memory:// for tests.")
    if "?" in path or "#" in path or "\0" in path:
        raise ConfigError("WATCHWORD_DATABASE_URL for SQLite takes a path only: no ?, # or NUL.")
    return open_sqlite(path)


def _open_postgres(rest: str) -> Stores:
    from watchword.stores.sql import open_postgres

    return open_postgres(rest)


def _open_mongo(scheme: str, rest: str) -> Stores:
    try:
        from watchword.stores.mongo import open_mongo
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("pymongo", "bson"):
            raise
        raise ConfigError('MongoDB needs its driver: pip install "watchword[mongo]"') from None
    return open_mongo(f"{scheme}://{rest}")


OPENERS: Mapping[str, Callable[[str], Stores]] = {
    "memory": _open_memory,
    "sqlite": _open_sqlite,
    "postgresql": _open_postgres,
    "postgres": _open_postgres,
    "mongodb": partial(_open_mongo, "mongodb"),
    "mongodb+srv": partial(_open_mongo, "mongodb+srv"),
}
