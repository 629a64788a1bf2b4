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
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginRefused(Event):
    """A login failed. `user_id` is None where no such account exists; `reason` is for the log."""

    user_id: str | None
    reason: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordRefused(Event):
    """A signed-in person gave a wrong current password."""

    user_id: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached(Event):
    """A request was refused with 429. `subject` is an id, if one is known.

    `limit` is `login`, `signup`, `email`, `client`, `device` or `registration`.
    """

    limit: str
    address: str
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChanged(Event):
    """A person set or took away their e-mail address."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChanged(Event):
    """A person changed their password, or an operator set a new one for them."""

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
class AccountsImported(Event):
    """An import made `count` accounts at once. `file_format` is that of the file; `backup` for a restore."""

    count: int
    file_format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsExported(Event):
    """`count` accounts were written to a file, or a backup, perhaps with their password hashes."""

    count: int
    password_hashes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesChanged(Event):
    """A person's roles are now these."""

    user_id: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleStored(Event):
    """A role was made, or its permissions are now these."""

    role: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleDeleted(Event):
    """A role is gone, and nobody has it any more."""

    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteMade(Event):
    """An invitation was made, to these roles."""

    roles: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteRedeemed(Event):
    """An account was made by an invitation, with its roles."""

    user_id: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessTokenRevoked(Event):
    """One access token was revoked. `subject` is its `sub`, `token_id` its `jti`."""

    subject: str
    client_id: str
    token_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientChanged(Event):
    """A client was `registered`, `changed`, `verified`, `secret_rotated`, `disabled`, `enabled` or `deleted`."""

    client_id: str
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked(Event):
    """A signing key was revoked, with every token it signed."""

    kid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRotated(Event):
    """A new signing key was added; it signs from `signs_from`."""

    kid: str
    signs_from: datetime
