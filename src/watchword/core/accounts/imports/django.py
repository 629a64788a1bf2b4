"""What Django's `manage.py dumpdata auth.user` writes: one JSON array, or JSON Lines with `--format jsonl`."""

from watchword.core.accounts.imports.account import ImportedAccount
from watchword.core.accounts.imports.fields import Document, flag, moment, part, present, text
from watchword.core.accounts.permissions import ADMIN

UNUSABLE = "!"
"""Begins what Django keeps for people who have no password."""


def recognises(document: Document) -> bool:
    """Whether it is a serialized record of Django's."""
    return {"model", "fields"} <= document.keys()


def read(document: Document) -> ImportedAccount | None:
    """Read a record; None for one of another model, such as a group. A user model of one's own is read too."""
    fields = part(document, "fields")
    if "password" not in fields:
        return None
    stored = text(fields, "password") or UNUSABLE
    return ImportedAccount(
        username=text(fields, "username"),
        email=text(fields, "email"),
        password_hash=None if stored.startswith(UNUSABLE) else stored,
        roles=(ADMIN,) if flag(fields, "is_superuser") else (),
        profile=present(fields, first_name="first_name", last_name="last_name"),
        created_at=moment(fields, "date_joined"),
        disabled=not flag(fields, "is_active", default=True),
    )
