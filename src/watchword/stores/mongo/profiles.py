"""Sets an account's e-mail, its profile, or both, and writes nothing over what is left out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchword.core.errors import StoreUnavailable
from watchword.ports.identity import Change, Keep
from watchword.stores.encoding import to_json
from watchword.stores.mongo.collection import Collection
from watchword.stores.mongo.documents import ABSENT, PRESENT, Document, is_, is_not, kept

MOST_TRIES = 8


async def set_profile(
    users: Collection,
    user_id: str,
    *,
    now: datetime,
    email: str | Keep | None,
    email_key: str | None,
    profile: Mapping[str, Any] | Keep,
    expected: Mapping[str, Any] | Keep,
) -> Change:
    """Set what is not to be kept; STALE, and nothing is set, if the stored profile is not the expected one.

    Raises:
        AlreadyStored: the e-mail key is another account's.
    """
    this: Document = {"_id": is_(user_id)}
    if not isinstance(expected, Keep):
        this["profile"] = is_(to_json(expected))
    values = kept(updated_at=now) if isinstance(profile, Keep) else kept(updated_at=now, profile=profile)
    ways = [({}, {"$set": values})] if isinstance(email, Keep) else _ways(email, email_key, values)
    for _ in range(MOST_TRIES):  # the e-mail may change between two ways
        for guard, change in ways:
            if await users.update({**this, **guard}, change):
                return Change.CHANGED
        found = await users.find_settled({"_id": is_(user_id)})
        if found is None:
            return Change.ABSENT
        if "profile" in this and is_(found["profile"]) != this["profile"]:
            return Change.STALE
    raise StoreUnavailable(hint="this account changes all the time")


def _ways(email: str | None, key: str | None, values: Document) -> list[tuple[Document, Document]]:
    """Return a guard and a change for an e-mail whose key stays, and those for one whose key becomes another."""
    if key is None:
        gone = {"$set": values, "$unset": {"email": "", "email_key": ""}}
        return [({"email_key": ABSENT}, gone), ({"email_key": PRESENT}, _unverified(gone))]
    new = {"$set": {**values, **kept(email=email, email_key=key)}}
    return [({"email_key": is_(key)}, new), ({"email_key": is_not(key)}, _unverified(new))]


def _unverified(change: Document) -> Document:
    return {**change, "$set": {**change["$set"], "email_verified": False}}
