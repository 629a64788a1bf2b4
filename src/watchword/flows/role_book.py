"""All roles in memory, so that a request's permissions cost a dictionary look-up."""

from collections.abc import Iterable, Mapping

from watchword.core.accounts.permissions import permissions_of
from watchword.core.models.identity import Role
from watchword.ports.identity import Roles


class RoleBook:
    """The roles as they were last read. A role that is not stored gives nothing; `admin` always gives `admin`."""

    def __init__(self, store: Roles) -> None:
        self._store = store
        self._book: Mapping[str, Role] = {}
        self._known: dict[frozenset[str], frozenset[str]] = {}

    async def reload(self) -> None:
        """Read all roles anew. Raises `StoreUnavailable`; what was known then stays."""
        book = {role.name: role for role in await self._store.list()}
        if book != self._book:
            self._book, self._known = book, {}

    def has(self, name: str) -> bool:
        """Whether there is such a role."""
        return name in self._book

    def permissions(self, roles: Iterable[str]) -> frozenset[str]:
        """Return what these roles permit together; remembered until a role changes."""
        key = frozenset(roles)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = permissions_of(key, self._book)
        return found
