"""Roles in memory."""

from collections.abc import Sequence

from watchword.core.models.identity import Role
from watchword.ports.identity import Change
from watchword.stores.memory.state import State, kept


class MemoryRoles:
    """Roles and their permissions (see `ports.identity.Roles`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list(self) -> Sequence[Role]:
        """Return all roles by name."""
        with self._state.lock:
            return [role for _, role in sorted(self._state.roles.items())]

    async def put(self, role: Role) -> Change:
        """Make or replace a role. CHANGED, or UNCHANGED if it was the same."""
        role = kept(role)
        with self._state.lock:
            if self._state.roles.get(role.name) == role:
                return Change.UNCHANGED
            self._state.roles[role.name] = role
        return Change.CHANGED

    async def delete(self, name: str) -> Change:
        """Remove a role and take it from everyone. ABSENT if there is none."""
        with self._state.lock:
            if self._state.roles.pop(name, None) is None:
                return Change.ABSENT
            for members in self._state.members.values():
                members.discard(name)
        return Change.CHANGED

    async def has_members(self, name: str) -> bool:
        """Whether anyone holds this role."""
        with self._state.lock:
            return any(name in members for members in self._state.members.values())
