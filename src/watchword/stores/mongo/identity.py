"""Users in MongoDB: one document each, with the roles in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from watchword.core.errors import StoreUnavailable
from watchword.core.models.identity import User
from watchword.ports.identity import Added, Change, Keep
from watchword.stores.encoding import is_storable
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.connection import Connection
from watchword.stores.mongo.documents import ABSENT, PRESENT, Document, is_, kept, storable, to_document
from watchword.stores.mongo.failures import AlreadyStored
from watchword.stores.mongo.profiles import set_profile
from watchword.stores.mongo.records import membership, role_of, to_user

MOST_TRIES = 8
NEXT_VERSION = {"$inc": {"credential_version": 1}}
TAKEN = {"username_key": Added.USERNAME_TAKEN, "email_key": Added.EMAIL_TAKEN}
"""In the order in which they are named: the server checks its indexes in an order of its own."""


class MongoUsers:
    """Accounts (see `ports.identity.Users`)."""

    def __init__(self, connection: Connection) -> None:
        self._users = Collection(connection, "users")
        self._roles = Collection(connection, "roles")

    async def add(self, user: User) -> Added:
        """Store a new account with those of its roles that exist, unless a key is taken."""
        held = await self._memberships(user.roles)
        document = {**to_document(user), "roles": held}
        for _ in range(MOST_TRIES):  # whoever held the key may be gone before we ask who it was
            try:
                await self._users.insert(document)
            except AlreadyStored:
                taken = await self._taken(document)
                if taken is not None:
                    return taken
            else:
                await self._withdraw_gone(user, held)
                return Added.ADDED
        raise StoreUnavailable(hint="somebody takes and frees this name all the time")

    async def add_many(self, users: Sequence[User]) -> Sequence[Added]:
        """Add users in turn, as many with one command as need no second look."""
        held = {user.id: await self._memberships(user.roles) for user in users}
        documents = [{**to_document(user), "roles": held[user.id]} for user in users]
        answers: list[Added] = []
        while len(answers) < len(users):
            stored = await self._users.insert_in_turn(documents[len(answers) :])
            for user in users[len(answers) : len(answers) + stored]:
                await self._withdraw_gone(user, held[user.id])
            answers += [Added.ADDED] * stored
            if len(answers) < len(users):
                answers.append(await self.add(users[len(answers)]))
        return answers

    async def find(self, user_id: str) -> User | None:
        """Return the account with its roles (sorted), or None."""
        found = await self._users.find_one({"_id": is_(user_id)})
        return to_user(found) if found else None

    async def find_by_login(self, key: str) -> User | None:
        """Return the account with this username key or e-mail key, or None."""
        found = await self._users.find_one({"$or": [{"username_key": is_(key)}, {"email_key": is_(key)}]})
        return to_user(found) if found else None

    async def find_by_logins(self, keys: Sequence[str]) -> Sequence[User]:
        """Return the accounts with any of these username or e-mail keys."""
        wanted = {"$in": [key for key in keys if is_storable(key)]}
        found = await self._users.find({"$or": [{"username_key": wanted}, {"email_key": wanted}]}, order="_id")
        return [to_user(document) for document in found]

    async def list(self, *, limit: int, after: str | None = None) -> Sequence[User]:
        """Return up to `limit` accounts in the order of their ids, from behind `after`."""
        found = await self._users.find({"_id": {"$gt": after or ""}}, limit=limit, order="_id") if limit else []
        return [to_user(document) for document in found]

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
        new: dict[str, Any] = {"email": email, "email_key": email_key, "profile": profile}
        try:
            return await set_profile(self._users, user_id, now=now, expected=expected_profile, **new)
        except AlreadyStored:
            return Change.TAKEN

    async def change_password(
        self, user_id: str, *, password_hash: str, expected_version: int, now: datetime
    ) -> Change:
        """Set the hash and raise `credential_version` if it is still `expected_version`, else STALE."""
        change = {"$set": kept(password_hash=password_hash, updated_at=now), **NEXT_VERSION}
        guard = {"credential_version": is_(expected_version)}
        return await self._change(user_id, guard, change, otherwise=Change.STALE)

    async def upgrade_hash(self, user_id: str, *, old_hash: str, new_hash: str) -> Change:
        """Replace the hash of the same password if it is still `old_hash`, else STALE. The version stays."""
        guard, change = {"password_hash": is_(old_hash)}, {"$set": {"password_hash": new_hash}}
        return await self._change(user_id, guard, change, otherwise=Change.STALE)

    async def disable(self, user_id: str, *, now: datetime) -> Change:
        """Set `disabled_at` and raise `credential_version`, unless disabled already."""
        change = {"$set": kept(disabled_at=now, updated_at=now), **NEXT_VERSION}
        return await self._change(user_id, {"disabled_at": ABSENT}, change, otherwise=Change.UNCHANGED)

    async def enable(self, user_id: str, *, now: datetime) -> Change:
        """Clear `disabled_at` and raise `credential_version`, unless enabled already."""
        change = {"$unset": {"disabled_at": ""}, "$set": kept(updated_at=now), **NEXT_VERSION}
        return await self._change(user_id, {"disabled_at": PRESENT}, change, otherwise=Change.UNCHANGED)

    async def grant_role(self, user_id: str, role: str) -> Change:
        """Give a role. ABSENT if the user or the role does not exist."""
        held = await self._memberships((role,))
        if not held:
            return Change.ABSENT
        guard, change = {"roles": {"$nin": held}}, {"$push": {"roles": held[0]}}
        answer = await self._change(user_id, guard, change, otherwise=Change.UNCHANGED)
        if answer is Change.CHANGED and await self._memberships((role,)) != held:  # deleted meanwhile
            await self._withdraw(user_id, held)
            return Change.ABSENT
        return answer

    async def withdraw_role(self, user_id: str, role: str) -> Change:
        """Take a role away. ABSENT if the user does not exist; UNCHANGED if they did not have it."""
        found = await self._users.find_settled({"_id": is_(user_id)})
        if found is None:
            return Change.ABSENT
        return await self._withdraw(user_id, [held for held in found["roles"] if role_of(held) == role])

    async def delete(self, user_id: str) -> Change:
        """Remove the account and its role assignments."""
        return Change.CHANGED if await self._users.delete({"_id": is_(user_id)}) else Change.ABSENT

    async def _change(self, user_id: str, guard: Document, change: Document, *, otherwise: Change) -> Change:
        """Change what the guard holds for; if it did not, answer `otherwise`, or ABSENT without a user."""
        this = {"_id": is_(user_id)}
        if await self._users.update({**this, **guard}, change):
            return Change.CHANGED
        return otherwise if await self._users.find_settled(this) else Change.ABSENT

    async def _withdraw(self, user_id: str, held: Sequence[str]) -> Change:
        guard = {"roles": {"$in": [*held]}}
        return await self._change(user_id, guard, {"$pull": guard}, otherwise=Change.UNCHANGED)

    async def _withdraw_gone(self, user: User, held: Sequence[str]) -> None:
        """Take back what was given by a role that was deleted meanwhile."""
        gone = set(held) - set(await self._memberships(user.roles)) if held else ()
        if gone:
            await self._withdraw(user.id, sorted(gone))

    async def _memberships(self, names: Sequence[str]) -> Sequence[str]:
        """Return what a person holds who holds those of these roles that exist."""
        ids = storable(names)
        found = await self._roles.find({"_id": {"$in": ids}, "deleted": ABSENT}, order="_id") if ids else []
        return [membership(role) for role in found]

    async def _taken(self, document: Document) -> Added | None:
        """Say which value of a refused account is another's; None where it is free by now."""
        for field, taken in TAKEN.items():
            if field in document and await self._users.find_settled({field: is_(document[field])}):
                return taken
        if await self._users.find_settled({"_id": is_(document["_id"])}):
            raise AlreadyStored
        return None
