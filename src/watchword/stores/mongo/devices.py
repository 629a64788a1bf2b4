"""Device authorizations in MongoDB."""

from datetime import datetime

from watchword.core.errors import StoreUnavailable
from watchword.core.models.authorizations import DeviceGrant, DeviceStatus
from watchword.ports.authorizations import Poll
from watchword.ports.identity import Change, Redemption
from watchword.stores.device_answers import SLOWER, told_of
from watchword.stores.encoding import to_ms
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import ABSENT, Document, change_to, is_, kept, to_document, to_record
from watchword.stores.mongo.failures import AlreadyStored

MOST_TRIES = 8
APPROVED = ("user_id", "session_id", "browser_id", "auth_time", "amr", "acr", "scopes", "resource")
"""What an approval sets."""
SPENT = {"$set": {"status": str(DeviceStatus.REDEEMED)}}


class MongoDeviceGrants:
    """Device authorizations (see `ports.authorizations.DeviceGrants`)."""

    def __init__(self, connection: Connection) -> None:
        self._grants = Collection(connection, "device_grants")

    async def add(self, grant: DeviceGrant) -> bool:
        """Store a new one, unless its user code is another's that has not expired."""
        document = to_document(grant)
        for _ in range(MOST_TRIES):
            try:
                await self._grants.insert(document)
            except AlreadyStored:
                if not await self._make_room(document):
                    return False
            else:
                return True
        raise StoreUnavailable(hint="somebody takes and frees this code all the time")

    async def find(self, device_hash: bytes) -> DeviceGrant | None:
        """Return the grant in any state, or None."""
        found = await self._grants.find_one({"_id": is_(device_hash.hex())})
        return to_record(DeviceGrant, found) if found else None

    async def find_by_user_code(self, user_code_hash: bytes) -> DeviceGrant | None:
        """Return the grant with this user code in any state, or None."""
        found = await self._grants.find_one({"user_code_hash": is_(user_code_hash.hex())})
        return to_record(DeviceGrant, found) if found else None

    async def approve(self, grant: DeviceGrant, *, now: datetime) -> Change:
        """Approve a pending, unexpired grant with the person's fields of this record."""
        change = change_to(grant, APPROVED)
        change["$set"]["status"] = str(DeviceStatus.APPROVED)
        return await self._decide(grant.device_hash, change, now)

    async def deny(self, device_hash: bytes, *, now: datetime) -> Change:
        """Deny a pending, unexpired grant."""
        return await self._decide(device_hash, {"$set": {"status": str(DeviceStatus.DENIED)}}, now)

    async def poll(self, device_hash: bytes, *, now: datetime) -> Poll:
        """Note that the device asked at `now`, and return what to tell it."""
        this = {"_id": is_(device_hash.hex())}
        for _ in range(MOST_TRIES):
            found = await self._grants.find_settled(this)
            if found is None:
                return Poll.ABSENT
            grant = to_record(DeviceGrant, found)
            told = told_of(grant.status, expired=found["expires_at"] <= to_ms(now))
            if told is not Poll.PENDING:
                return told
            early = "polled_at" in found and found["polled_at"] + found["interval"] > to_ms(now)
            interval = grant.interval + SLOWER if early else grant.interval
            as_read = {
                name: is_(found[name]) if name in found else ABSENT for name in ("status", "polled_at", "interval")
            }
            if await self._grants.update({**this, **as_read}, {"$set": kept(polled_at=now, interval=interval)}):
                return Poll.SLOW_DOWN if early else Poll.PENDING
        raise StoreUnavailable(hint="this device asks all the time")

    async def redeem(self, device_hash: bytes, *, now: datetime) -> Redemption:
        """Spend an approved grant. Exactly one caller gets REDEEMED."""
        this = {"_id": is_(device_hash.hex())}
        good = {"status": is_(str(DeviceStatus.APPROVED)), "expires_at": {"$gt": to_ms(now)}}
        if await self._grants.update({**this, **good}, SPENT):
            return Redemption.REDEEMED
        found = await self._grants.find_settled(this)
        if found is None or found["status"] in (DeviceStatus.PENDING, DeviceStatus.DENIED):
            return Redemption.ABSENT
        return Redemption.SPENT if found["status"] == DeviceStatus.REDEEMED else Redemption.EXPIRED

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` grants that expired before `before`."""
        return await self._grants.purge({"expires_at": {"$lt": to_ms(before)}}, limit=limit)

    async def _decide(self, device_hash: bytes, change: Document, now: datetime) -> Change:
        this = {"_id": is_(device_hash.hex())}
        pending = {"status": is_(str(DeviceStatus.PENDING)), "expires_at": {"$gt": to_ms(now)}}
        if await self._grants.update({**this, **pending}, change):
            return Change.CHANGED
        return Change.STALE if await self._grants.find_settled(this) else Change.ABSENT

    async def _make_room(self, document: Document) -> bool:
        """Delete an expired grant with this user code. Returns False where it has not expired.

        Raises:
            AlreadyStored: the device code is another's.
        """
        other = await self._grants.find_settled({"user_code_hash": is_(document["user_code_hash"])})
        if other is not None and other["expires_at"] > document["created_at"]:
            return False
        if await self._grants.find_settled({"_id": is_(document["_id"])}):
            raise AlreadyStored
        if other is not None:
            await self._grants.delete({"_id": is_(other["_id"]), "expires_at": {"$lte": document["created_at"]}})
        return True
