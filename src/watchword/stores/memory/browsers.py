"""Logins at the hosted pages, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from watchword.core.models.sessions import BrowserSession
from watchword.ports.identity import Change
from watchword.stores.memory.state import State, cut, kept


class MemoryBrowserSessions:
    """Logins at the hosted pages (see `ports.sessions.BrowserSessions`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, session: BrowserSession) -> None:
        """Store a new login."""
        session = kept(session)
        with self._state.lock:
            if (session.user_id, session.id) in self._state.browsers:
                raise ValueError("a login with this id exists")
            self._state.browsers[session.user_id, session.id] = session

    async def find(self, user_id: str, browser_id: str) -> BrowserSession | None:
        """Return the login, ended or expired too, or None."""
        with self._state.lock:
            return self._state.browsers.get((user_id, browser_id))

    async def list_live(self, user_id: str, *, now: datetime) -> Sequence[BrowserSession]:
        """Return the person's logins that are neither ended nor expired, newest first."""
        now = cut(now)
        live = [one for one in self._of(user_id) if one.ended_at is None and one.expires_at > now]
        return sorted(live, key=lambda one: (one.created_at, one.id), reverse=True)

    async def renew(self, session: BrowserSession, *, expected: bytes) -> Change:
        """Take secret hash, times, `amr` and `acr` of a live login from this record."""
        session = kept(session)
        key = session.user_id, session.id
        with self._state.lock:
            known = self._state.browsers.get(key)
            if known is None:
                return Change.ABSENT
            if known.secret_hash != expected or known.ended_at is not None:
                return Change.STALE
            self._state.browsers[key] = replace(
                known,
                secret_hash=session.secret_hash,
                last_seen_at=session.last_seen_at,
                expires_at=session.expires_at,
                auth_time=session.auth_time,
                amr=session.amr,
                acr=session.acr,
            )
        return Change.CHANGED

    async def touch(self, user_id: str, browser_id: str, *, now: datetime) -> None:
        """Set `last_seen_at`, if it is earlier and the login has not ended."""
        now = cut(now)
        with self._state.lock:
            known = self._state.browsers.get((user_id, browser_id))
            if known is not None and known.ended_at is None and known.last_seen_at < now:
                self._state.browsers[user_id, browser_id] = replace(known, last_seen_at=now)

    async def end(self, user_id: str, browser_id: str, *, now: datetime) -> bool:
        """Mark a login ended. Exactly one caller gets True."""
        with self._state.lock:
            known = self._state.browsers.get((user_id, browser_id))
            if known is None or known.ended_at is not None:
                return False
            self._state.browsers[user_id, browser_id] = replace(known, ended_at=cut(now))
        return True

    async def end_all(self, user_id: str, *, except_id: str | None = None, now: datetime) -> int:
        """Mark every login of a person ended that is not yet, but for one."""
        mine = [one.id for one in self._of(user_id) if one.id != except_id]
        return sum([await self.end(user_id, browser_id, now=now) for browser_id in mine])

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` logins whose expiry is before `before`."""
        before = cut(before)
        with self._state.lock:
            old = [key for key, one in self._state.browsers.items() if one.expires_at < before][:limit]
            for key in old:
                del self._state.browsers[key]
        return len(old)

    def _of(self, user_id: str) -> list[BrowserSession]:
        with self._state.lock:
            return [one for (owner, _), one in self._state.browsers.items() if owner == user_id]
