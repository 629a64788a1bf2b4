"""Registered resources in MongoDB."""

from collections.abc import Sequence

from watchword.core.errors import StoreUnavailable
from watchword.core.models.authorizations import Resource
from watchword.ports.identity import Change
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import ABSENT, Document, change_to, is_, to_document, to_record
from watchword.stores.mongo.failures import AlreadyStored

MOST_TRIES = 8
NAMES = ("name", "scopes", "access_ttl")


class MongoResources:
    """Registered resources (see `ports.authorizations.Resources`)."""

    def __init__(self, connection: Connection) -> None:
        self._resources = Collection(connection, "resources")

    async def list(self) -> Sequence[Resource]:
        """Return all resources by URI."""
        return [to_record(Resource, found) for found in await self._resources.find({}, order="_id")]

    async def put(self, resource: Resource) -> Change:
        """Make or replace a resource. CHANGED, or UNCHANGED if it was the same."""
        for _ in range(MOST_TRIES):
            now = await self._resources.find_settled({"_id": is_(resource.uri)})
            if now is not None and to_record(Resource, now) == resource:
                return Change.UNCHANGED
            if await self._replace(now, resource):
                return Change.CHANGED
        raise StoreUnavailable(hint="this resource changes all the time")

    async def delete(self, uri: str) -> Change:
        """Remove a resource."""
        return Change.CHANGED if await self._resources.delete({"_id": is_(uri)}) else Change.ABSENT

    async def _replace(self, now: Document | None, resource: Resource) -> bool:
        """Store a resource, if it is still as it was read. Returns whether it was."""
        if now is not None:
            as_read = {name: is_(now[name]) if name in now else ABSENT for name in NAMES}
            return await self._resources.update({"_id": is_(resource.uri), **as_read}, change_to(resource, NAMES))
        try:
            await self._resources.insert(to_document(resource))
        except AlreadyStored:
            return False
        return True
