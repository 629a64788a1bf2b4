"""Our own format: what `watchword users export` writes, as JSON Lines or as CSV with a header."""

import re

from watchword.core.accounts.imports.account import BadRow, ImportedAccount
from watchword.core.accounts.imports.fields import Document, flag, moment, names, part, text

MEMBERS = frozenset(
    {
        "id",
        "username",
        "email",
        "email_verified",
        "password_hash",
        "password",
        "roles",
        "profile",
        "created_at",
        "disabled",
    }
)
PROFILE_COLUMN = "profile."
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_. -]{0,39}")


def recognises(document: Document) -> bool:
    """Whether every member is one of ours, and one of them says who it is."""
    return not _unknown(document) and not document.keys().isdisjoint({"username", "email"})


def read(document: Document) -> ImportedAccount:
    """Read a row. `id` is passed over: accounts get new ids. Columns `profile.NAME` are members of the profile."""
    unknown = _unknown(document)
    if unknown:
        known = _NAME.fullmatch(unknown)
        raise BadRow(f"has the unknown member {unknown}" if known else "has an unknown member")
    columns = {name.removeprefix(PROFILE_COLUMN): value for name, value in document.items() if _in_profile(name)}
    return ImportedAccount(
        username=text(document, "username"),
        email=text(document, "email"),
        email_verified=flag(document, "email_verified"),
        password_hash=text(document, "password_hash"),
        password=text(document, "password"),
        roles=names(document, "roles"),
        profile={**part(document, "profile"), **{name: value for name, value in columns.items() if value != ""}},
        created_at=moment(document, "created_at"),
        disabled=flag(document, "disabled"),
    )


def _unknown(document: Document) -> str:
    return next((name for name in document if name not in MEMBERS and not _in_profile(name)), "")


def _in_profile(name: str) -> bool:
    return name.startswith(PROFILE_COLUMN)
