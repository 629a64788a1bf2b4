"""Logins at the hosted pages, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, insert, select, tuple_, update

from watchword.core.models.sessions import BrowserSession
from watchword.ports.identity import Change
from watchword.stores.sql.batches import batch_of
from watchword.stores.sql.database import Database, Transaction
from watchword.stores.sql.records import values_of
from watchword.stores.sql.tables import browser_sessions as browsers

NOW: BindParameter[Any] = bindparam("now")
IS_MINE = browsers.c.user_id == bindparam("by_user")
IS_THIS = browsers.c.id == bindparam("by_id")

ADD = insert(browsers)
FIND = select(browsers).where(IS_MINE, IS_THIS)
LIST_LIVE = (
    select(browsers)
    .where(IS_MINE, browsers.c.ended_at.is_(None), browsers.c.expires_at > NOW)
    .order_by(browsers.c.created_at.desc(), browsers.c.id.desc())
)
UNENDED = update(browsers).where(IS_MINE, browsers.c.ended_at.is_(None))
LOGIN = ("secret_hash", "last_seen_at", "expires_at", "auth_time", "amr", "acr")
"""What a new authentication sets."""
RENEW = (
    UNENDED.where(IS_THIS, browsers.c.secret_hash == bindparam("expected"))
    .values(**{name: bindparam(f"new_{name}") for name in LOGIN})
    .returning(browsers.c.id)
)
TOUCH = UNENDED.where(IS_THIS, browsers.c.last_seen_at < NOW).values(last_seen_at=NOW)
END = UNENDED.where(IS_THIS).values(ended_at=NOW).returning(browsers.c.id)
END_ALL = UNENDED.where(browsers.c.id != bindparam("except_id")).values(ended_at=NOW)
EXPIRED = batch_of(browsers.c.user_id, browsers.c.id, where=browsers.c.expires_at < NOW)
PURGE = delete(browsers).where(tuple_(browsers.c.user_id, browsers.c.id).in_(EXPIRED))


class SqlBrowserSessions:
    """Logins at the hosted pages (see `ports.sessions.BrowserSessions`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, session: BrowserSession) -> None:
        """Store a new login."""
        await self._database.run(ADD, values_of(session))

    async def find(self, user_id: str, browser_id: str) -> BrowserSession | None:
        """Return the login, ended or expired too, or None."""
        rows = await self._database.rows(FIND, {"by_user": user_id, "by_id": browser_id})
        return BrowserSession(**rows[0]._mapping) if rows else None

    async def list_live(self, user_id: str, *, now: datetime) -> Sequence[BrowserSession]:
        """Return the person's logins that are neither ended nor expired, newest first."""
        rows = await self._database.rows(LIST_LIVE, {"by_user": user_id, "now": now})
        return [BrowserSession(**row._mapping) for row in rows]

    async def renew(self, session: BrowserSession, *, expected: bytes) -> Change:
        """Take secret hash, times, `amr` and `acr` of a live login from this record."""
        this = {"by_user": session.user_id, "by_id": session.id}
        new = {f"new_{name}": getattr(session, name) for name in LOGIN}

        def work(transaction: Transaction) -> Change:
            if transaction.first(RENEW, {**this, **new, "expected": expected}) is not None:
                return Change.CHANGED
            return Change.STALE if transaction.first(FIND, this) is not None else Change.ABSENT

        return await self._database.write(work)

    async def touch(self, user_id: str, browser_id: str, *, now: datetime) -> None:
        """Set `last_seen_at`, if it is earlier and the login has not ended."""
        await self._database.count(TOUCH, {"by_user": user_id, "by_id": browser_id, "now": now})

    async def end(self, user_id: str, browser_id: str, *, now: datetime) -> bool:
        """Mark a login ended. Exactly one caller gets True."""
        return await self._database.first(END, {"by_user": user_id, "by_id": browser_id, "now": now}) is not None

    async def end_all(self, user_id: str, *, except_id: str | None = None, now: datetime) -> int:
        """Mark every login of a person ended that is not yet, but for one."""
        return await self._database.count(END_ALL, {"by_user": user_id, "except_id": except_id or "", "now": now})

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` logins whose expiry is before `before`."""
        return await self._database.count(PURGE, {"now": before, "rows": limit})
