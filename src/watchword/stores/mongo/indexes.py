"""The indexes. `watchword migrate` makes them; one that is there already costs nothing.

Beside these every collection has the unique index of its `_id`. That of a session and of a refresh family begins with
the user's id (`documents.own_id`), so it also finds all that a person has, and is the key to shard them by.
"""

from collections.abc import Mapping, Sequence

from pymongo import ASCENDING, IndexModel


def _index(field: str, **options: object) -> IndexModel:
    return IndexModel([(field, ASCENDING)], name=field, **options)


INDEXES: Mapping[str, Sequence[IndexModel]] = {
    "users": (
        _index("username_key", unique=True),
        _index("email_key", unique=True, partialFilterExpression={"email_key": {"$exists": True}}),
        _index("roles"),
    ),
    "sessions": (_index("expires_at"),),
    "browser_sessions": (_index("expires_at"),),
    "authorization_codes": (_index("expires_at"),),
    "device_grants": (_index("user_code_hash", unique=True), _index("expires_at")),
    "used_once": (_index("expires_at"),),
    "refresh_families": (_index("session_id"), _index("expires_at")),
    "revocations": (_index("last", unique=True), _index("first_expires_at")),
    "signing_keys": (_index("generation", unique=True),),
}
"""By collection, which are named without their prefix."""
