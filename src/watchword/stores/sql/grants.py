"""Refresh families and signing keys in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, insert, select, tuple_, update

from watchword.core.models.grants import FamilyStatus, RefreshFamily, SigningKey
from watchword.ports.grants import Holding, KeyAdded, Rotation
from watchword.stores.sql.batches import batch_of
from watchword.stores.sql.database import ConstraintBroken, Database, Transaction
from watchword.stores.sql.holdings import FIND_HOLDING, to_holding
from watchword.stores.sql.records import values_of
from watchword.stores.sql.rows import Row
from watchword.stores.sql.tables import families, signing_keys

NOW: BindParameter[Any] = bindparam("now")
IS_MINE = families.c.user_id == bindparam("by_user")
IS_THIS = families.c.id == bindparam("by_id")
IS_ACTIVE = families.c.status == FamilyStatus.ACTIVE

ADD = insert(families)
FIND = select(families).where(IS_MINE, IS_THIS)
ROTATE = (
    update(families)
    .where(IS_MINE, IS_THIS, IS_ACTIVE, families.c.generation == bindparam("expected"))
    .where(families.c.idle_expires_at > NOW, families.c.expires_at > NOW)
    .values(
        generation=families.c.generation + 1,
        rotated_at=NOW,
        rotated_scopes=bindparam("new_scopes"),
        idle_expires_at=bindparam("new_idle_expires_at"),
    )
    .returning(families.c.generation)
)
REVOKE_ALL = update(families).where(IS_MINE, IS_ACTIVE).values(status=FamilyStatus.REVOKED)
REVOKE = REVOKE_ALL.where(IS_THIS)
REVOKE_SESSION = REVOKE_ALL.where(families.c.session_id == bindparam("by_session"))
EXPIRED = batch_of(families.c.user_id, families.c.id, where=families.c.expires_at < NOW)
PURGE = delete(families).where(tuple_(families.c.user_id, families.c.id).in_(EXPIRED))


class SqlRefreshFamilies:
    """Refresh families (see `ports.grants.RefreshFamilies`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, family: RefreshFamily) -> None:
        """Store a new family."""
        await self._database.run(ADD, values_of(family))

    async def find(self, user_id: str, family_id: str) -> RefreshFamily | None:
        """Return the family, revoked or expired too, or None."""
        rows = await self._database.rows(FIND, {"by_user": user_id, "by_id": family_id})
        return RefreshFamily(**rows[0]._mapping) if rows else None

    async def find_holding(self, user_id: str, family_id: str) -> Holding:
        """Return the family with its session and its person."""
        return to_holding(await self._database.rows(FIND_HOLDING, {"by_user": user_id, "by_id": family_id}))

    async def rotate(
        self,
        user_id: str,
        family_id: str,
        *,
        generation: int,
        scopes: frozenset[str],
        idle_expires_at: datetime,
        now: datetime,
    ) -> Rotation:
        """Go from `generation` to the next; exactly one caller gets ROTATED."""
        this = {"by_user": user_id, "by_id": family_id}
        values = {"expected": generation, "new_scopes": scopes, "new_idle_expires_at": idle_expires_at, "now": now}

        def work(transaction: Transaction) -> Rotation:
            if transaction.first(ROTATE, {**this, **values}) is not None:
                return Rotation.ROTATED
            return _refusal(transaction.first(FIND, this), generation)

        return await self._database.write(work)

    async def revoke(self, user_id: str, family_id: str) -> bool:
        """Mark one family revoked, for ever. Returns whether it was active until now."""
        return await self._database.count(REVOKE, {"by_user": user_id, "by_id": family_id}) == 1

    async def revoke_session(self, user_id: str, session_id: str) -> int:
        """Mark every family of a session revoked. Returns how many were active."""
        return await self._database.count(REVOKE_SESSION, {"by_user": user_id, "by_session": session_id})

    async def revoke_user(self, user_id: str) -> int:
        """Mark every family of a person revoked. Returns how many were active."""
        return await self._database.count(REVOKE_ALL, {"by_user": user_id})

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` families whose absolute expiry is before `before`."""
        return await self._database.count(PURGE, {"now": before, "rows": limit})


def _refusal(family: Row | None, generation: int) -> Rotation:
    """Say why a rotation was refused, replay before expiry."""
    if family is None:
        return Rotation.ABSENT
    if family.status is FamilyStatus.REVOKED:
        return Rotation.REVOKED
    return Rotation.EXPIRED if family.generation == generation else Rotation.STALE


KEYS = select(signing_keys).order_by(signing_keys.c.generation)
ADD_KEY = insert(signing_keys)
REVOKE_KEY = (
    update(signing_keys)
    .where(signing_keys.c.kid == bindparam("by_kid"), signing_keys.c.revoked_at.is_(None))
    .values(revoked_at=NOW)
    .returning(signing_keys.c.kid)
)
PURGE_KEYS = delete(signing_keys).where(signing_keys.c.kid.in_(bindparam("kids", expanding=True)))


class SqlSigningKeys:
    """Signing keys at rest (see `ports.grants.SigningKeys`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self) -> Sequence[SigningKey]:
        """Return all keys by generation."""
        return [SigningKey(**row._mapping) for row in await self._database.rows(KEYS, {})]

    async def add(self, key: SigningKey) -> KeyAdded:
        """Store a key; of several with one generation, exactly one is ADDED."""
        try:
            await self._database.run(ADD_KEY, values_of(key))
        except ConstraintBroken:  # of which constraint differs: this may be the same key again
            if any(stored.generation == key.generation for stored in await self.list()):
                return KeyAdded.GENERATION_TAKEN
            raise
        return KeyAdded.ADDED

    async def revoke(self, kid: str, *, now: datetime) -> bool:
        """Mark a key compromised. Returns whether it was good until now."""
        return await self._database.first(REVOKE_KEY, {"by_kid": kid, "now": now}) is not None

    async def purge(self, kids: Sequence[str]) -> int:
        """Delete keys that nothing can need any more."""
        return await self._database.count(PURGE_KEYS, {"kids": list(kids)})
