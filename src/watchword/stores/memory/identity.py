"""Users in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from watchword.core.models.identity import User
from watchword.ports.identity import Added, Change, Keep, add_each
from watchword.stores.encoding import is_storable, to_json
from watchword.stores.memory.state import State, cut, find_user, kept


class MemoryUsers:
    """Accounts (see `ports.identity.Users`)."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, user: User) -> Added:
        """Store a new account with those of its roles that exist, unless a key is taken."""
        user, state = kept(user), self._state
        with state.lock:
            if user.username_key in state.logins:
                return Added.USERNAME_TAKEN
            if user.email_key is not None and user.email_key in state.logins:
                return Added.EMAIL_TAKEN
            if user.id in state.users:
                raise ValueError("a user with this id exists")
            state.users[user.id] = replace(user, roles=())
            state.members[user.id] = {role for role in user.roles if role in state.roles}
            for key in filter(None, (user.username_key, user.email_key)):
                state.logins[key] = user.id
        return Added.ADDED

    async def add_many(self, users: Sequence[User]) -> Sequence[Added]:
        """Store those new accounts whose keys are free, with those of their roles that exist."""
        return await add_each(self, users)

    async def find(self, user_id: str) -> User | None:
        """Return the account with its roles (sorted), or None."""
        with self._state.lock:
            return find_user(self._state, user_id)

    async def find_by_login(self, key: str) -> User | None:
        """Return the account with this username key or e-mail key, or None."""
        with self._state.lock:
            return find_user(self._state, self._state.logins.get(key, ""))

    async def find_by_logins(self, keys: Sequence[str]) -> Sequence[User]:
        """Return the accounts with any of these username or e-mail keys."""
        with self._state.lock:
            ids = {self._state.logins[key] for key in keys if is_storable(key) and key in self._state.logins}
            return [user for user_id in sorted(ids) if (user := find_user(self._state, user_id))]

    async def list(self, *, limit: int, after: str | None = None) -> Sequence[User]:
        """Return up to `limit` accounts in the order of their ids, from behind `after`."""
        with self._state.lock:
            ids = sorted(user_id for user_id in self._state.users if user_id > (after or ""))
            return [user for user_id in ids[:limit] if (user := find_user(self._state, user_id))]

    async def change_profile(
        self,
        user_id: str,
        *,
        now: datetime,
        email: str | Keep | None = Keep.KEEP,
        email_key: str | None = None,
        profile: Mapping[str, Any] | Keep = Keep.KEEP,
        expected_profile: Mapping[str, Any] | Keep = Keep.KEEP,
    ) -> Change:
        """Set e-mail, profile, or both. TAKEN if the e-mail is another's, STALE if the profile is not as expected."""
        state = self._state
        with state.lock:
            user = state.users.get(user_id)
            if user is None:
                return Change.ABSENT
            if not isinstance(expected_profile, Keep) and to_json(expected_profile) != to_json(user.profile):
                return Change.STALE
            changed = replace(user, profile=user.profile if isinstance(profile, Keep) else profile, updated_at=now)
            if isinstance(email, Keep):
                state.users[user_id] = kept(changed)
                return Change.CHANGED
            return self._set_email(kept(replace(changed, email=email, email_key=email_key)))

    async def change_password(
        self, user_id: str, *, password_hash: str, expected_version: int, now: datetime
    ) -> Change:
        """Set the hash and raise `credential_version` if it is still `expected_version`, else STALE."""
        with self._state.lock:
            user = self._state.users.get(user_id)
            if user is None:
                return Change.ABSENT
            if user.credential_version != expected_version:
                return Change.STALE
            self._raise_version(user, now, password_hash=password_hash)
        return Change.CHANGED

    async def upgrade_hash(self, user_id: str, *, old_hash: str, new_hash: str) -> Change:
        """Replace the hash of the same password if it is still `old_hash`, else STALE. The version stays."""
        with self._state.lock:
            user = self._state.users.get(user_id)
            if user is None:
                return Change.ABSENT
            if user.password_hash != old_hash:
                return Change.STALE
            self._state.users[user_id] = replace(user, password_hash=new_hash)
        return Change.CHANGED

    async def disable(self, user_id: str, *, now: datetime) -> Change:
        """Set `disabled_at` and raise `credential_version`, unless disabled already."""
        return self._set_disabled(user_id, now, disabled=True)

    async def enable(self, user_id: str, *, now: datetime) -> Change:
        """Clear `disabled_at` and raise `credential_version`, unless enabled already."""
        return self._set_disabled(user_id, now, disabled=False)

    async def grant_role(self, user_id: str, role: str) -> Change:
        """Give a role. ABSENT if the user or the role does not exist."""
        with self._state.lock:
            members = self._state.members.get(user_id)
            if members is None or role not in self._state.roles:
                return Change.ABSENT
            if role in members:
                return Change.UNCHANGED
            members.add(role)
        return Change.CHANGED

    async def withdraw_role(self, user_id: str, role: str) -> Change:
        """Take a role away. ABSENT if the user does not exist; UNCHANGED if they did not have it."""
        with self._state.lock:
            members = self._state.members.get(user_id)
            if members is None:
                return Change.ABSENT
            if role not in members:
                return Change.UNCHANGED
            members.remove(role)
        return Change.CHANGED

    async def delete(self, user_id: str) -> Change:
        """Remove the account and its role assignments."""
        with self._state.lock:
            user = self._state.users.pop(user_id, None)
            if user is None:
                return Change.ABSENT
            del self._state.members[user_id], self._state.logins[user.username_key]
            self._state.logins.pop(user.email_key or "", None)
        return Change.CHANGED

    def _set_email(self, changed: User) -> Change:
        state, before, key = self._state, self._state.users[changed.id].email_key, changed.email_key
        if key is not None and state.logins.get(key, changed.id) != changed.id:
            return Change.TAKEN
        if key != before:
            changed = replace(changed, email_verified=False)
            state.logins.pop(before or "", None)
        if key is not None:
            state.logins[key] = changed.id
        state.users[changed.id] = changed
        return Change.CHANGED

    def _set_disabled(self, user_id: str, now: datetime, *, disabled: bool) -> Change:
        with self._state.lock:
            user = self._state.users.get(user_id)
            if user is None:
                return Change.ABSENT
            if user.disabled == disabled:
                return Change.UNCHANGED
            self._raise_version(user, now, disabled_at=cut(now) if disabled else None)
        return Change.CHANGED

    def _raise_version(self, user: User, now: datetime, **changes: Any) -> None:  # noqa: ANN401  fields of User
        version = user.credential_version + 1
        self._state.users[user.id] = replace(user, credential_version=version, updated_at=cut(now), **changes)
