"""Device authorizations in SQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, BindParameter, bindparam, delete, insert, or_, select, type_coerce, update

from watchword.core.models.authorizations import DeviceGrant, DeviceStatus
from watchword.ports.authorizations import Poll
from watchword.ports.identity import Change, Redemption
from watchword.stores.device_answers import SLOWER, told_of
from watchword.stores.sql.batches import batch_of
from watchword.stores.sql.columns import Time
from watchword.stores.sql.database import ConstraintBroken, Database, Transaction
from watchword.stores.sql.records import values_of
from watchword.stores.sql.tables import device_grants as devices

NOW: BindParameter[Any] = bindparam("now", type_=Time())
HASH: BindParameter[Any] = bindparam("by_hash")
CODE: BindParameter[Any] = bindparam("by_code")
MS_SLOWER = int(SLOWER.total_seconds() * 1000)

ADD = insert(devices)
FIND = select(devices).where(devices.c.device_hash == HASH)
FIND_BY_CODE = select(devices).where(devices.c.user_code_hash == CODE)
FIND_OPEN_CODE = FIND_BY_CODE.where(devices.c.expires_at > NOW)
FREE_CODE = delete(devices).where(devices.c.user_code_hash == CODE, devices.c.expires_at <= NOW)
ONE = update(devices).where(devices.c.device_hash == HASH).returning(devices.c.device_hash)
OPEN = ONE.where(devices.c.status == DeviceStatus.PENDING, devices.c.expires_at > NOW)
PERSON = ("user_id", "session_id", "browser_id", "auth_time", "amr", "acr", "scopes", "resource")
"""What an approval sets: the person, and what they approved."""
APPROVE = OPEN.values(status=DeviceStatus.APPROVED, **{name: bindparam(f"new_{name}") for name in PERSON})
DENY = OPEN.values(status=DeviceStatus.DENIED)
DUE = type_coerce(devices.c.polled_at, BigInteger) + type_coerce(devices.c.interval, BigInteger)
ASK = OPEN.where(or_(devices.c.polled_at.is_(None), DUE <= NOW)).values(polled_at=NOW)
ASK_TOO_SOON = OPEN.values(polled_at=NOW, interval=type_coerce(devices.c.interval, BigInteger) + MS_SLOWER)
REDEEM = ONE.where(devices.c.status == DeviceStatus.APPROVED, devices.c.expires_at > NOW).values(
    status=DeviceStatus.REDEEMED
)
EXPIRED = batch_of(devices.c.device_hash, where=devices.c.expires_at < NOW)
PURGE = delete(devices).where(devices.c.device_hash.in_(EXPIRED))
CODE_TAKEN = "watchword_device_grants.user_code_hash"


class SqlDeviceGrants:
    """Device authorizations (see `ports.authorizations.DeviceGrants`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, grant: DeviceGrant) -> bool:
        """Store a new one, unless its user code is another's that has not expired."""
        code = {"by_code": grant.user_code_hash, "now": grant.created_at}

        def work(transaction: Transaction) -> bool:
            if transaction.first(FIND_OPEN_CODE, code) is not None:
                return False
            if transaction.first(FIND, {"by_hash": grant.device_hash}) is not None:
                raise ValueError("a grant with this device code exists")
            transaction.count(FREE_CODE, code)
            transaction.run(ADD, values_of(grant))
            return True

        try:
            return await self._database.write(work)
        except ConstraintBroken as broken:
            if broken.constraint == CODE_TAKEN:  # in another process, at the same moment
                return False
            raise

    async def find(self, device_hash: bytes) -> DeviceGrant | None:
        """Return the grant in any state, or None."""
        rows = await self._database.rows(FIND, {"by_hash": device_hash})
        return DeviceGrant(**rows[0]._mapping) if rows else None

    async def find_by_user_code(self, user_code_hash: bytes) -> DeviceGrant | None:
        """Return the grant with this user code in any state, or None."""
        rows = await self._database.rows(FIND_BY_CODE, {"by_code": user_code_hash})
        return DeviceGrant(**rows[0]._mapping) if rows else None

    async def approve(self, grant: DeviceGrant, *, now: datetime) -> Change:
        """Approve a pending, unexpired grant with the person's fields of this record."""
        new = {f"new_{name}": getattr(grant, name) for name in PERSON}

        def work(transaction: Transaction) -> Change:
            changed = transaction.first(APPROVE, {"by_hash": grant.device_hash, "now": now, **new})
            return _change(transaction, changed, grant.device_hash)

        return await self._database.write(work)

    async def deny(self, device_hash: bytes, *, now: datetime) -> Change:
        """Deny a pending, unexpired grant."""

        def work(transaction: Transaction) -> Change:
            changed = transaction.first(DENY, {"by_hash": device_hash, "now": now})
            return _change(transaction, changed, device_hash)

        return await self._database.write(work)

    async def poll(self, device_hash: bytes, *, now: datetime) -> Poll:
        """Note that the device asked at `now`, and return what to tell it."""
        values = {"by_hash": device_hash, "now": now}

        def work(transaction: Transaction) -> Poll:
            if transaction.first(ASK, values) is not None:
                return Poll.PENDING
            if transaction.first(ASK_TOO_SOON, values) is not None:
                return Poll.SLOW_DOWN
            found = transaction.first(FIND, {"by_hash": device_hash})
            return Poll.ABSENT if found is None else told_of(found.status, expired=found.expires_at <= now)

        return await self._database.write(work)

    async def redeem(self, device_hash: bytes, *, now: datetime) -> Redemption:
        """Spend an approved grant. Exactly one caller gets REDEEMED."""

        def work(transaction: Transaction) -> Redemption:
            if transaction.first(REDEEM, {"by_hash": device_hash, "now": now}) is not None:
                return Redemption.REDEEMED
            found = transaction.first(FIND, {"by_hash": device_hash})
            known = {DeviceStatus.REDEEMED: Redemption.SPENT, DeviceStatus.APPROVED: Redemption.EXPIRED}
            return Redemption.ABSENT if found is None else known.get(found.status, Redemption.ABSENT)

        return await self._database.write(work)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` grants that expired before `before`."""
        return await self._database.count(PURGE, {"now": before, "rows": limit})


def _change(transaction: Transaction, changed: object, device_hash: bytes) -> Change:
    if changed is not None:
        return Change.CHANGED
    return Change.STALE if transaction.first(FIND, {"by_hash": device_hash}) is not None else Change.ABSENT
