"""Refresh families and signing keys in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from watchword.core.models.grants import FamilyStatus, RefreshFamily, SigningKey
from watchword.ports.grants import Holding, KeyAdded, Rotation
from watchword.stores.memory.state import State, copied, cut, find_user, kept


class MemoryRefreshFamilies:
    """Refresh families (see `ports.grants.RefreshFamilies`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, family: RefreshFamily) -> None:
        """Store a new family."""
        family = kept(family)
        with self._state.lock:
            if (family.user_id, family.id) in self._state.families:
                raise ValueError("a family with this id exists")
            self._state.families[family.user_id, family.id] = family

    async def find(self, user_id: str, family_id: str) -> RefreshFamily | None:
        """Return the family, revoked or expired too, or None."""
        with self._state.lock:
            return self._state.families.get((user_id, family_id))

    async def find_holding(self, user_id: str, family_id: str) -> Holding:
        """Return the family with its session and its person."""
        with self._state.lock:
            family = self._state.families.get((user_id, family_id))
            session = self._state.sessions.get((user_id, family.session_id)) if family else None
            return Holding(family, session, find_user(self._state, user_id))

    async def rotate(
        self,
        user_id: str,
        family_id: str,
        *,
        generation: int,
        scopes: frozenset[str],
        idle_expires_at: datetime,
        now: datetime,
    ) -> Rotation:
        """Go from `generation` to the next; exactly one caller gets ROTATED."""
        idle_expires_at, now = cut(idle_expires_at), cut(now)
        with self._state.lock:
            family = self._state.families.get((user_id, family_id))
            if family is None:
                return Rotation.ABSENT
            refusal = _refusal(family, generation, now)
            if refusal is not None:
                return refusal
            self._state.families[user_id, family_id] = replace(
                family,
                generation=generation + 1,
                rotated_at=now,
                rotated_scopes=scopes,
                idle_expires_at=idle_expires_at,
            )
        return Rotation.ROTATED

    async def revoke(self, user_id: str, family_id: str) -> bool:
        """Mark one family revoked, for ever. Returns whether it was active until now."""
        return self._revoke(lambda family: family.user_id == user_id and family.id == family_id) == 1

    async def revoke_session(self, user_id: str, session_id: str) -> int:
        """Mark every family of a session revoked. Returns how many were active."""
        return self._revoke(lambda family: family.user_id == user_id and family.session_id == session_id)

    async def revoke_user(self, user_id: str) -> int:
        """Mark every family of a person revoked. Returns how many were active."""
        return self._revoke(lambda family: family.user_id == user_id)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` families whose absolute expiry is before `before`."""
        before = cut(before)
        with self._state.lock:
            old = [key for key, family in self._state.families.items() if family.expires_at < before][:limit]
            for key in old:
                del self._state.families[key]
        return len(old)

    def _revoke(self, chosen: Callable[[RefreshFamily], bool]) -> int:
        with self._state.lock:
            families = [f for f in self._state.families.values() if chosen(f) and f.status is FamilyStatus.ACTIVE]
            for family in families:
                self._state.families[family.user_id, family.id] = replace(family, status=FamilyStatus.REVOKED)
        return len(families)


class MemorySigningKeys:
    """Signing keys at rest (see `ports.grants.SigningKeys`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list(self) -> Sequence[SigningKey]:
        """Return all keys by generation."""
        with self._state.lock:
            keys = sorted(self._state.keys.values(), key=lambda key: key.generation)
        return [replace(key, public_jwk=copied(key.public_jwk)) for key in keys]

    async def add(self, key: SigningKey) -> KeyAdded:
        """Store a key; of several with one generation, exactly one is ADDED."""
        key = kept(key)
        with self._state.lock:
            if any(other.generation == key.generation for other in self._state.keys.values()):
                return KeyAdded.GENERATION_TAKEN
            if key.kid in self._state.keys:
                raise ValueError("a key with this kid exists")
            self._state.keys[key.kid] = key
        return KeyAdded.ADDED

    async def revoke(self, kid: str, *, now: datetime) -> bool:
        """Mark a key compromised. Returns whether it was good until now."""
        with self._state.lock:
            key = self._state.keys.get(kid)
            if key is None or key.revoked_at is not None:
                return False
            self._state.keys[kid] = replace(key, revoked_at=cut(now))
        return True

    async def purge(self, kids: Sequence[str]) -> int:
        """Delete keys that nothing can need any more."""
        with self._state.lock:
            return sum(self._state.keys.pop(kid, None) is not None for kid in set(kids))


def _refusal(family: RefreshFamily, generation: int, now: datetime) -> Rotation | None:
    """Say why not, replay before expiry."""
    if family.status is FamilyStatus.REVOKED:
        return Rotation.REVOKED
    if family.generation != generation:
        return Rotation.STALE
    if min(family.idle_expires_at, family.expires_at) <= now:
        return Rotation.EXPIRED
    return None
