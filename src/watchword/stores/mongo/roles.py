"""Roles in MongoDB. Taking a role from everyone is many documents; it can be finished by whoever comes next.

A deleted role stays as a mark with its generation (see `records`). Deleting sets the mark, and from then on nobody is
granted the role; then it is taken from everyone. Should the process die in between, the next `delete` does it again,
and `put` does before the role can live again.
"""

from collections.abc import Sequence

from watchword.core.errors import StoreUnavailable
from watchword.core.models.identity import Role
from watchword.ports.identity import Change
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import ABSENT, PRESENT, Document, is_, to_document, to_record
from watchword.stores.mongo.failures import AlreadyStored
from watchword.stores.mongo.records import membership

MOST_TRIES = 8


class MongoRoles:
    """Roles and their permissions (see `ports.identity.Roles`)."""

    def __init__(self, connection: Connection) -> None:
        self._roles = Collection(connection, "roles")
        self._users = Collection(connection, "users")

    async def list(self) -> Sequence[Role]:
        """Return all roles by name."""
        return [to_record(Role, found) for found in await self._roles.find({"deleted": ABSENT}, order="_id")]

    async def put(self, role: Role) -> Change:
        """Make or replace a role. CHANGED, or UNCHANGED if it was the same."""
        wanted = to_document(role)
        for _ in range(MOST_TRIES):
            now = await self._roles.find_settled({"_id": is_(role.name)})
            if now is not None and "deleted" not in now and all(now[name] == wanted[name] for name in wanted):
                return Change.UNCHANGED
            if await self._replace(now, wanted):
                return Change.CHANGED
        raise StoreUnavailable(hint="this role changes all the time")

    async def delete(self, name: str) -> Change:
        """Remove a role and take it from everyone. ABSENT if there is none."""
        found = await self._roles.find_settled({"_id": is_(name)})
        if found is None:
            return Change.ABSENT
        this = {"_id": is_(name), "generation": is_(found["generation"]), "deleted": ABSENT}
        deleted = await self._roles.update(this, {"$set": {"deleted": True}})
        await self._take_from_everyone(found)
        return Change.CHANGED if deleted else Change.ABSENT

    async def has_members(self, name: str) -> bool:
        """Whether anyone holds this role."""
        role = await self._roles.find_one({"_id": is_(name), "deleted": ABSENT})
        return role is not None and await self._users.find_one({"roles": {"$in": [membership(role)]}}) is not None

    async def _replace(self, now: Document | None, wanted: Document) -> bool:
        """Store a role, if it is still as it was read. Returns whether it was."""
        if now is None:
            return await self._insert({**wanted, "generation": 1})
        this = {name: is_(value) for name, value in now.items()}
        values = {name: value for name, value in wanted.items() if name != "_id"}
        if "deleted" not in now:
            return await self._roles.update({**this, "deleted": ABSENT}, {"$set": values})
        await self._take_from_everyone(now)
        revived = {"$set": {**values, "generation": now["generation"] + 1}, "$unset": {"deleted": ""}}
        return await self._roles.update({**this, "deleted": PRESENT}, revived)

    async def _insert(self, document: Document) -> bool:
        try:
            await self._roles.insert(document)
        except AlreadyStored:
            return False
        return True

    async def _take_from_everyone(self, role: Document) -> None:
        held = {"$in": [membership(role)]}
        await self._users.update_all({"roles": held}, {"$pull": {"roles": held}})
