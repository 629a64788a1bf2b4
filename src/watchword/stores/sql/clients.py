"""Registered clients in SQL."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Executable, bindparam, delete, insert, select, update

from watchword.core.models.grants import Client
from watchword.ports.identity import Change
from watchword.stores.encoding import is_storable
from watchword.stores.sql.database import Database, Transaction, Values
from watchword.stores.sql.records import values_of
from watchword.stores.sql.tables import clients

ID: BindParameter[Any] = bindparam("by_id")
BATCH = 500

ADD = insert(clients)
FIND = select(clients).where(clients.c.id.in_(bindparam("ids", expanding=True))).order_by(clients.c.id)
LIST = select(clients).where(clients.c.id > bindparam("after")).order_by(clients.c.id).limit(bindparam("rows"))
EXISTS = select(clients.c.id).where(clients.c.id == ID)
ONE = update(clients).where(clients.c.id == ID).returning(clients.c.id)
EXPECTED: BindParameter[Any] = bindparam("expected", type_=clients.c.secret_hashes.type)
ROTATE = ONE.where(clients.c.secret_hashes == EXPECTED).values(
    secret_hashes=bindparam("new_hashes"), secret_salts=bindparam("new_salts")
)
REPLACED = ("name", "grants", "scopes", "first_party", "may_introspect", "metadata", "dynamic", "registration_hash")
REPLACE = ONE.where(clients.c.version == bindparam("expected_version")).values(
    version=clients.c.version + 1, **{name: bindparam(f"new_{name}") for name in REPLACED}
)
DISABLE = ONE.where(clients.c.disabled_at.is_(None)).values(disabled_at=bindparam("now"))
ENABLE = ONE.where(clients.c.disabled_at.is_not(None)).values(disabled_at=None)
DELETE = delete(clients).where(clients.c.id == ID).returning(clients.c.id)


class SqlClients:
    """Registered clients (see `ports.clients.Clients`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, client: Client) -> None:
        """Store a new client."""
        await self._database.run(ADD, values_of(client))

    async def find(self, client_ids: Collection[str]) -> Sequence[Client]:
        """Return those of these clients that exist, in the order of their ids."""
        ids = sorted(name for name in set(client_ids) if is_storable(name))
        found: list[Client] = []
        for start in range(0, len(ids), BATCH):
            rows = await self._database.rows(FIND, {"ids": ids[start : start + BATCH]})
            found += [Client(**row._mapping) for row in rows]
        return found

    async def list(self, *, limit: int, after: str | None = None) -> Sequence[Client]:
        """Return up to `limit` clients in the order of their ids, from behind `after`."""
        rows = await self._database.rows(LIST, {"rows": limit, "after": after or ""})
        return [Client(**row._mapping) for row in rows]

    async def replace(self, client: Client, *, expected_version: int) -> Change:
        """Store the client anew, but for its secrets, salts and `disabled_at`, if it is at `expected_version`."""
        new = {f"new_{name}": getattr(client, name) for name in REPLACED}
        values = {"expected_version": expected_version, **new}
        return await self._change(REPLACE, client.id, values, otherwise=Change.STALE)

    async def rotate_secret(
        self,
        client_id: str,
        *,
        expected: tuple[bytes, ...],
        secret_hashes: tuple[bytes, ...],
        secret_salts: tuple[bytes, ...] = (),
    ) -> Change:
        """Replace hashes and salts if the hashes are still `expected`, else STALE."""
        values = {"expected": expected, "new_hashes": secret_hashes, "new_salts": secret_salts}
        return await self._change(ROTATE, client_id, values, otherwise=Change.STALE)

    async def disable(self, client_id: str, *, now: datetime) -> Change:
        """Set `disabled_at`, unless disabled already."""
        return await self._change(DISABLE, client_id, {"now": now}, otherwise=Change.UNCHANGED)

    async def enable(self, client_id: str) -> Change:
        """Clear `disabled_at`, unless enabled already."""
        return await self._change(ENABLE, client_id, {}, otherwise=Change.UNCHANGED)

    async def delete(self, client_id: str) -> Change:
        """Remove the client."""
        return await self._change(DELETE, client_id, {}, otherwise=Change.ABSENT)

    async def _change(self, statement: Executable, client_id: str, values: Values, *, otherwise: Change) -> Change:
        """Run a conditional statement; if its condition did not hold, answer `otherwise`; ABSENT without a client."""

        def work(transaction: Transaction) -> Change:
            if transaction.first(statement, {"by_id": client_id, **values}) is not None:
                return Change.CHANGED
            return otherwise if transaction.first(EXISTS, {"by_id": client_id}) else Change.ABSENT

        return await self._database.write_one(work)
