"""Invitations in memory."""

from dataclasses import replace
from datetime import datetime

from watchword.core.models.identity import Invite
from watchword.ports.identity import Change, Redemption
from watchword.stores.memory.state import State, cut, kept


class MemoryInvites:
    """Invitations (see `ports.identity.Invites`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, invite: Invite) -> None:
        """Store a new invitation."""
        invite = kept(invite)
        with self._state.lock:
            if invite.secret_hash in self._state.invites:
                raise ValueError("an invitation with this hash exists")
            self._state.invites[invite.secret_hash] = invite

    async def find(self, secret_hash: bytes) -> Invite | None:
        """Return the invitation, spent or not, or None."""
        with self._state.lock:
            return self._state.invites.get(secret_hash)

    async def redeem(self, secret_hash: bytes, *, user_id: str, now: datetime) -> Redemption:
        """Spend it for `user_id`. Exactly one caller gets REDEEMED."""
        now = cut(now)
        with self._state.lock:
            invite = self._state.invites.get(secret_hash)
            if invite is None:
                return Redemption.ABSENT
            if invite.redeemed_at is not None:
                return Redemption.SPENT
            if invite.expires_at <= now:
                return Redemption.EXPIRED
            self._state.invites[secret_hash] = replace(invite, redeemed_at=now, redeemed_by=user_id)
        return Redemption.REDEEMED

    async def void(self, roles: tuple[str, ...], *, now: datetime) -> int:
        """Spend, for nobody, every open invitation to exactly these roles. Returns how many."""
        now = cut(now)
        with self._state.lock:
            kept_by_hash = self._state.invites
            found = [one for one in kept_by_hash.values() if one.redeemed_at is None and one.roles == roles]
            kept_by_hash.update({one.secret_hash: replace(one, redeemed_at=now) for one in found})
        return len(found)

    async def release(self, secret_hash: bytes, *, user_id: str) -> Change:
        """Undo a redemption by `user_id`. STALE if another holds it, UNCHANGED if nobody does."""
        with self._state.lock:
            invite = self._state.invites.get(secret_hash)
            if invite is None:
                return Change.ABSENT
            if invite.redeemed_at is None:
                return Change.UNCHANGED
            if invite.redeemed_by != user_id:
                return Change.STALE
            self._state.invites[secret_hash] = replace(invite, redeemed_at=None, redeemed_by=None)
        return Change.CHANGED

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` invitations that expired before `before`."""
        before = cut(before)
        with self._state.lock:
            old = [key for key, invite in self._state.invites.items() if invite.expires_at < before][:limit]
            for key in old:
                del self._state.invites[key]
        return len(old)
