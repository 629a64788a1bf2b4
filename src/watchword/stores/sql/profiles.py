"""Sets an account's e-mail, its profile, or both, and writes nothing over what is left out."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BindParameter, bindparam, case, false, select, update

from watchword.ports.identity import Change, Keep
from watchword.stores.encoding import to_json
from watchword.stores.sql.database import Transaction, Values
from watchword.stores.sql.tables import users

USER: BindParameter[Any] = bindparam("by_user")
PROFILE = select(users.c.profile).where(users.c.id == USER).with_for_update()
"""The row is held from here on; SQLite, where one transaction writes at a time, has no such words and needs none."""
NEW_PROFILE: Mapping[str, Any] = {"profile": bindparam("new_profile")}
NEW_EMAIL: Mapping[str, Any] = {
    "email": bindparam("new_email"),
    "email_key": bindparam("new_email_key"),
    "email_verified": case(
        (users.c.email_key.is_not_distinct_from(bindparam("new_email_key")), users.c.email_verified), else_=false()
    ),
}
TOUCH = update(users).where(users.c.id == USER).returning(users.c.id).values(updated_at=bindparam("now"))
SET = {
    (False, False): TOUCH,
    (False, True): TOUCH.values(NEW_PROFILE),
    (True, False): TOUCH.values(NEW_EMAIL),
    (True, True): TOUCH.values({**NEW_EMAIL, **NEW_PROFILE}),
}
"""Statements by whether the e-mail and whether the profile is set."""


def set_profile(transaction: Transaction, *, expected: Mapping[str, Any] | Keep, values: Values) -> Change:
    """Set what `values` holds: `new_email` with `new_email_key`, `new_profile`, or both.

    Args:
        transaction: a write transaction.
        expected: STALE, and nothing is set, if the stored profile is another.
        values: with `by_user` and `now`.
    """
    stored = transaction.first(PROFILE, {"by_user": values["by_user"]})
    if stored is None:
        return Change.ABSENT
    if not isinstance(expected, Keep) and to_json(expected) != to_json(stored.profile):
        return Change.STALE
    statement = SET["new_email" in values, "new_profile" in values]
    return Change.CHANGED if transaction.first(statement, values) is not None else Change.ABSENT
