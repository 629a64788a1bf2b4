"""Codes, consents and what may be used once, in MongoDB."""

from collections.abc import Sequence
from datetime import datetime

from watchword.core.errors import StoreUnavailable
from watchword.core.models.authorizations import AuthorizationCode, Consent
from watchword.ports.identity import Redemption
from watchword.stores.encoding import to_ms
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import ABSENT, is_, is_own, kept, own_id, to_document, to_record
from watchword.stores.mongo.failures import AlreadyStored

MOST_TRIES = 8


class MongoCodes:
    """Authorization codes (see `ports.authorizations.Codes`)."""

    def __init__(self, connection: Connection) -> None:
        self._codes = Collection(connection, "authorization_codes")

    async def add(self, code: AuthorizationCode) -> None:
        """Store a new code."""
        await self._codes.insert(to_document(code))

    async def find(self, code_hash: bytes) -> AuthorizationCode | None:
        """Return the code, spent or expired too, or None."""
        found = await self._codes.find_one({"_id": is_(code_hash.hex())})
        return to_record(AuthorizationCode, found) if found else None

    async def redeem(self, code_hash: bytes, *, now: datetime) -> Redemption:
        """Spend it. Exactly one caller gets REDEEMED; who gets SPENT has set `reused_at`."""
        this = {"_id": is_(code_hash.hex())}
        good = {**this, "redeemed_at": ABSENT, "expires_at": {"$gt": to_ms(now)}}
        if await self._codes.update(good, {"$set": kept(redeemed_at=now)}):
            return Redemption.REDEEMED
        found = await self._codes.find_settled(this)
        if found is None:
            return Redemption.ABSENT
        if "redeemed_at" not in found:
            return Redemption.EXPIRED
        await self._codes.update({**this, "reused_at": ABSENT}, {"$set": kept(reused_at=now)})
        return Redemption.SPENT

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` codes that expired before `before`."""
        return await self._codes.purge({"expires_at": {"$lt": to_ms(before)}}, limit=limit)


class MongoConsents:
    """Consents (see `ports.authorizations.Consents`)."""

    def __init__(self, connection: Connection) -> None:
        self._consents = Collection(connection, "consents")

    async def find(self, user_id: str, client_id: str) -> Consent | None:
        """Return what the person lets this client have, or None."""
        found = await self._consents.find_one({"_id": is_(own_id(user_id, client_id))})
        return to_record(Consent, found) if found else None

    async def list(self, user_id: str) -> Sequence[Consent]:
        """Return all consents of a person, by client id."""
        found = [to_record(Consent, document) for document in await self._consents.find({"_id": is_own(user_id)})]
        return sorted(found, key=lambda consent: consent.client_id)

    async def put(self, consent: Consent) -> None:
        """Make or replace a consent."""
        document = to_document(consent)
        await self._consents.put(document.pop("_id"), {"$set": document})

    async def withdraw(self, user_id: str, client_id: str) -> bool:
        """Remove a consent. Returns whether there was one."""
        return await self._consents.delete({"_id": is_(own_id(user_id, client_id))})

    async def withdraw_all(self, user_id: str) -> int:
        """Remove all consents of a person. Returns how many there were."""
        return await self._consents.delete_all({"_id": is_own(user_id)})


class MongoUsedOnce:
    """What may be used once (see `ports.authorizations.UsedOnce`)."""

    def __init__(self, connection: Connection) -> None:
        self._used = Collection(connection, "used_once")

    async def claim(self, key: bytes, *, expires_at: datetime, now: datetime) -> bool:
        """Return True for exactly one caller, until `expires_at` of the first."""
        this, values = {"_id": is_(key.hex())}, kept(expires_at=expires_at)
        for _ in range(MOST_TRIES):  # what is there may be forgotten before we ask how long it counts
            try:
                await self._used.insert({"_id": key.hex(), **values})
            except AlreadyStored:
                if await self._used.update({**this, "expires_at": {"$lte": to_ms(now)}}, {"$set": values}):
                    return True
                if await self._used.find_settled(this):
                    return False
            else:
                return True
        raise StoreUnavailable(hint="what was used once comes and goes all the time")

    async def purge(self, *, now: datetime, limit: int) -> int:
        """Forget up to `limit` that have expired."""
        return await self._used.purge({"expires_at": {"$lte": to_ms(now)}}, limit=limit)
