"""Codes, consents, resources and what may be used once, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from watchword.core.models.authorizations import AuthorizationCode, Consent, Resource
from watchword.ports.identity import Change, Redemption
from watchword.stores.memory.state import State, cut, kept


class MemoryCodes:
    """Authorization codes (see `ports.authorizations.Codes`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, code: AuthorizationCode) -> None:
        """Store a new code."""
        code = kept(code)
        with self._state.lock:
            if code.code_hash in self._state.codes:
                raise ValueError("a code with this hash exists")
            self._state.codes[code.code_hash] = code

    async def find(self, code_hash: bytes) -> AuthorizationCode | None:
        """Return the code, spent or expired too, or None."""
        with self._state.lock:
            return self._state.codes.get(code_hash)

    async def redeem(self, code_hash: bytes, *, now: datetime) -> Redemption:
        """Spend it. Exactly one caller gets REDEEMED; who gets SPENT has set `reused_at`."""
        now = cut(now)
        with self._state.lock:
            code = self._state.codes.get(code_hash)
            if code is None:
                return Redemption.ABSENT
            if code.redeemed_at is not None:
                self._state.codes[code_hash] = replace(code, reused_at=code.reused_at or now)
                return Redemption.SPENT
            if code.expires_at <= now:
                return Redemption.EXPIRED
            self._state.codes[code_hash] = replace(code, redeemed_at=now)
        return Redemption.REDEEMED

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` codes that expired before `before`."""
        before = cut(before)
        with self._state.lock:
            old = [key for key, code in self._state.codes.items() if code.expires_at < before][:limit]
            for key in old:
                del self._state.codes[key]
        return len(old)


class MemoryConsents:
    """Consents (see `ports.authorizations.Consents`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def find(self, user_id: str, client_id: str) -> Consent | None:
        """Return what the person lets this client have, or None."""
        with self._state.lock:
            return self._state.consents.get((user_id, client_id))

    async def list(self, user_id: str) -> Sequence[Consent]:
        """Return all consents of a person, by client id."""
        with self._state.lock:
            mine = [consent for (owner, _), consent in self._state.consents.items() if owner == user_id]
        return sorted(mine, key=lambda consent: consent.client_id)

    async def put(self, consent: Consent) -> None:
        """Make or replace a consent."""
        consent = kept(consent)
        with self._state.lock:
            self._state.consents[consent.user_id, consent.client_id] = consent

    async def withdraw(self, user_id: str, client_id: str) -> bool:
        """Remove a consent. Returns whether there was one."""
        with self._state.lock:
            return self._state.consents.pop((user_id, client_id), None) is not None

    async def withdraw_all(self, user_id: str) -> int:
        """Remove all consents of a person. Returns how many there were."""
        with self._state.lock:
            mine = [key for key in self._state.consents if key[0] == user_id]
            for key in mine:
                del self._state.consents[key]
        return len(mine)


class MemoryResources:
    """Registered resources (see `ports.authorizations.Resources`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def list(self) -> Sequence[Resource]:
        """Return all resources by URI."""
        with self._state.lock:
            return [self._state.resources[uri] for uri in sorted(self._state.resources)]

    async def put(self, resource: Resource) -> Change:
        """Make or replace a resource. CHANGED, or UNCHANGED if it was the same."""
        resource = kept(resource)
        with self._state.lock:
            if self._state.resources.get(resource.uri) == resource:
                return Change.UNCHANGED
            self._state.resources[resource.uri] = resource
        return Change.CHANGED

    async def delete(self, uri: str) -> Change:
        """Remove a resource."""
        with self._state.lock:
            return Change.ABSENT if self._state.resources.pop(uri, None) is None else Change.CHANGED


class MemoryUsedOnce:
    """What may be used once (see `ports.authorizations.UsedOnce`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def claim(self, key: bytes, *, expires_at: datetime, now: datetime) -> bool:
        """Return True for exactly one caller, until `expires_at` of the first."""
        expires_at, now = cut(expires_at), cut(now)
        with self._state.lock:
            known = self._state.used.get(key)
            if known is not None and known > now:
                return False
            self._state.used[key] = expires_at
        return True

    async def purge(self, *, now: datetime, limit: int) -> int:
        """Forget up to `limit` that have expired."""
        now = cut(now)
        with self._state.lock:
            old = [key for key, expires_at in self._state.used.items() if expires_at <= now][:limit]
            for key in old:
                del self._state.used[key]
        return len(old)
