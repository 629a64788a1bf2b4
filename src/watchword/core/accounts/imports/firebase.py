"""What `firebase auth:export` writes: JSON with a member `users`, or CSV without a header."""

from dataclasses import dataclass, field

from watchword.core.accounts.imports import hashes
from watchword.core.accounts.imports.account import BadRow, ImportedAccount
from watchword.core.accounts.imports.fields import Document, flag, moment, present, text

_UNUSED = tuple(f"provider{number}" for number in range(17))
COLUMNS = (
    *("localId", "email", "emailVerified", "passwordHash", "salt", "displayName"),
    *_UNUSED,
    *("createdAt", "lastSignedInAt", "phoneNumber", "disabled", "customAttributes"),
)
"""Of the CSV, which has no header. `_UNUSED` are the photo and four columns for each of four providers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirebaseHash:
    """The parameters of a project's hashes, as its console shows them. `signer_key` is a secret."""

    signer_key: bytes = field(repr=False)
    salt_separator: bytes = b"\x07"
    rounds: int = 8
    mem_cost: int = 14


def recognises(document: Document) -> bool:
    """Whether it has Firebase's name of an id."""
    return "localId" in document


def read(document: Document, *, hashing: FirebaseHash | None = None) -> ImportedAccount:
    """Read a user. A hash needs the parameters of the project, which no export holds."""
    return ImportedAccount(
        email=text(document, "email"),
        email_verified=flag(document, "emailVerified"),
        password_hash=_hash_of(document, hashing),
        profile=present(document, full_name="displayName", phone="phoneNumber"),
        created_at=moment(document, "createdAt"),
        disabled=flag(document, "disabled"),
    )


def _hash_of(document: Document, hashing: FirebaseHash | None) -> str | None:
    digest, salt = text(document, "passwordHash"), text(document, "salt") or ""
    if digest is None:
        return None
    if hashing is None:
        raise BadRow("has a password hash, which needs the project's hash parameters (--firebase-signer-key-file)")
    octets = (hashing.salt_separator, hashing.signer_key, hashes.octets_of(salt), hashes.octets_of(digest))
    encoded = "$".join(hashes.padded(each) for each in octets)
    return f"firebase-scrypt${hashing.mem_cost}${hashing.rounds}${encoded}"
