"""Users in SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import BindParameter, Executable, bindparam, delete, insert, or_, select, true, update

from watchword.core.account_errors import Conflict
from watchword.core.models.identity import User
from watchword.ports.identity import Added, Change, Keep, add_each
from watchword.stores.sql.bulk import add_many, find_by_logins
from watchword.stores.sql.database import ConstraintBroken, Database, Transaction, Values
from watchword.stores.sql.profiles import set_profile
from watchword.stores.sql.records import to_users, values_of
from watchword.stores.sql.tables import roles, user_roles, users

USER: BindParameter[Any] = bindparam("by_user")
KEY: BindParameter[Any] = bindparam("by_key")

WITH_ROLES = select(users, user_roles.c.role).outerjoin(user_roles, user_roles.c.user_id == users.c.id)
FIND = WITH_ROLES.where(users.c.id == USER).order_by(user_roles.c.role)
FIND_BY_LOGIN = WITH_ROLES.where(or_(users.c.username_key == KEY, users.c.email_key == KEY)).order_by(user_roles.c.role)
PAGE = select(users).where(users.c.id > bindparam("after")).order_by(users.c.id).limit(bindparam("rows")).subquery()
LIST = (
    select(PAGE, user_roles.c.role)
    .outerjoin(user_roles, user_roles.c.user_id == PAGE.c.id)
    .order_by(PAGE.c.id, user_roles.c.role)
)
USER_EXISTS = select(users.c.id).where(users.c.id == USER)

ADD = insert(users)
CHOSEN_ROLES = (
    select(users.c.id, roles.c.name)
    .select_from(users.join(roles, true()))
    .where(users.c.id == USER, roles.c.name.in_(bindparam("names", expanding=True)))
)
GRANT = insert(user_roles).from_select(["user_id", "role"], CHOSEN_ROLES).returning(user_roles.c.role)
MINE = user_roles.c.user_id == USER
WITHDRAW = delete(user_roles).where(MINE, user_roles.c.role == bindparam("by_role")).returning(user_roles.c.role)

ONE_USER = update(users).where(users.c.id == USER).returning(users.c.id)
NEXT_VERSION = {users.c.credential_version: users.c.credential_version + 1, users.c.updated_at: bindparam("now")}
CHANGE_PASSWORD = ONE_USER.where(users.c.credential_version == bindparam("expected")).values(
    {users.c.password_hash: bindparam("new_hash"), **NEXT_VERSION}
)
UPGRADE_HASH = ONE_USER.where(users.c.password_hash == bindparam("old_hash")).values(
    password_hash=bindparam("new_hash")
)
DISABLE = ONE_USER.where(users.c.disabled_at.is_(None)).values({users.c.disabled_at: bindparam("now"), **NEXT_VERSION})
ENABLE = ONE_USER.where(users.c.disabled_at.is_not(None)).values({users.c.disabled_at: None, **NEXT_VERSION})
WITHDRAW_ALL = delete(user_roles).where(MINE)
DELETE = delete(users).where(users.c.id == USER).returning(users.c.id)

TAKEN: Mapping[str, Added] = {
    "watchword_users.username_key": Added.USERNAME_TAKEN,
    "watchword_users.email_key": Added.EMAIL_TAKEN,
}


class SqlUsers:
    """Accounts (see `ports.identity.Users`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user: User) -> Added:
        """Store a new account with those of its roles that exist, unless a key is taken."""
        values = values_of(user)
        names = values.pop("roles")

        def work(transaction: Transaction) -> None:
            transaction.run(ADD, values)
            if names:
                transaction.run(GRANT, {"by_user": user.id, "names": list(names)})

        try:
            await self._database.write(work)
        except ConstraintBroken as broken:
            taken = TAKEN.get(broken.constraint) or await self._find_taken(user)
            if taken is None:
                raise
            return taken
        return Added.ADDED

    async def _find_taken(self, user: User) -> Added | None:
        """Say what is taken where the id was found to be first: databases differ in what they check first."""
        if await self.find_by_login(user.username_key):
            return Added.USERNAME_TAKEN
        return Added.EMAIL_TAKEN if user.email_key and await self.find_by_login(user.email_key) else None

    async def add_many(self, users: Sequence[User]) -> Sequence[Added]:
        """Store those new accounts whose keys are free, with those of their roles that exist."""
        if not users:
            return []
        try:
            outcomes = await self._database.write(partial(add_many, people=users))
        except ConstraintBroken:  # a role went at that moment
            return await add_each(self, users)
        return [outcome or await self.add(user) for user, outcome in zip(users, outcomes, strict=True)]

    async def find(self, user_id: str) -> User | None:
        """Return the account with its roles (sorted), or None."""
        return next(iter(to_users(await self._database.rows(FIND, {"by_user": user_id}))), None)

    async def find_by_login(self, key: str) -> User | None:
        """Return the account with this username key or e-mail key, or None."""
        return next(iter(to_users(await self._database.rows(FIND_BY_LOGIN, {"by_key": key}))), None)

    async def find_by_logins(self, keys: Sequence[str]) -> Sequence[User]:
        """Return the accounts with any of these username or e-mail keys."""
        return await self._database.look(partial(find_by_logins, keys=keys))

    async def list(self, *, limit: int, after: str | None = None) -> Sequence[User]:
        """Return up to `limit` accounts in the order of their ids, from behind `after`."""
        return to_users(await self._database.rows(LIST, {"rows": limit, "after": after or ""}))

    async def change_profile(
        self,
        user_id: str,
        *,
        now: datetime,
        email: str | Keep | None = Keep.KEEP,
        email_key: str | None = None,
        profile: Mapping[str, Any] | Keep = Keep.KEEP,
        expected_profile: Mapping[str, Any] | Keep = Keep.KEEP,
    ) -> Change:
        """Set e-mail, profile, or both. TAKEN if the e-mail is another's, STALE if the profile is not as expected."""
        values: dict[str, Any] = {"by_user": user_id, "now": now}
        if not isinstance(email, Keep):
            values |= {"new_email": email, "new_email_key": email_key}
        if not isinstance(profile, Keep):
            values |= {"new_profile": profile}
        try:
            return await self._database.write(partial(set_profile, expected=expected_profile, values=values))
        except ConstraintBroken as broken:
            if broken.constraint in TAKEN:
                return Change.TAKEN
            raise

    async def change_password(
        self, user_id: str, *, password_hash: str, expected_version: int, now: datetime
    ) -> Change:
        """Set the hash and raise `credential_version` if it is still `expected_version`, else STALE."""
        values = {"new_hash": password_hash, "expected": expected_version, "now": now}
        return await self._change(CHANGE_PASSWORD, user_id, values, otherwise=Change.STALE)

    async def upgrade_hash(self, user_id: str, *, old_hash: str, new_hash: str) -> Change:
        """Replace the hash of the same password if it is still `old_hash`, else STALE. The version stays."""
        values = {"old_hash": old_hash, "new_hash": new_hash}
        return await self._change(UPGRADE_HASH, user_id, values, otherwise=Change.STALE)

    async def disable(self, user_id: str, *, now: datetime) -> Change:
        """Set `disabled_at` and raise `credential_version`, unless disabled already."""
        return await self._change(DISABLE, user_id, {"now": now}, otherwise=Change.UNCHANGED)

    async def enable(self, user_id: str, *, now: datetime) -> Change:
        """Clear `disabled_at` and raise `credential_version`, unless enabled already."""
        return await self._change(ENABLE, user_id, {"now": now}, otherwise=Change.UNCHANGED)

    async def grant_role(self, user_id: str, role: str) -> Change:
        """Give a role. ABSENT if the user or the role does not exist."""
        try:
            granted = await self._database.first(GRANT, {"by_user": user_id, "names": [role]})
        except ConstraintBroken:
            return Change.UNCHANGED
        return Change.ABSENT if granted is None else Change.CHANGED

    async def withdraw_role(self, user_id: str, role: str) -> Change:
        """Take a role away. ABSENT if the user does not exist; UNCHANGED if they did not have it."""
        return await self._change(WITHDRAW, user_id, {"by_role": role}, otherwise=Change.UNCHANGED)

    async def delete(self, user_id: str) -> Change:
        """Remove the account and its role assignments.

        Raises:
            Conflict: where an application's own rows refer to the account without `ondelete="CASCADE"`.
        """

        def work(transaction: Transaction) -> bool:
            transaction.count(WITHDRAW_ALL, {"by_user": user_id})
            return transaction.first(DELETE, {"by_user": user_id}) is not None

        try:
            deleted = await self._database.write(work)
        except ConstraintBroken as broken:
            raise Conflict("Other data still refers to this account.", hint=str(broken)) from broken
        return Change.CHANGED if deleted else Change.ABSENT

    async def _change(self, statement: Executable, user_id: str, values: Values, *, otherwise: Change) -> Change:
        """Run a conditional statement; if its condition did not hold, answer `otherwise`, or ABSENT without a user."""

        def work(transaction: Transaction) -> Change:
            if transaction.first(statement, {"by_user": user_id, **values}) is not None:
                return Change.CHANGED
            return otherwise if transaction.first(USER_EXISTS, {"by_user": user_id}) else Change.ABSENT

        return await self._database.write_one(work)
