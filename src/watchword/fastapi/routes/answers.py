"""Records as JSON answers: what of them may be seen. A password hash is in none."""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from starlette.responses import JSONResponse, Response

from watchword.core.account_errors import InvalidInput
from watchword.core.models.grants import SigningKey
from watchword.core.models.identity import Role, User
from watchword.core.models.sessions import Session
from watchword.fastapi.profiles import ProfileModel, shown_profile

T = TypeVar("T")
Members = dict[str, Any]
_CURSOR = "after:"
DEFAULT_LIMIT: Final = 50
"""How many records a page has at most, unless asked for more or less."""


def user_members(user: User, profile: ProfileModel | None) -> Members:
    """Return an account as its owner and administrators see it."""
    return {
        "id": user.id,
        "username": user.username,
        "email": user.email,
        "email_verified": user.email_verified,
        "disabled": user.disabled,
        "roles": list(user.roles),
        "created_at": timestamp(user.created_at),
        "updated_at": timestamp(user.updated_at),
        "profile": shown_profile(user.profile, profile),
    }


def session_members(session: Session, *, current: str | None) -> Members:
    """Return a session; `current` is the id of the one that asks."""
    return {
        "id": session.id,
        "client_id": session.client_id,
        "created_at": timestamp(session.created_at),
        "last_seen_at": timestamp(session.last_seen_at),
        "expires_at": timestamp(session.expires_at),
        "user_agent": session.user_agent,
        "current": session.id == current,
    }


def role_members(role: Role) -> Members:
    """Return a role with its permissions sorted."""
    return {"name": role.name, "permissions": sorted(role.permissions), "description": role.description}


def key_members(key: SigningKey) -> Members:
    """Return what may be known of a signing key: no key material."""
    return {
        "kid": key.kid,
        "algorithm": key.algorithm,
        "generation": key.generation,
        "created_at": timestamp(key.created_at),
        "signs_from": timestamp(key.signs_from),
        "revoked_at": timestamp(key.revoked_at) if key.revoked_at else None,
    }


def timestamp(at: datetime) -> str:
    """Return an RFC 3339 time in UTC, with milliseconds and `Z`."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def page(records: Sequence[T], show: Callable[[T], Members], *, last_id: str | None = None) -> Response:
    """Return a page of a list. With `last_id` there is a next page, behind the record of that id."""
    cursor = None if last_id is None else new_cursor(last_id)
    return JSONResponse({"items": [show(record) for record in records], "next": cursor})


def new_cursor(last_id: str) -> str:
    """Return the opaque cursor of what comes behind `last_id`."""
    return base64.urlsafe_b64encode((_CURSOR + last_id).encode()).decode().rstrip("=")


def check_cursor(cursor: str | None) -> str | None:
    """Return the id that a cursor stands behind, None for the first page.

    Raises:
        InvalidInput: if it is no cursor of ours.
    """
    if cursor is None:
        return None
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (ValueError, binascii.Error):
        text = ""
    if not text.startswith(_CURSOR) or not text.isprintable():
        raise InvalidInput(errors=(("cursor", "This is no cursor of this list."),))
    return text.removeprefix(_CURSOR)
