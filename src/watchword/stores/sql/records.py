"""Rows to records and back: columns are named as fields, and column types do the rest."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from watchword.core.models.identity import User
from watchword.core.models.sessions import FeedEntry, Revocation
from watchword.stores.kept import Kept
from watchword.stores.sql.rows import Row


def values_of(record: Kept) -> dict[str, Any]:
    """Return the record's fields by name."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


def to_users(rows: Sequence[Row]) -> list[User]:
    """Return the users of rows that hold a user and one of their roles (or None) each, in the order of the rows."""
    users: dict[str, dict[str, Any]] = {}
    for row in rows:
        values = dict(row._mapping)
        role = values.pop("role")
        roles = users.setdefault(row.id, {**values, "roles": ()})["roles"]
        users[row.id]["roles"] = roles if role is None else (*roles, role)
    return [User(**values) for values in users.values()]


def to_entry(row: Row) -> FeedEntry:
    """Return a feed entry."""
    values = dict(row._mapping)
    return FeedEntry(sequence=values.pop("sequence"), revocation=Revocation(**values))
