"""Facts that an application may listen to with `auth.on(...)`. Each is published after it is durable."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. `at` is aware UTC."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSignedUp(Event):
    """An account was made."""

    user_id: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLoggedIn(Event):
    """A person proved who they are and a session began."""

    user_id: str
    session_id: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused(Event):
    """A login failed. `user_id` is None where no such account exists; `reason` is for the log."""

    user_id: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """A person changed their password, or an administrator set it."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEnded(Event):
    """A session ended: `reason` is `logout`, `revoked`, `replayed`, `password_changed`, `disabled` or `deleted`."""

    user_id: str
    session_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReplayed(Event):
    """A spent refresh token came back; its family is dead."""

    user_id: str
    family_id: str
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDisabled(Event):
    """An administrator disabled an account."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserEnabled(Event):
    """An administrator enabled an account again."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UserDeleted(Event):
    """An account is gone."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesChanged(Event):
    """A person's roles are now these."""

    user_id: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotated(Event):
    """A new signing key was added; it signs from `signs_from`."""

    kid: str
    signs_from: datetime
