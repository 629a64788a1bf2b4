"""Logins at the hosted pages in MongoDB."""

from collections.abc import Sequence
from datetime import datetime

from watchword.core.models.sessions import BrowserSession
from watchword.ports.identity import Change
from watchword.stores.encoding import to_ms
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import (
    ABSENT,
    Document,
    change_to,
    is_,
    is_own,
    kept,
    own_id,
    to_document,
    to_record,
)

RENEWED = ("secret_hash", "last_seen_at", "expires_at", "auth_time", "amr", "acr")


class MongoBrowserSessions:
    """Logins at the hosted pages (see `ports.sessions.BrowserSessions`)."""

    def __init__(self, connection: Connection) -> None:
        self._logins = Collection(connection, "browser_sessions")

    async def add(self, session: BrowserSession) -> None:
        """Store a new login."""
        await self._logins.insert(to_document(session))

    async def find(self, user_id: str, browser_id: str) -> BrowserSession | None:
        """Return the login, ended or expired too, or None."""
        found = await self._logins.find_one({"_id": is_(own_id(user_id, browser_id))})
        return to_record(BrowserSession, found) if found else None

    async def list_live(self, user_id: str, *, now: datetime) -> Sequence[BrowserSession]:
        """Return the person's logins that are neither ended nor expired, newest first."""
        live: Document = {"_id": is_own(user_id), "ended_at": ABSENT, "expires_at": {"$gt": to_ms(now)}}
        found = [to_record(BrowserSession, document) for document in await self._logins.find(live)]
        return sorted(found, key=lambda one: (one.created_at, one.id), reverse=True)

    async def renew(self, session: BrowserSession, *, expected: bytes) -> Change:
        """Take secret hash, times, `amr` and `acr` of a live login from this record."""
        this = {"_id": is_(own_id(session.user_id, session.id))}
        guard = {"secret_hash": is_(expected.hex()), "ended_at": ABSENT}
        if await self._logins.update({**this, **guard}, change_to(session, RENEWED)):
            return Change.CHANGED
        return Change.STALE if await self._logins.find_settled(this) else Change.ABSENT

    async def touch(self, user_id: str, browser_id: str, *, now: datetime) -> None:
        """Set `last_seen_at`, if it is earlier and the login has not ended."""
        earlier = {**_unended(user_id, browser_id), "last_seen_at": {"$lt": to_ms(now)}}
        await self._logins.update(earlier, {"$set": kept(last_seen_at=now)})

    async def end(self, user_id: str, browser_id: str, *, now: datetime) -> bool:
        """Mark a login ended. Exactly one caller gets True."""
        return await self._logins.update(_unended(user_id, browser_id), {"$set": kept(ended_at=now)})

    async def end_all(self, user_id: str, *, except_id: str | None = None, now: datetime) -> int:
        """Mark every login of a person ended that is not yet, but for one."""
        mine = is_own(user_id) if except_id is None else {**is_own(user_id), "$nin": [own_id(user_id, except_id)]}
        return await self._logins.update_all({"_id": mine, "ended_at": ABSENT}, {"$set": kept(ended_at=now)})

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` logins whose expiry is before `before`."""
        return await self._logins.purge({"expires_at": {"$lt": to_ms(before)}}, limit=limit)


def _unended(user_id: str, browser_id: str) -> Document:
    return {"_id": is_(own_id(user_id, browser_id)), "ended_at": ABSENT}
