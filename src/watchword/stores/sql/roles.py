"""Roles in SQL."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, exists, insert, or_, select, update

from watchword.core.models.identity import Role
from watchword.ports.identity import Change
from watchword.stores.sql.database import ConstraintBroken, Database, Transaction
from watchword.stores.sql.records import values_of
from watchword.stores.sql.tables import roles, user_roles

ROLE: BindParameter[Any] = bindparam("by_role")
ROLES = select(roles).order_by(roles.c.name)
ROLE_EXISTS = select(roles.c.name).where(roles.c.name == ROLE)
ADD_ROLE = insert(roles)
CHANGE_ROLE = (
    update(roles)
    .where(
        roles.c.name == ROLE,
        or_(
            roles.c.permissions != bindparam("new_permissions", type_=roles.c.permissions.type),
            roles.c.description != bindparam("new_description"),
        ),
    )
    .values(permissions=bindparam("new_permissions"), description=bindparam("new_description"))
    .returning(roles.c.name)
)
WITHDRAW_FROM_ALL = delete(user_roles).where(user_roles.c.role == ROLE)
DELETE_ROLE = delete(roles).where(roles.c.name == ROLE).returning(roles.c.name)
HAS_MEMBERS = select(exists().where(user_roles.c.role == ROLE).label("found"))


class SqlRoles:
    """Roles and their permissions (see `ports.identity.Roles`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> Sequence[Role]:
        """Return all roles by name."""
        return [Role(**row._mapping) for row in await self._database.rows(ROLES, {})]

    async def put(self, role: Role) -> Change:
        """Make or replace a role. CHANGED, or UNCHANGED if it was the same."""
        values = {"by_role": role.name, "new_permissions": role.permissions, "new_description": role.description}

        def work(transaction: Transaction) -> Change:
            if transaction.first(CHANGE_ROLE, values) is not None:
                return Change.CHANGED
            if transaction.first(ROLE_EXISTS, values) is not None:
                return Change.UNCHANGED
            transaction.run(ADD_ROLE, values_of(role))
            return Change.CHANGED

        try:
            return await self._database.write(work)
        except ConstraintBroken:  # another process made it at the same moment; now it is there
            return await self._database.write(work)

    async def delete(self, name: str) -> Change:
        """Remove a role and take it from everyone. ABSENT if there is none."""

        def work(transaction: Transaction) -> Change:
            transaction.count(WITHDRAW_FROM_ALL, {"by_role": name})
            return Change.ABSENT if transaction.first(DELETE_ROLE, {"by_role": name}) is None else Change.CHANGED

        return await self._database.write(work)

    async def has_members(self, name: str) -> bool:
        """Whether anyone holds this role."""
        return any(row.found for row in await self._database.rows(HAS_MEMBERS, {"by_role": name}))
