"""The users collection of the FastAPI and MongoDB tutorials, as mongoexport writes it (extended JSON)."""

import re
from datetime import UTC, datetime

from watchword.core.accounts.imports.account import ImportedAccount
from watchword.core.accounts.imports.fields import Document, flag, moment, present, text

_OBJECT_ID = re.compile(r"[0-9a-f]{24}")


def recognises(document: Document) -> bool:
    """Whether it has MongoDB's id, or the tutorials' name of a hash beside a username."""
    return "_id" in document or {"username", "hashed_password"} <= document.keys()


def read(document: Document) -> ImportedAccount:
    """Read a document. One tutorial calls the hash `hashed_password`, another `password`."""
    return ImportedAccount(
        username=text(document, "username"),
        email=text(document, "email"),
        password_hash=text(document, "hashed_password") or text(document, "password"),
        profile=present(document, full_name="full_name"),
        created_at=moment(document, "created_date") or moment(document, "created_at") or _made_at(document.get("_id")),
        disabled=flag(document, "disabled"),
    )


def _made_at(object_id: object) -> datetime | None:
    """An ObjectId begins with the seconds since 1970."""
    identifier = object_id.get("$oid") if isinstance(object_id, dict) else object_id
    if not isinstance(identifier, str) or not _OBJECT_ID.fullmatch(identifier):
        return None
    return datetime.fromtimestamp(int(identifier[:8], 16), UTC)
