"""What PostgreSQL's errors mean to us. A hint has the message, never the details: those hold values of rows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError, StatementError
from sqlalchemy.schema import PrimaryKeyConstraint, UniqueConstraint

from watchword.core.errors import StoreUnavailable
from watchword.stores.sql.tables import metadata
from watchword.stores.sql.transactions import ConstraintBroken

FOREIGN_KEY = "FOREIGN KEY"

DRIVER_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
UNSTORABLE = (asyncpg.DataError, asyncpg.CharacterNotInRepertoireError)


class RunAgain(StoreUnavailable):
    """Nothing was done, and the same function may be run again at once."""


class ConnectionLost(StoreUnavailable):
    """The server ended the connection. What only read may be run again on another one."""


KINDS: Mapping[str | None, type[StoreUnavailable]] = {
    "": RunAgain,  # the driver knows that the server is about to end the connection, and sends nothing more
    "40001": RunAgain,  # serialization_failure
    "40P01": RunAgain,  # deadlock_detected
    "0A000": RunAgain,  # feature_not_supported: the plan of a prepared statement whose table changed
    "55P03": RunAgain,  # lock_not_available
    "08003": ConnectionLost,  # connection_does_not_exist
    "08006": ConnectionLost,  # connection_failure
    "57P01": ConnectionLost,  # admin_shutdown
    "57P02": ConnectionLost,  # crash_shutdown
}
"""What the states mean that are not simply StoreUnavailable (PostgreSQL's documentation, appendix A)."""


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of the driver, the pool and the network into ours.

    Raises:
        ConstraintBroken: where a constraint refused a row.
        ValueError, TypeError: for a value that cannot be stored (a mistake of the caller).
        RunAgain, ConnectionLost: some kinds of StoreUnavailable.
        StoreUnavailable: for everything else. A commit whose answer was lost may have happened.
    """
    try:
        yield
    except IntegrityError as error:
        raise ConstraintBroken(_constraint(error)) from None
    except DBAPIError as error:
        raise _refused(error) from None
    except StatementError as error:
        if isinstance(error.orig, (ValueError, TypeError)):
            raise error.orig from None
        raise
    except (SQLAlchemyError, *DRIVER_ERRORS) as error:
        raise StoreUnavailable(hint=_hint(error)) from None


def is_unstorable(error: DBAPIError) -> bool:
    """Whether the driver refused a value before it was sent, or the server one that holds NUL."""
    return isinstance(error.orig and error.orig.__cause__, UNSTORABLE)


def _refused(error: DBAPIError) -> Exception:
    if is_unstorable(error):
        return ValueError("a value cannot be stored")
    cause = (error.orig and error.orig.__cause__) or error.orig or error
    state = "" if type(cause) is asyncpg.InternalClientError else getattr(cause, "sqlstate", None)
    return KINDS.get(state, StoreUnavailable)(hint=_hint(cause))


def _hint(error: BaseException) -> str:
    return f"{type(error).__name__}: {getattr(error, 'message', None) or error}"


def _unique_constraints() -> Mapping[str, str]:
    """Return `table.column` (first column) by the name of each unique constraint."""
    return {
        str(constraint.name): f"{table.name}.{next(iter(constraint.columns)).name}"
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, (PrimaryKeyConstraint, UniqueConstraint))
    }


UNIQUE = _unique_constraints()


def _constraint(error: IntegrityError) -> str:
    cause = error.orig.__cause__ if error.orig else None
    if isinstance(cause, asyncpg.ForeignKeyViolationError):
        return FOREIGN_KEY
    name = str(getattr(cause, "constraint_name", None) or getattr(cause, "column_name", None))
    return UNIQUE.get(name, name)
