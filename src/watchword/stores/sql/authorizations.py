"""Authorization codes and consents in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, delete, insert, select, update

from watchword.core.models.authorizations import AuthorizationCode, Consent
from watchword.ports.identity import Redemption
from watchword.stores.sql.batches import batch_of
from watchword.stores.sql.columns import Time
from watchword.stores.sql.database import ConstraintBroken, Database, Transaction
from watchword.stores.sql.records import values_of
from watchword.stores.sql.tables import authorization_codes as codes
from watchword.stores.sql.tables import consents

NOW: BindParameter[Any] = bindparam("now", type_=Time())
HASH: BindParameter[Any] = bindparam("by_hash")

ADD = insert(codes)
FIND = select(codes).where(codes.c.code_hash == HASH)
ONE = update(codes).where(codes.c.code_hash == HASH).returning(codes.c.code_hash)
REDEEM = ONE.where(codes.c.redeemed_at.is_(None), codes.c.expires_at > NOW).values(redeemed_at=NOW)
REUSE = ONE.where(codes.c.redeemed_at.is_not(None), codes.c.reused_at.is_(None)).values(reused_at=NOW)
EXPIRED = batch_of(codes.c.code_hash, where=codes.c.expires_at < NOW)
PURGE = delete(codes).where(codes.c.code_hash.in_(EXPIRED))


class SqlCodes:
    """Authorization codes (see `ports.authorizations.Codes`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, code: AuthorizationCode) -> None:
        """Store a new code."""
        await self._database.run(ADD, values_of(code))

    async def find(self, code_hash: bytes) -> AuthorizationCode | None:
        """Return the code, spent or expired too, or None."""
        rows = await self._database.rows(FIND, {"by_hash": code_hash})
        return AuthorizationCode(**rows[0]._mapping) if rows else None

    async def redeem(self, code_hash: bytes, *, now: datetime) -> Redemption:
        """Spend it. Exactly one caller gets REDEEMED; who gets SPENT has set `reused_at`."""
        values = {"by_hash": code_hash, "now": now}

        def work(transaction: Transaction) -> Redemption:
            if transaction.first(REDEEM, values) is not None:
                return Redemption.REDEEMED
            if transaction.first(REUSE, values) is not None:
                return Redemption.SPENT
            found = transaction.first(FIND, {"by_hash": code_hash})
            if found is None:
                return Redemption.ABSENT
            return Redemption.EXPIRED if found.redeemed_at is None else Redemption.SPENT

        return await self._database.write(work)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Delete up to `limit` codes that expired before `before`."""
        return await self._database.count(PURGE, {"now": before, "rows": limit})


IS_MINE = consents.c.user_id == bindparam("by_user")
IS_FOR = consents.c.client_id == bindparam("by_client")
ADD_CONSENT = insert(consents)
FIND_CONSENT = select(consents).where(IS_MINE, IS_FOR)
LIST_CONSENTS = select(consents).where(IS_MINE).order_by(consents.c.client_id)
CHANGE_CONSENT = (
    update(consents)
    .where(IS_MINE, IS_FOR)
    .values(
        scopes=bindparam("new_scopes"),
        resources=bindparam("new_resources"),
        claims=bindparam("new_claims"),
        granted_at=NOW,
    )
    .returning(consents.c.client_id)
)
WITHDRAW_ALL = delete(consents).where(IS_MINE)
WITHDRAW = WITHDRAW_ALL.where(IS_FOR)


class SqlConsents:
    """Consents (see `ports.authorizations.Consents`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def find(self, user_id: str, client_id: str) -> Consent | None:
        """Return what the person lets this client have, or None."""
        rows = await self._database.rows(FIND_CONSENT, {"by_user": user_id, "by_client": client_id})
        return Consent(**rows[0]._mapping) if rows else None

    async def list(self, user_id: str) -> Sequence[Consent]:
        """Return all consents of a person, by client id."""
        return [Consent(**row._mapping) for row in await self._database.rows(LIST_CONSENTS, {"by_user": user_id})]

    async def put(self, consent: Consent) -> None:
        """Make or replace a consent."""
        values = {
            "by_user": consent.user_id,
            "by_client": consent.client_id,
            "new_scopes": consent.scopes,
            "new_resources": consent.resources,
            "new_claims": consent.claims,
            "now": consent.granted_at,
        }

        def work(transaction: Transaction) -> None:
            if transaction.first(CHANGE_CONSENT, values) is None:
                transaction.run(ADD_CONSENT, values_of(consent))

        try:
            await self._database.write(work)
        except ConstraintBroken:  # another process made it at the same moment; now it is there
            await self._database.write(work)

    async def withdraw(self, user_id: str, client_id: str) -> bool:
        """Remove a consent. Returns whether there was one."""
        return await self._database.count(WITHDRAW, {"by_user": user_id, "by_client": client_id}) == 1

    async def withdraw_all(self, user_id: str) -> int:
        """Remove all consents of a person. Returns how many there were."""
        return await self._database.count(WITHDRAW_ALL, {"by_user": user_id})
