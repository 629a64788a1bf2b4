"""An account as a file describes it, before anything is known of whether it can be one here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from watchword.core.models.identity import EMPTY


class BadRow(ValueError):
    """A row that cannot become an account. The message says why, as the end of "This row ...", and repeats no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedAccount:
    """What one row says. `password_hash` is in a form that `passwords.py` may recognise; `password` is a plain one."""

    username: str | None = None
    email: str | None = None
    email_verified: bool = False
    password_hash: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    roles: tuple[str, ...] = ()
    profile: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    created_at: datetime | None = None
    disabled: bool = False
