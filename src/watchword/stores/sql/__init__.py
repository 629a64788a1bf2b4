"""The SQL stores (SQLAlchemy Core)."""

from watchword.core.errors import ConfigError
from watchword.ports.bundle import Stores


def open_sqlite(path: str) -> Stores:
    """Return the stores of a SQLite file."""
    raise ConfigError(f"The SQLite store is not there yet ({path}).")
