"""The table `user` of fastapi-users, as CSV with a header or as JSON. Its people have an e-mail and no username."""

from watchword.core.accounts.imports.account import ImportedAccount
from watchword.core.accounts.imports.fields import Document, flag, text
from watchword.core.accounts.permissions import ADMIN


def recognises(document: Document) -> bool:
    """Whether it has the columns of the library's own model."""
    return {"email", "hashed_password", "is_active", "is_superuser"} <= document.keys()


def read(document: Document) -> ImportedAccount:
    """Read a row; columns that an application added are passed over, but for `username`."""
    return ImportedAccount(
        username=text(document, "username"),
        email=text(document, "email"),
        email_verified=flag(document, "is_verified"),
        password_hash=text(document, "hashed_password"),
        roles=(ADMIN,) if flag(document, "is_superuser") else (),
        disabled=not flag(document, "is_active", default=True),
    )
