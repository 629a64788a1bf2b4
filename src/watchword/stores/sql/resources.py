"""Registered resources, and what may be used once, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, insert, select, update

from watchword.core.models.authorizations import Resource
from watchword.ports.identity import Change
from watchword.stores.sql.batches import batch_of
from watchword.stores.sql.database import ConstraintBroken, Database, Transaction
from watchword.stores.sql.records import values_of
from watchword.stores.sql.tables import resources, used_once

URI: BindParameter[Any] = bindparam("by_uri")
RESOURCES = select(resources).order_by(resources.c.uri)
RESOURCE = select(resources).where(resources.c.uri == URI)
ADD_RESOURCE = insert(resources)
CHANGE_RESOURCE = (
    update(resources)
    .where(resources.c.uri == URI)
    .values(name=bindparam("new_name"), scopes=bindparam("new_scopes"), access_ttl=bindparam("new_access_ttl"))
)
DELETE_RESOURCE = delete(resources).where(resources.c.uri == URI)


class SqlResources:
    """Registered resources (see `ports.authorizations.Resources`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> Sequence[Resource]:
        """Return all resources by URI."""
        return [Resource(**row._mapping) for row in await self._database.rows(RESOURCES, {})]

    async def put(self, resource: Resource) -> Change:
        """Make or replace a resource. CHANGED, or UNCHANGED if it was the same."""
        new = {"new_name": resource.name, "new_scopes": resource.scopes, "new_access_ttl": resource.access_ttl}

        def work(transaction: Transaction) -> Change:
            found = transaction.first(RESOURCE, {"by_uri": resource.uri})
            if found is None:
                transaction.run(ADD_RESOURCE, values_of(resource))
                return Change.CHANGED
            if Resource(**found._mapping) == resource:
                return Change.UNCHANGED
            transaction.count(CHANGE_RESOURCE, {"by_uri": resource.uri, **new})
            return Change.CHANGED

        try:
            return await self._database.write(work)
        except ConstraintBroken:  # another process made it at the same moment; now it is there
            return await self._database.write(work)

    async def delete(self, uri: str) -> Change:
        """Remove a resource."""
        gone = await self._database.count(DELETE_RESOURCE, {"by_uri": uri})
        return Change.CHANGED if gone else Change.ABSENT


NOW: BindParameter[Any] = bindparam("now")
KEY: BindParameter[Any] = bindparam("by_key")
CLAIM = insert(used_once)
CLAIM_AGAIN = (
    update(used_once)
    .where(used_once.c.key == KEY, used_once.c.expires_at <= NOW)
    .values(expires_at=bindparam("new_expires_at"))
    .returning(used_once.c.key)
)
USED = select(used_once.c.key).where(used_once.c.key == KEY)
SPENT = batch_of(used_once.c.key, where=used_once.c.expires_at <= NOW)
FORGET = delete(used_once).where(used_once.c.key.in_(SPENT))


class SqlUsedOnce:
    """What may be used once (see `ports.authorizations.UsedOnce`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, key: bytes, *, expires_at: datetime, now: datetime) -> bool:
        """Return True for exactly one caller, until `expires_at` of the first."""

        def work(transaction: Transaction) -> bool:
            if transaction.first(CLAIM_AGAIN, {"by_key": key, "now": now, "new_expires_at": expires_at}) is not None:
                return True
            if transaction.first(USED, {"by_key": key}) is not None:
                return False
            transaction.run(CLAIM, {"key": key, "expires_at": expires_at})
            return True

        try:
            return await self._database.write(work)
        except ConstraintBroken:  # another process claimed it at the same moment
            return False

    async def purge(self, *, now: datetime, limit: int) -> int:
        """Forget up to `limit` that have expired."""
        return await self._database.count(FORGET, {"now": now, "rows": limit})
