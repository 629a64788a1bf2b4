"""Sessions and the revocation feed in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, insert, select, tuple_, update

from watchword.core.models.grants import RefreshFamily
from watchword.core.models.identity import User
from watchword.core.models.sessions import FeedEntry, Revocation, Session
from watchword.stores.sql.batches import batch_of
from watchword.stores.sql.database import Database, Transaction
from watchword.stores.sql.identity import FIND as FIND_USER
from watchword.stores.sql.records import to_entry, to_users, values_of
from watchword.stores.sql.tables import families, revocations, sessions, users

NOW: BindParameter[Any] = bindparam("now")
ROWS: BindParameter[Any] = bindparam("rows")

ADD = insert(sessions)
ADD_FAMILY = insert(families)
FIND_OWNER = FIND_USER.with_for_update(read=True, of=users)
FIND = select(sessions).where(sessions.c.user_id == bindparam("by_user"), sessions.c.id == bindparam("by_id"))
LIST_LIVE = (
    select(sessions)
    .where(sessions.c.user_id == bindparam("by_user"), sessions.c.ended_at.is_(None), sessions.c.expires_at > NOW)
    .order_by(sessions.c.created_at.desc(), sessions.c.id.desc())
)
LIST_OF_BROWSER = (
    select(sessions)
    .where(sessions.c.user_id == bindparam("by_user"), sessions.c.browser_id == bindparam("by_browser"))
    .order_by(sessions.c.created_at, sessions.c.id)
)
UNENDED = (
    update(sessions)
    .where(sessions.c.user_id == bindparam("by_user"), sessions.c.id == bindparam("by_id"))
    .where(sessions.c.ended_at.is_(None))
)
TOUCH = UNENDED.where(sessions.c.last_seen_at < NOW).values(last_seen_at=NOW)
END = UNENDED.values(ended_at=NOW).returning(sessions.c.id)
EXPIRED = batch_of(sessions.c.user_id, sessions.c.id, where=sessions.c.expires_at < NOW)
PURGE = delete(sessions).where(tuple_(sessions.c.user_id, sessions.c.id).in_(EXPIRED))


class SqlSessions:
    """Sessions (see `ports.sessions.Sessions`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: Session) -> None:
        """Store a new session."""
        await self._database.run(ADD, values_of(session))

    async def begin(self, session: Session, family: RefreshFamily) -> User | None:
        """Store a new session with its first refresh family, both or neither, and return the person.

        The account's row is locked until the commit, so that who changes it meanwhile waits and finds the session.
        """

        def work(transaction: Transaction) -> User | None:
            transaction.run(ADD, values_of(session))
            transaction.run(ADD_FAMILY, values_of(family))
            owner = to_users(transaction.all(FIND_OWNER, {"by_user": session.user_id}))
            return owner[0] if owner else None

        return await self._database.write(work)

    async def find(self, user_id: str, session_id: str) -> Session | None:
        """Return the session, ended or expired too, or None."""
        rows = await self._database.rows(FIND, {"by_user": user_id, "by_id": session_id})
        return Session(**rows[0]._mapping) if rows else None

    async def list_live(self, user_id: str, *, now: datetime) -> Sequence[Session]:
        """Return the person's sessions that are neither ended nor expired, newest first."""
        rows = await self._database.rows(LIST_LIVE, {"by_user": user_id, "now": now})
        return [Session(**row._mapping) for row in rows]

    async def list_of_browser(self, user_id: str, browser_id: str) -> Sequence[Session]:
        """Return the person's sessions that came of one login at the hosted pages, oldest first."""
        rows = await self._database.rows(LIST_OF_BROWSER, {"by_user": user_id, "by_browser": browser_id})
        return [Session(**row._mapping) for row in rows]

    async def touch(self, user_id: str, session_id: str, *, now: datetime) -> None:
        """Set `last_seen_at`, if it is earlier and the session has not ended."""
        await self._database.count(TOUCH, {"by_user": user_id, "by_id": session_id, "now": now})

    async def end(self, user_id: str, session_id: str, *, now: datetime) -> bool:
        """Mark a session ended, expired or not. Exactly one caller gets True."""
        return await self._database.first(END, {"by_user": user_id, "by_id": session_id, "now": now}) is not None

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` sessions whose expiry is before `before`."""
        return await self._database.count(PURGE, {"now": before, "rows": limit})


APPEND = insert(revocations)
READ = (
    select(revocations)
    .where(revocations.c.sequence > bindparam("after"), revocations.c.expires_at > NOW)
    .order_by(revocations.c.sequence)
    .limit(ROWS)
)
DEAD = batch_of(revocations.c.sequence, where=revocations.c.expires_at <= NOW, in_order=True)
PURGE_FEED = delete(revocations).where(revocations.c.sequence.in_(DEAD))


class SqlRevocations:
    """The feed of revocations (see `ports.sessions.Revocations`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, revocations: Sequence[Revocation]) -> None:
        """Add entries, all or none."""
        if not revocations:
            return
        entries = [values_of(revocation) for revocation in revocations]

        def work(transaction: Transaction) -> None:
            transaction.run(APPEND, entries)
            self._database.announce(transaction)

        await self._database.write(work)

    async def read(self, *, after: int, limit: int, now: datetime) -> Sequence[FeedEntry]:
        """Return up to `limit` unexpired entries whose sequence is greater than `after`, in order."""
        rows = await self._database.rows(READ, {"after": after, "rows": limit, "now": now})
        return [to_entry(row) for row in rows]

    async def purge(self, *, now: datetime, limit: int) -> int:
        """Delete up to `limit` expired entries."""
        return await self._database.count(PURGE_FEED, {"now": now, "rows": limit})
