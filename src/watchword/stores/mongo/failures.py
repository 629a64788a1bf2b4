"""The one place where the driver's errors become ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from bson.errors import InvalidDocument, InvalidStringData
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError

from watchword.core.errors import StoreUnavailable

UNSTORABLE = (UnicodeEncodeError, OverflowError, InvalidStringData)
"""What is raised for a value that no document can hold, such as a lone surrogate: such a document does not exist."""


class AlreadyStored(ValueError):
    """A document with the same value of a unique index exists."""

    def __init__(self) -> None:
        super().__init__("a document like this exists")


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of the driver and the network into ours. No hint holds a value: the server's messages may.

    Raises:
        AlreadyStored: where a unique index refused a document.
        ValueError: for a value that cannot be stored (a mistake of the caller).
        StoreUnavailable: for everything else. A time-out, an election, a write that no majority confirmed in time:
            what was asked for may have been done or not.
    """
    try:
        yield
    except (DuplicateKeyError, BulkWriteError):
        raise AlreadyStored from None
    except (OverflowError, InvalidDocument, InvalidStringData) as error:
        raise ValueError(f"this cannot be stored: {type(error).__name__}") from None
    except OperationFailure as error:
        name = (error.details or {}).get("codeName", "")
        raise StoreUnavailable(hint=f"{type(error).__name__}: {error.code} {name}".rstrip()) from None
    except (PyMongoError, OSError) as error:
        raise StoreUnavailable(hint=f"{type(error).__name__}: {error}") from error
