"""Refresh families and signing keys in MongoDB."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from watchword.core.models.grants import FamilyStatus, RefreshFamily, SigningKey
from watchword.core.models.sessions import Session
from watchword.ports.grants import Holding, KeyAdded, Rotation
from watchword.stores.encoding import to_ms
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import ABSENT, Document, is_, is_own, kept, own_id, to_document, to_record
from watchword.stores.mongo.failures import AlreadyStored
from watchword.stores.mongo.records import to_user

IS_ACTIVE = {"status": is_(str(FamilyStatus.ACTIVE))}
REVOKED = {"$set": kept(status=FamilyStatus.REVOKED)}


class MongoRefreshFamilies:
    """Refresh families (see `ports.grants.RefreshFamilies`)."""

    def __init__(self, connection: Connection) -> None:
        self._families = Collection(connection, "refresh_families")
        self._sessions = Collection(connection, "sessions")
        self._users = Collection(connection, "users")

    async def add(self, family: RefreshFamily) -> None:
        """Store a new family."""
        await self._families.insert(to_document(family))

    async def find(self, user_id: str, family_id: str) -> RefreshFamily | None:
        """Return the family, revoked or expired too, or None."""
        found = await self._families.find_one(_this(user_id, family_id))
        return to_record(RefreshFamily, found) if found else None

    async def find_holding(self, user_id: str, family_id: str) -> Holding:
        """Return the family with its session and its person: three reads of one document each."""
        family = await self.find(user_id, family_id)
        session, user = await asyncio.gather(
            self._sessions.find_one(_this(user_id, family.session_id if family else "")),
            self._users.find_one({"_id": is_(user_id)}),
        )
        return Holding(family, to_record(Session, session) if session else None, to_user(user) if user else None)

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
        this, alive = _this(user_id, family_id), {"$gt": to_ms(now)}
        guard = {"generation": is_(generation), "idle_expires_at": alive, "expires_at": alive}
        values = kept(rotated_at=now, rotated_scopes=scopes, idle_expires_at=idle_expires_at)
        if await self._families.update({**this, **IS_ACTIVE, **guard}, {"$inc": {"generation": 1}, "$set": values}):
            return Rotation.ROTATED
        return _refusal(await self._families.find_settled(this), generation)

    async def revoke(self, user_id: str, family_id: str) -> bool:
        """Mark one family revoked, for ever. Returns whether it was active until now."""
        return await self._families.update({**_this(user_id, family_id), **IS_ACTIVE}, REVOKED)

    async def revoke_session(self, user_id: str, session_id: str) -> int:
        """Mark every family of a session revoked. Returns how many were active."""
        mine = {"_id": is_own(user_id), "session_id": is_(session_id)}
        return await self._families.update_all({**mine, **IS_ACTIVE}, REVOKED)

    async def revoke_user(self, user_id: str) -> int:
        """Mark every family of a person revoked. Returns how many were active."""
        return await self._families.update_all({"_id": is_own(user_id), **IS_ACTIVE}, REVOKED)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` families whose absolute expiry is before `before`."""
        return await self._families.purge({"expires_at": {"$lt": to_ms(before)}}, limit=limit)


def _this(user_id: str, name: str) -> Document:
    return {"_id": is_(own_id(user_id, name))}


def _refusal(family: Document | None, generation: int) -> Rotation:
    """Say why a rotation was refused, replay before expiry."""
    if family is None:
        return Rotation.ABSENT
    if family["status"] == FamilyStatus.REVOKED:
        return Rotation.REVOKED
    return Rotation.EXPIRED if family["generation"] == generation else Rotation.STALE


class MongoSigningKeys:
    """Signing keys at rest (see `ports.grants.SigningKeys`)."""

    def __init__(self, connection: Connection) -> None:
        self._keys = Collection(connection, "signing_keys")

    async def list(self) -> Sequence[SigningKey]:
        """Return all keys by generation."""
        return [to_record(SigningKey, found) for found in await self._keys.find({}, order="generation")]

    async def add(self, key: SigningKey) -> KeyAdded:
        """Store a key; of several with one generation, exactly one is ADDED."""
        try:
            await self._keys.insert(to_document(key))
        except AlreadyStored:
            if await self._keys.find_settled({"generation": is_(key.generation)}):
                return KeyAdded.GENERATION_TAKEN
            raise
        return KeyAdded.ADDED

    async def revoke(self, kid: str, *, now: datetime) -> bool:
        """Mark a key compromised. Returns whether it was good until now."""
        good = {"_id": is_(kid), "revoked_at": ABSENT}
        return await self._keys.update(good, {"$set": kept(revoked_at=now)})

    async def purge(self, kids: Sequence[str]) -> int:
        """Delete keys that nothing can need any more."""
        return await self._keys.delete_all({"_id": {"$in": sorted(set(kids))}}) if kids else 0
