"""A refresh family with its session and its person by one statement: a trip to the database costs more than a join."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, String, Table, and_, bindparam, cast, select

from watchword.core.models.grants import RefreshFamily
from watchword.core.models.identity import User
from watchword.core.models.sessions import Session
from watchword.ports.grants import Holding
from watchword.stores.sql.rows import Row
from watchword.stores.sql.tables import families, sessions, user_roles, users

USER: BindParameter[Any] = bindparam("by_user")
ASKED = select(cast(USER, String).label("user_id")).subquery("asked")
"""One row always, for any of the three may be missing."""


def _labels(table: Table) -> Mapping[str, str]:
    """Return labels that no column of another table has, by the names of the table's own."""
    return {column.name: f"{table.name}_{column.name}" for column in table.columns}


LABELS = {table: _labels(table) for table in (families, sessions, users)}
COLUMNS = [table.c[name].label(label) for table, labels in LABELS.items() for name, label in labels.items()]
IS_ASKED = and_(families.c.user_id == ASKED.c.user_id, families.c.id == bindparam("by_id"))
IS_ITS_SESSION = and_(sessions.c.user_id == families.c.user_id, sessions.c.id == families.c.session_id)
FIND_HOLDING = (
    select(*COLUMNS, user_roles.c.role)
    .select_from(
        ASKED.outerjoin(families, IS_ASKED)
        .outerjoin(sessions, IS_ITS_SESSION)
        .outerjoin(users, users.c.id == ASKED.c.user_id)
        .outerjoin(user_roles, user_roles.c.user_id == users.c.id)
    )
    .order_by(user_roles.c.role)
)


def to_holding(rows: Sequence[Row]) -> Holding:
    """Return what rows of `FIND_HOLDING` say: one for each role of the person, one without a role, or none at all."""
    if not rows:
        return Holding(None, None, None)
    family, session, user = (_part(rows[0]._mapping, table) for table in (families, sessions, users))
    roles = tuple(row.role for row in rows if row.role is not None)
    return Holding(
        RefreshFamily(**family) if family else None,
        Session(**session) if session else None,
        User(**user, roles=roles) if user else None,
    )


def _part(values: Mapping[Any, Any], table: Table) -> dict[str, Any] | None:
    """Return the values of one table by its own names; None where it has no such row."""
    labels = LABELS[table]
    return {name: values[label] for name, label in labels.items()} if values[labels["id"]] is not None else None
