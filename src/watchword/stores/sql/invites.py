"""Invitations in SQL."""

from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, insert, select, update

from watchword.core.models.identity import Invite
from watchword.ports.identity import Change, Redemption
from watchword.stores.sql.batches import batch_of
from watchword.stores.sql.database import Database, Transaction
from watchword.stores.sql.records import values_of
from watchword.stores.sql.tables import invites

HASH: BindParameter[Any] = bindparam("by_hash")
USER: BindParameter[Any] = bindparam("by_user")
NOW: BindParameter[Any] = bindparam("now")

ADD = insert(invites)
FIND = select(invites).where(invites.c.secret_hash == HASH)
ONE = update(invites).where(invites.c.secret_hash == HASH).returning(invites.c.secret_hash)
REDEEM = ONE.where(invites.c.redeemed_at.is_(None), invites.c.expires_at > NOW).values(
    redeemed_at=NOW, redeemed_by=USER
)
VOID = (
    update(invites)
    .where(invites.c.roles == bindparam("by_roles", type_=invites.c.roles.type), invites.c.redeemed_at.is_(None))
    .values(redeemed_at=NOW)
)
RELEASE = ONE.where(invites.c.redeemed_by == USER).values(redeemed_at=None, redeemed_by=None)
EXPIRED = batch_of(invites.c.secret_hash, where=invites.c.expires_at < NOW)
PURGE = delete(invites).where(invites.c.secret_hash.in_(EXPIRED))


class SqlInvites:
    """Invitations (see `ports.identity.Invites`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, invite: Invite) -> None:
        """Store a new invitation."""
        await self._database.run(ADD, values_of(invite))

    async def find(self, secret_hash: bytes) -> Invite | None:
        """Return the invitation, spent or not, or None."""
        rows = await self._database.rows(FIND, {"by_hash": secret_hash})
        return Invite(**rows[0]._mapping) if rows else None

    async def redeem(self, secret_hash: bytes, *, user_id: str, now: datetime) -> Redemption:
        """Spend it for `user_id`. Exactly one caller gets REDEEMED."""

        def work(transaction: Transaction) -> Redemption:
            if transaction.first(REDEEM, {"by_hash": secret_hash, "by_user": user_id, "now": now}) is not None:
                return Redemption.REDEEMED
            invite = transaction.first(FIND, {"by_hash": secret_hash})
            if invite is None:
                return Redemption.ABSENT
            return Redemption.EXPIRED if invite.redeemed_at is None else Redemption.SPENT

        return await self._database.write(work)

    async def void(self, roles: tuple[str, ...], *, now: datetime) -> int:
        """Spend, for nobody, every open invitation to exactly these roles. Returns how many."""
        return await self._database.count(VOID, {"by_roles": roles, "now": now})

    async def release(self, secret_hash: bytes, *, user_id: str) -> Change:
        """Undo a redemption by `user_id`. STALE if another holds it, UNCHANGED if nobody does."""

        def work(transaction: Transaction) -> Change:
            if transaction.first(RELEASE, {"by_hash": secret_hash, "by_user": user_id}) is not None:
                return Change.CHANGED
            invite = transaction.first(FIND, {"by_hash": secret_hash})
            if invite is None:
                return Change.ABSENT
            return Change.UNCHANGED if invite.redeemed_at is None else Change.STALE

        return await self._database.write(work)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` invitations that expired before `before`. There are few, so no index finds them."""
        return await self._database.count(PURGE, {"now": before, "rows": limit})
