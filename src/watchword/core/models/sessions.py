"""What a login started, and what ends it: sessions and revocations."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One login of one person. Its id is the `sid` of every token that comes of it."""

    user_id: str
    id: str
    client_id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    auth_time: datetime
    amr: tuple[str, ...] = ("pwd",)
    user_agent: str = ""
    ended_at: datetime | None = None
    browser_id: str | None = None
    """The login at the hosted pages that it came of, if it did."""
    acr: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserSession:
    """One login of one person in one browser at the hosted pages: what their cookie stands for.

    The cookie names `user_id` and `id` and holds a secret of which this is the hash; each login gives a new one.
    `auth_time` moves only when the person authenticates.
    """

    user_id: str
    id: str
    secret_hash: bytes = field(repr=False)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    auth_time: datetime
    amr: tuple[str, ...] = ("pwd",)
    acr: str | None = None
    user_agent: str = ""
    ended_at: datetime | None = None


class RevocationKind(StrEnum):
    """What a revocation is about; `subject` holds its id."""

    TOKEN = "token"  # noqa: S105  the name of a kind
    """Subject: a `jti`."""
    SESSION = "session"
    """Subject: a `sid`."""
    USER = "user"
    """Subject: a user id; tokens issued up to and in the millisecond of `at` are refused."""
    CLIENT = "client"
    """Subject: a client id; tokens issued up to and in the millisecond of `at` are refused."""
    EVERYTHING = "everything"
    """Subject: empty; every token issued up to and in the millisecond of `at` is refused."""
    CHANGED = "changed"
    """Subject: a user id, or empty for everyone; refuses nothing, but the account must be read anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """One entry of the append-only feed. After `expires_at` no token it speaks of can be alive, so it may go.

    A token was issued in the millisecond of its `jti`, a UUIDv7. `at` of a cut-off may lie ahead of the clock; who
    knows of it issues behind it.
    """

    kind: RevocationKind
    subject: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """A revocation with its place in the feed. Sequences grow, but may become visible out of order."""

    sequence: int
    revocation: Revocation
