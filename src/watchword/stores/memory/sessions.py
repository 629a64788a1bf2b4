"""Sessions and the revocation feed in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from watchword.core.models.grants import RefreshFamily
from watchword.core.models.identity import User
from watchword.core.models.sessions import FeedEntry, Revocation, Session
from watchword.stores.memory.state import State, cut, find_user, kept


class MemorySessions:
    """Sessions (see `ports.sessions.Sessions`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, session: Session) -> None:
        """Store a new session."""
        session = kept(session)
        with self._state.lock:
            if (session.user_id, session.id) in self._state.sessions:
                raise ValueError("a session with this id exists")
            self._state.sessions[session.user_id, session.id] = session

    async def begin(self, session: Session, family: RefreshFamily) -> User | None:
        """Store a new session with its first refresh family, both or neither, and return the person."""
        session, family, state = kept(session), kept(family), self._state
        with state.lock:
            if (session.user_id, session.id) in state.sessions or (family.user_id, family.id) in state.families:
                raise ValueError("a session or a family with this id exists")
            state.sessions[session.user_id, session.id] = session
            state.families[family.user_id, family.id] = family
            return find_user(state, session.user_id)

    async def find(self, user_id: str, session_id: str) -> Session | None:
        """Return the session, ended or expired too, or None."""
        with self._state.lock:
            return self._state.sessions.get((user_id, session_id))

    async def list_live(self, user_id: str, *, now: datetime) -> Sequence[Session]:
        """Return the person's sessions that are neither ended nor expired, newest first."""
        now = cut(now)
        with self._state.lock:
            mine = [session for (owner, _), session in self._state.sessions.items() if owner == user_id]
        live = [session for session in mine if session.ended_at is None and session.expires_at > now]
        return sorted(live, key=lambda session: (session.created_at, session.id), reverse=True)

    async def list_of_browser(self, user_id: str, browser_id: str) -> Sequence[Session]:
        """Return the person's sessions that came of one login at the hosted pages, oldest first."""
        with self._state.lock:
            mine = [session for (owner, _), session in self._state.sessions.items() if owner == user_id]
        of_it = [session for session in mine if session.browser_id == browser_id]
        return sorted(of_it, key=lambda session: (session.created_at, session.id))

    async def touch(self, user_id: str, session_id: str, *, now: datetime) -> None:
        """Set `last_seen_at`, if it is earlier and the session has not ended."""
        now = cut(now)
        with self._state.lock:
            session = self._state.sessions.get((user_id, session_id))
            if session is not None and session.ended_at is None and session.last_seen_at < now:
                self._state.sessions[user_id, session_id] = replace(session, last_seen_at=now)

    async def end(self, user_id: str, session_id: str, *, now: datetime) -> bool:
        """Mark a session ended, expired or not. Exactly one caller gets True."""
        with self._state.lock:
            session = self._state.sessions.get((user_id, session_id))
            if session is None or session.ended_at is not None:
                return False
            self._state.sessions[user_id, session_id] = replace(session, ended_at=cut(now))
        return True

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` sessions whose expiry is before `before`."""
        before = cut(before)
        with self._state.lock:
            old = [key for key, session in self._state.sessions.items() if session.expires_at < before][:limit]
            for key in old:
                del self._state.sessions[key]
        return len(old)


class MemoryRevocations:
    """The feed of revocations (see `ports.sessions.Revocations`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def append(self, revocations: Sequence[Revocation]) -> None:
        """Add entries, all or none."""
        entries = [kept(revocation) for revocation in revocations]
        with self._state.lock:
            for revocation in entries:
                self._state.sequence += 1
                self._state.feed.append(FeedEntry(sequence=self._state.sequence, revocation=revocation))

    async def read(self, *, after: int, limit: int, now: datetime) -> Sequence[FeedEntry]:
        """Return up to `limit` unexpired entries whose sequence is greater than `after`, in order."""
        now = cut(now)
        with self._state.lock:
            return [e for e in self._state.feed if e.sequence > after and e.revocation.expires_at > now][:limit]

    async def purge(self, *, now: datetime, limit: int) -> int:
        """Delete up to `limit` expired entries."""
        now = cut(now)
        with self._state.lock:
            old = [entry.sequence for entry in self._state.feed if entry.revocation.expires_at <= now][:limit]
            self._state.feed = [entry for entry in self._state.feed if entry.sequence not in set(old)]
        return len(old)
