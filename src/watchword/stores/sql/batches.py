"""Which rows one run of housekeeping deletes."""

from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select


def batch_of(*keys: ColumnElement[Any], where: ColumnElement[bool], in_order: bool = False) -> Select[Any]:
    """Return the keys of up to `rows` rows. Rows that another process is about to delete or change are passed over.

    It stands apart (`WITH`), for a subquery that takes locks may be run more than once. SQLite, where one transaction
    writes at a time, has no words for the locks and needs none.
    """
    chosen = select(*keys).where(where).limit(bindparam("rows")).with_for_update(skip_locked=True)
    return select((chosen.order_by(*keys) if in_order else chosen).cte("chosen", nesting=True))
