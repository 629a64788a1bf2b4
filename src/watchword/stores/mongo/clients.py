"""Registered clients in MongoDB."""

from collections.abc import Collection as Names
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime

from watchword.core.models.grants import Client
from watchword.ports.identity import Change
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import (
    ABSENT,
    PRESENT,
    Document,
    change_to,
    is_,
    kept,
    storable,
    to_document,
    to_record,
)

STAYS = ("id", "created_at", "disabled_at", "secret_hashes", "secret_salts")
REPLACED = tuple(field.name for field in fields(Client) if field.name not in STAYS)
"""What `replace` sets."""


class MongoClients:
    """Registered clients (see `ports.clients.Clients`)."""

    def __init__(self, connection: Connection) -> None:
        self._clients = Collection(connection, "clients")

    async def add(self, client: Client) -> None:
        """Store a new client."""
        await self._clients.insert(to_document(client))

    async def find(self, client_ids: Names[str]) -> Sequence[Client]:
        """Return those of these clients that exist, in the order of their ids."""
        ids = storable(client_ids)
        found = await self._clients.find({"_id": {"$in": ids}}, order="_id") if ids else []
        return [to_record(Client, document) for document in found]

    async def list(self, *, limit: int, after: str | None = None) -> Sequence[Client]:
        """Return up to `limit` clients in the order of their ids, from behind `after`."""
        found = await self._clients.find({"_id": {"$gt": after or ""}}, limit=limit, order="_id") if limit else []
        return [to_record(Client, document) for document in found]

    async def replace(self, client: Client, *, expected_version: int) -> Change:
        """Store the client anew, but for its secrets, salts and `disabled_at`, if it is at `expected_version`."""
        change = change_to(replace(client, version=expected_version + 1), REPLACED)
        return await self._change(client.id, {"version": is_(expected_version)}, change, otherwise=Change.STALE)

    async def rotate_secret(
        self,
        client_id: str,
        *,
        expected: tuple[bytes, ...],
        secret_hashes: tuple[bytes, ...],
        secret_salts: tuple[bytes, ...] = (),
    ) -> Change:
        """Replace hashes and salts if the hashes are still `expected`, else STALE."""
        guard = {"secret_hashes": is_(kept(secret_hashes=expected)["secret_hashes"])}
        change = {"$set": kept(secret_hashes=secret_hashes, secret_salts=secret_salts)}
        return await self._change(client_id, guard, change, otherwise=Change.STALE)

    async def disable(self, client_id: str, *, now: datetime) -> Change:
        """Set `disabled_at`, unless disabled already."""
        change = {"$set": kept(disabled_at=now)}
        return await self._change(client_id, {"disabled_at": ABSENT}, change, otherwise=Change.UNCHANGED)

    async def enable(self, client_id: str) -> Change:
        """Clear `disabled_at`, unless enabled already."""
        change = {"$unset": {"disabled_at": ""}}
        return await self._change(client_id, {"disabled_at": PRESENT}, change, otherwise=Change.UNCHANGED)

    async def delete(self, client_id: str) -> Change:
        """Remove the client."""
        return Change.CHANGED if await self._clients.delete({"_id": is_(client_id)}) else Change.ABSENT

    async def _change(self, client_id: str, guard: Document, change: Document, *, otherwise: Change) -> Change:
        """Change what the guard holds for; if it did not, answer `otherwise`; ABSENT without a client."""
        this = {"_id": is_(client_id)}
        if await self._clients.update({**this, **guard}, change):
            return Change.CHANGED
        return otherwise if await self._clients.find_settled(this) else Change.ABSENT
