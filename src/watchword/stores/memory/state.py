"""What the memory stores share: plain dictionaries behind one lock, which is never held across an await."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from threading import Lock
from types import MappingProxyType
from typing import Any

from watchword.core.models.authorizations import AuthorizationCode, Consent, DeviceGrant, Resource
from watchword.core.models.grants import Client, RefreshFamily, SigningKey
from watchword.core.models.identity import Invite, Role, User
from watchword.core.models.sessions import BrowserSession, FeedEntry, Session
from watchword.stores.encoding import from_json, from_ms, to_json, to_ms
from watchword.stores.kept import Record


@dataclass(slots=True)
class State:
    """Everything that is stored. Roles of a user are in `members`, not in the user's record."""

    lock: Lock = field(default_factory=Lock)
    users: dict[str, User] = field(default_factory=dict)
    logins: dict[str, str] = field(default_factory=dict)
    """User ids by username key and by e-mail key."""
    members: dict[str, set[str]] = field(default_factory=dict)
    """Role names by user id."""
    roles: dict[str, Role] = field(default_factory=dict)
    invites: dict[bytes, Invite] = field(default_factory=dict)
    sessions: dict[tuple[str, str], Session] = field(default_factory=dict)
    browsers: dict[tuple[str, str], BrowserSession] = field(default_factory=dict)
    codes: dict[bytes, AuthorizationCode] = field(default_factory=dict)
    devices: dict[bytes, DeviceGrant] = field(default_factory=dict)
    consents: dict[tuple[str, str], Consent] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    used: dict[bytes, datetime] = field(default_factory=dict)
    """When what was used once may be forgotten."""
    clients: dict[str, Client] = field(default_factory=dict)
    families: dict[tuple[str, str], RefreshFamily] = field(default_factory=dict)
    keys: dict[str, SigningKey] = field(default_factory=dict)
    feed: list[FeedEntry] = field(default_factory=list)
    sequence: int = 0


def kept(record: Record) -> Record:
    """Return the record as a database would keep it: times cut, documents copied, text that has a UTF-8 form.

    Raises:
        ValueError: for a naive time or a lone surrogate.
    """
    values: dict[str, Any] = {f.name: _kept(getattr(record, f.name)) for f in fields(record)}
    return replace(record, **values)


def find_user(state: State, user_id: str) -> User | None:
    """Return the account with its roles, sorted, or None. The caller holds the lock."""
    user = state.users.get(user_id)
    if user is None:
        return None
    return replace(user, roles=tuple(sorted(state.members[user_id])), profile=copied(user.profile))


def cut(at: datetime) -> datetime:
    """Return the time cut to milliseconds."""
    return from_ms(to_ms(at))


def copied(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a copy of a JSON object that shares nothing with the original."""
    return MappingProxyType(from_json(to_json(document)))


def _kept(value: object) -> object:
    if isinstance(value, datetime):
        return cut(value)
    if isinstance(value, Mapping):
        return copied(value)
    if isinstance(value, str):
        value.encode()
    return value
