"""Roles that rows of an import ask for: which they get, and which nobody gets from a file."""

from collections.abc import Sequence

from watchword.core.account_errors import InvalidInput
from watchword.core.accounts.imports.acceptance import ImportRules
from watchword.core.accounts.imports.account import BadRow
from watchword.core.accounts.permissions import ADMIN, check_role_name
from watchword.core.models.identity import Role
from watchword.flows.admin import put_role
from watchword.flows.context import Context


class ImportedRoles:
    """Decides on roles, and makes those that may be made.

    Attributes:
        admins_left_out: how many rows asked for a role that administers, and did not get it.
        made: the names of the roles that were made, or would be.
    """

    def __init__(self, ctx: Context, rules: ImportRules) -> None:
        self.admins_left_out = 0
        self.made: set[str] = set()
        self._ctx, self._rules = ctx, rules

    async def allowed(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return the roles a person gets, sorted. A role that administers is given only where that was allowed.

        Raises:
            BadRow: a role does not exist, and none is made.
        """
        if self._rules.leave_out_roles or not names:
            return ()
        given = [name for name in set(names) if await self._may_give(name)]
        return tuple(sorted(given))

    async def _may_give(self, name: str) -> bool:
        if not self._ctx.roles.has(name) and name not in self.made:
            await self._make(name)
        if ADMIN in self._ctx.roles.permissions([name]) and not self._rules.admins:
            self.admins_left_out += 1
            return False
        return True

    async def _make(self, name: str) -> None:
        try:
            check_role_name(name)
        except InvalidInput:
            raise BadRow("has a role whose name cannot be one here (lower-case letters, digits, : . _ -)") from None
        if not self._rules.make_roles:
            raise BadRow(f"has the role {name}, which does not exist here (make it, or use --make-roles)")
        self.made.add(name)
        if not self._rules.dry_run:
            await put_role(self._ctx, Role(name=name))
