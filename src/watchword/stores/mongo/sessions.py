"""Sessions in MongoDB."""

from collections.abc import Sequence
from datetime import datetime

from watchword.core.models.grants import RefreshFamily
from watchword.core.models.identity import User
from watchword.core.models.sessions import Session
from watchword.stores.encoding import to_ms
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import ABSENT, Document, is_, is_own, kept, own_id, to_document, to_record
from watchword.stores.mongo.records import to_user


class MongoSessions:
    """Sessions (see `ports.sessions.Sessions`)."""

    def __init__(self, connection: Connection) -> None:
        self._sessions = Collection(connection, "sessions")
        self._families = Collection(connection, "refresh_families")
        self._users = Collection(connection, "users")

    async def add(self, session: Session) -> None:
        """Store a new session."""
        await self._sessions.insert(to_document(session))

    async def begin(self, session: Session, family: RefreshFamily) -> User | None:
        """Store a new session, then its first refresh family, and return the person; without the one, not the other.

        The person is read last, and settled: whoever changes the account later finds the session.
        """
        first, second = to_document(session), to_document(family)
        await self._sessions.insert(first)
        try:
            await self._families.insert(second)
        except ValueError:
            await self._sessions.delete({"_id": is_(first["_id"])})
            raise
        user = await self._users.find_settled({"_id": is_(session.user_id)})
        return to_user(user) if user else None

    async def find(self, user_id: str, session_id: str) -> Session | None:
        """Return the session, ended or expired too, or None."""
        found = await self._sessions.find_one({"_id": is_(own_id(user_id, session_id))})
        return to_record(Session, found) if found else None

    async def list_live(self, user_id: str, *, now: datetime) -> Sequence[Session]:
        """Return the person's sessions that are neither ended nor expired, newest first."""
        live: Document = {"_id": is_own(user_id), "ended_at": ABSENT, "expires_at": {"$gt": to_ms(now)}}
        found = [to_record(Session, document) for document in await self._sessions.find(live)]
        return sorted(found, key=lambda session: (session.created_at, session.id), reverse=True)

    async def list_of_browser(self, user_id: str, browser_id: str) -> Sequence[Session]:
        """Return the person's sessions that came of one login at the hosted pages, oldest first."""
        mine: Document = {"_id": is_own(user_id), "browser_id": is_(browser_id)}
        found = [to_record(Session, document) for document in await self._sessions.find(mine)]
        return sorted(found, key=lambda session: (session.created_at, session.id))

    async def touch(self, user_id: str, session_id: str, *, now: datetime) -> None:
        """Set `last_seen_at`, if it is earlier and the session has not ended."""
        earlier = {**_unended(user_id, session_id), "last_seen_at": {"$lt": to_ms(now)}}
        await self._sessions.update(earlier, {"$set": kept(last_seen_at=now)})

    async def end(self, user_id: str, session_id: str, *, now: datetime) -> bool:
        """Mark a session ended, expired or not. Exactly one caller gets True."""
        return await self._sessions.update(_unended(user_id, session_id), {"$set": kept(ended_at=now)})

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` sessions whose expiry is before `before`."""
        return await self._sessions.purge({"expires_at": {"$lt": to_ms(before)}}, limit=limit)


def _unended(user_id: str, session_id: str) -> Document:
    return {"_id": is_(own_id(user_id, session_id)), "ended_at": ABSENT}
