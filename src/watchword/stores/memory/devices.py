"""Device authorizations in memory."""

from dataclasses import replace
from datetime import datetime

from watchword.core.models.authorizations import DeviceGrant, DeviceStatus
from watchword.ports.authorizations import Poll
from watchword.ports.identity import Change, Redemption
from watchword.stores.device_answers import SLOWER, told_of
from watchword.stores.memory.state import State, cut, kept


class MemoryDeviceGrants:
    """Device authorizations (see `ports.authorizations.DeviceGrants`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, grant: DeviceGrant) -> bool:
        """Store a new one, unless its user code is another's that has not expired."""
        grant = kept(grant)
        with self._state.lock:
            other = self._with_code(grant.user_code_hash)
            if other is not None and other.expires_at > grant.created_at:
                return False
            if grant.device_hash in self._state.devices:
                raise ValueError("a grant with this device code exists")
            if other is not None:
                del self._state.devices[other.device_hash]
            self._state.devices[grant.device_hash] = grant
        return True

    async def find(self, device_hash: bytes) -> DeviceGrant | None:
        """Return the grant in any state, or None."""
        with self._state.lock:
            return self._state.devices.get(device_hash)

    async def find_by_user_code(self, user_code_hash: bytes) -> DeviceGrant | None:
        """Return the grant with this user code in any state, or None."""
        with self._state.lock:
            return self._with_code(user_code_hash)

    async def approve(self, grant: DeviceGrant, *, now: datetime) -> Change:
        """Approve a pending, unexpired grant with the person's fields of this record."""
        return self._decide(kept(grant), grant.device_hash, cut(now))

    async def deny(self, device_hash: bytes, *, now: datetime) -> Change:
        """Deny a pending, unexpired grant."""
        return self._decide(None, device_hash, cut(now))

    async def poll(self, device_hash: bytes, *, now: datetime) -> Poll:
        """Note that the device asked at `now`, and return what to tell it."""
        now = cut(now)
        with self._state.lock:
            grant = self._state.devices.get(device_hash)
            if grant is None:
                return Poll.ABSENT
            told = told_of(grant.status, expired=grant.expires_at <= now)
            if told is not Poll.PENDING:
                return told
            early = grant.polled_at is not None and grant.polled_at + grant.interval > now
            interval = grant.interval + SLOWER if early else grant.interval
            self._state.devices[device_hash] = replace(grant, polled_at=now, interval=interval)
        return Poll.SLOW_DOWN if early else Poll.PENDING

    async def redeem(self, device_hash: bytes, *, now: datetime) -> Redemption:
        """Spend an approved grant. Exactly one caller gets REDEEMED."""
        now = cut(now)
        with self._state.lock:
            grant = self._state.devices.get(device_hash)
            if grant is None or grant.status in (DeviceStatus.PENDING, DeviceStatus.DENIED):
                return Redemption.ABSENT
            if grant.status is DeviceStatus.REDEEMED:
                return Redemption.SPENT
            if grant.expires_at <= now:
                return Redemption.EXPIRED
            self._state.devices[device_hash] = replace(grant, status=DeviceStatus.REDEEMED)
        return Redemption.REDEEMED

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` grants that expired before `before`."""
        before = cut(before)
        with self._state.lock:
            old = [key for key, grant in self._state.devices.items() if grant.expires_at < before][:limit]
            for key in old:
                del self._state.devices[key]
        return len(old)

    def _with_code(self, user_code_hash: bytes) -> DeviceGrant | None:
        grants = self._state.devices.values()
        return next((grant for grant in grants if grant.user_code_hash == user_code_hash), None)

    def _decide(self, approved: DeviceGrant | None, device_hash: bytes, now: datetime) -> Change:
        with self._state.lock:
            grant = self._state.devices.get(device_hash)
            if grant is None:
                return Change.ABSENT
            if grant.status is not DeviceStatus.PENDING or grant.expires_at <= now:
                return Change.STALE
            denied = replace(grant, status=DeviceStatus.DENIED)
            self._state.devices[device_hash] = denied if approved is None else approved_by(grant, approved)
        return Change.CHANGED


def approved_by(grant: DeviceGrant, approved: DeviceGrant) -> DeviceGrant:
    """Return the stored grant with the person of the approval, and what they approved."""
    return replace(
        grant,
        status=DeviceStatus.APPROVED,
        user_id=approved.user_id,
        session_id=approved.session_id,
        browser_id=approved.browser_id,
        auth_time=approved.auth_time,
        amr=approved.amr,
        acr=approved.acr,
        scopes=approved.scopes,
        resource=approved.resource,
    )
