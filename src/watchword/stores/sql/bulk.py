"""Many accounts in a few statements: one insert that passes over conflicts, who conflicted by what, and finding."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import BindParameter, bindparam, insert, or_, select

from watchword.core.models.identity import User
from watchword.ports.identity import Added
from watchword.stores.encoding import is_storable
from watchword.stores.sql.database import Transaction
from watchword.stores.sql.records import to_users, values_of
from watchword.stores.sql.tables import roles, user_roles, users

ROLE_NAMES = select(roles.c.name)
GRANT_ALL = insert(user_roles)
USERNAMES = select(users.c.username_key).where(users.c.username_key.in_(bindparam("keys", expanding=True)))
EMAILS = select(users.c.email_key).where(users.c.email_key.in_(bindparam("keys", expanding=True)))
KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
FIND_ALL = (
    select(users, user_roles.c.role)
    .outerjoin(user_roles, user_roles.c.user_id == users.c.id)
    .where(or_(users.c.username_key.in_(KEYS), users.c.email_key.in_(KEYS)))
    .order_by(users.c.id, user_roles.c.role)
)
BATCH = 500
"""Keys that one statement asks for."""


def add_many(transaction: Transaction, people: Sequence[User]) -> list[Added | None]:
    """Add those whose identifiers are free, the first of several. None says: not added, and for no such reason."""
    rows = [values_of(user) for user in people]
    for row in rows:
        del row["roles"]
    statement = _insert_new(transaction.connection.dialect.name)
    added = {row.id for row in transaction.connection.execute(statement, rows)}
    _grant(transaction, [user for user in people if user.roles and user.id in added])
    refused = [user for user in people if user.id not in added]
    usernames = _stored(transaction, USERNAMES, [user.username_key for user in refused])
    emails = _stored(transaction, EMAILS, [user.email_key for user in refused if user.email_key is not None])
    new = [user for user in people if user.id in added]
    usernames -= {user.username_key for user in new}
    emails -= {user.email_key for user in new if user.email_key is not None}
    return [_outcome(user, added, usernames, emails) for user in people]


def find_by_logins(transaction: Transaction, keys: Sequence[str]) -> list[User]:
    """Return the accounts with any of these username or e-mail keys, in the order of their ids."""
    known = [key for key in keys if is_storable(key)]
    batches = (known[start : start + BATCH] for start in range(0, len(known), BATCH))
    found = {user.id: user for batch in batches for user in to_users(transaction.all(FIND_ALL, {"keys": batch}))}
    return [found[user_id] for user_id in sorted(found)]


def _grant(transaction: Transaction, people: Sequence[User]) -> None:
    if not people:
        return
    known = {row.name for row in transaction.all(ROLE_NAMES, {})}
    grants = [{"user_id": user.id, "role": role} for user in people for role in set(user.roles) & known]
    if grants:
        transaction.run(GRANT_ALL, grants)


def _stored(transaction: Transaction, statement: Any, keys: Sequence[str]) -> set[str]:  # noqa: ANN401
    batches = (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
    return {row[0] for batch in batches for row in transaction.all(statement, {"keys": batch})}


def _outcome(user: User, added: set[str], usernames: set[str], emails: set[str]) -> Added | None:
    """Say what happened to the next of the users, and note whose identifiers are taken from then on."""
    if user.id in added:
        added.remove(user.id)  # the same id again was not added
        usernames.add(user.username_key)
        emails.update(filter(None, [user.email_key]))
        return Added.ADDED
    if user.username_key in usernames:
        return Added.USERNAME_TAKEN
    return Added.EMAIL_TAKEN if user.email_key in emails else None


def _insert_new(dialect: str) -> Any:  # noqa: ANN401  each dialect has a class of its own
    """Return the insert that passes over conflicts. Each database has its own words for it, and only its own load."""
    words = import_module(f"sqlalchemy.dialects.{dialect}")
    return words.insert(users).on_conflict_do_nothing().returning(users.c.id)
