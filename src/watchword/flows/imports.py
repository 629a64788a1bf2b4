"""Brings accounts in from files, in batches. Each row becomes an account, is there already, or is rejected."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from watchword.core.account_errors import WeakPassword
from watchword.core.accounts.identifiers import identifier_key
from watchword.core.accounts.imports.acceptance import ImportRules, user_of
from watchword.core.accounts.imports.account import BadRow, ImportedAccount
from watchword.core.accounts.imports.usernames import another_username_from
from watchword.core.accounts.password_policy import check_password
from watchword.core.accounts.passwords import Passwords
from watchword.core.ids import find_id_time
from watchword.core.models.events import AccountsImported
from watchword.core.models.identity import User
from watchword.flows.context import Context
from watchword.flows.import_foresight import foresee, keys_of
from watchword.flows.import_roles import ImportedRoles
from watchword.flows.patient_adding import add_patiently
from watchword.ports.identity import Added

Rejected = Callable[[int, str], None]
"""Is told the number of a row and why it was rejected, as the end of "This row ..."."""


class NumberedAccount(NamedTuple):
    """An account as a row describes it, and the number of that row."""

    row: int
    account: ImportedAccount


class _Candidate(NamedTuple):
    row: int
    user: User
    has_own_name: bool


@dataclass(slots=True)
class Tally:
    """What came of the rows so far."""

    added: int = 0
    existing: int = 0
    rejected: int = 0
    without_hash: int = 0
    """Of the added: those whose unknown hash was dropped."""


class UserImport:
    """One import. Hand it the rows in order, batch by batch, then `finish`.

    Args:
        ctx: the context.
        rules: what it may do.
        rejected: is told of each row that makes no account.
    """

    def __init__(self, ctx: Context, rules: ImportRules, rejected: Rejected) -> None:
        self.tally = Tally()
        self.roles = ImportedRoles(ctx, rules)
        self.stopped = False
        self._ctx, self._rules, self._rejected = ctx, rules, rejected
        self._recognises = Passwords(ctx.config.passwords).recognises
        self._began_at = ctx.clock.now()

    async def take(self, batch: Sequence[NumberedAccount]) -> None:
        """Store what can be stored.

        Raises:
            StoreUnavailable: some of the batch may be stored; the same batch again does no harm.
        """
        candidates = [made for each in batch if (made := await self._prepare(each)) is not None]
        outcomes = await self._add([each.user for each in candidates])
        again = [
            (place, _renamed(each))
            for place, (each, outcome) in enumerate(zip(candidates, outcomes, strict=True))
            if outcome is Added.USERNAME_TAKEN and not each.has_own_name
        ]
        second = await self._add([each.user for _, each in again])
        for (place, candidate), outcome in zip(again, second, strict=True):
            candidates[place], outcomes[place] = candidate, outcome
        refused = [each.user for each, outcome in zip(candidates, outcomes, strict=True) if outcome is not Added.ADDED]
        stored = await self._stored(refused)
        for candidate, outcome in zip(candidates, outcomes, strict=True):
            self._count(candidate, outcome, stored)

    def reject(self, row: int, reason: str) -> None:
        """Count a row that makes no account, and tell of it."""
        self.tally.rejected += 1
        self._rejected(row, reason)

    def finish(self, file_format: str) -> None:
        """Publish one event for all that was added."""
        if self.tally.added and not self._rules.dry_run:
            now = self._ctx.clock.now()
            self._ctx.events.publish(AccountsImported(at=now, count=self.tally.added, file_format=file_format))

    async def _prepare(self, numbered: NumberedAccount) -> _Candidate | None:
        account = numbered.account
        now = self._ctx.clock.now()
        try:
            user = user_of(account, rules=self._rules, recognises=self._recognises, now=now)
            roles = await self.roles.allowed(account.roles)
            if account.password is not None and user.password_hash is None:
                user = replace(user, password_hash=await self._hash(account.password, user))
        except BadRow as refusal:
            self.reject(numbered.row, str(refusal))
            return None
        self.tally.without_hash += account.password_hash is not None and user.password_hash is None
        return _Candidate(numbered.row, replace(user, roles=roles), _has_own_name(account))

    async def _hash(self, password: str, user: User) -> str:
        if self._rules.dry_run:
            return ""
        context = (user.username, user.email or "")
        try:
            checked = check_password(password, policy=self._ctx.config.passwords, context=context)
        except WeakPassword as error:
            raise BadRow(f"is refused: {error.detail}") from None
        return await self._ctx.hasher.hash(checked)

    async def _add(self, users: Sequence[User]) -> list[Added]:
        if self._rules.dry_run:
            return await foresee(self._ctx.stores.users, users)
        return await add_patiently(self._ctx.stores.users, users) if users else []

    async def _stored(self, users: Sequence[User]) -> dict[str, User]:
        """Return, by their keys, the accounts that have a key of one of these users."""
        keys = [key for user in users for key in keys_of(user)]
        found = await self._ctx.stores.users.find_by_logins(keys) if keys else []
        return {key: user for user in found for key in keys_of(user)}

    def _count(self, candidate: _Candidate, outcome: Added, stored: Mapping[str, User]) -> None:
        if outcome is Added.ADDED:
            self.tally.added += 1
            return
        reason = self._conflict(candidate, outcome, stored)
        if reason is not None:
            self.reject(candidate.row, reason)
        elif self._rules.stop_at_existing:
            self.stopped = True
            self.reject(candidate.row, "is of an account that is there already")
        else:
            self.tally.existing += 1

    def _conflict(self, candidate: _Candidate, outcome: Added, stored: Mapping[str, User]) -> str | None:
        """Return why the row is rejected, or None if the account it describes is there from before."""
        user = candidate.user
        by_name = outcome is Added.USERNAME_TAKEN
        key = user.username_key if by_name else user.email_key
        what = "user name" if by_name else "e-mail address"
        found = stored.get(key or "")
        if found is None or _is_new(found, self._began_at):
            return f"has the {what} of an earlier row"
        same = found.email_key == user.email_key and (
            found.username_key == user.username_key or not candidate.has_own_name
        )
        return None if same else f"has the {what} of another account"


def _has_own_name(account: ImportedAccount) -> bool:
    """Whether the username is the person's own, not one made of the address: a name with an @ is an address."""
    return account.username is not None and "@" not in account.username


def _renamed(candidate: _Candidate) -> _Candidate:
    name = another_username_from(candidate.user.email or "")
    return candidate._replace(user=replace(candidate.user, username=name, username_key=identifier_key(name)))


def _is_new(user: User, since: datetime) -> bool:
    made_at = find_id_time(user.id)
    return made_at is not None and made_at >= since - timedelta(milliseconds=1)
