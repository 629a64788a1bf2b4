"""Invitations in MongoDB."""

from datetime import datetime

from watchword.core.models.identity import Invite
from watchword.ports.identity import Change, Redemption
from watchword.stores.encoding import to_ms
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import ABSENT, is_, kept, to_document, to_record


class MongoInvites:
    """Invitations (see `ports.identity.Invites`)."""

    def __init__(self, connection: Connection) -> None:
        self._invites = Collection(connection, "invites")

    async def add(self, invite: Invite) -> None:
        """Store a new invitation."""
        await self._invites.insert(to_document(invite))

    async def find(self, secret_hash: bytes) -> Invite | None:
        """Return the invitation, spent or not, or None."""
        found = await self._invites.find_one({"_id": is_(secret_hash.hex())})
        return to_record(Invite, found) if found else None

    async def redeem(self, secret_hash: bytes, *, user_id: str, now: datetime) -> Redemption:
        """Spend it for `user_id`. Exactly one caller gets REDEEMED."""
        this = {"_id": is_(secret_hash.hex())}
        spent = {"$set": kept(redeemed_at=now, redeemed_by=user_id)}
        if await self._invites.update({**this, "redeemed_at": ABSENT, "expires_at": {"$gt": to_ms(now)}}, spent):
            return Redemption.REDEEMED
        found = await self._invites.find_settled(this)
        if found is None:
            return Redemption.ABSENT
        return Redemption.SPENT if "redeemed_at" in found else Redemption.EXPIRED

    async def void(self, roles: tuple[str, ...], *, now: datetime) -> int:
        """Spend, for nobody, every open invitation to exactly these roles. Returns how many."""
        return await self._invites.update_all(
            {"roles": is_(list(roles)), "redeemed_at": ABSENT}, {"$set": kept(redeemed_at=now)}
        )

    async def release(self, secret_hash: bytes, *, user_id: str) -> Change:
        """Undo a redemption by `user_id`. STALE if another holds it, UNCHANGED if nobody does."""
        this = {"_id": is_(secret_hash.hex())}
        undone = {"$unset": {"redeemed_at": "", "redeemed_by": ""}}
        if await self._invites.update({**this, "redeemed_by": is_(user_id)}, undone):
            return Change.CHANGED
        found = await self._invites.find_settled(this)
        if found is None:
            return Change.ABSENT
        return Change.STALE if "redeemed_at" in found else Change.UNCHANGED

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` invitations that expired before `before`. There are few, so no index finds them."""
        return await self._invites.purge({"expires_at": {"$lt": to_ms(before)}}, limit=limit)
