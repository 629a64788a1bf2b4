"""Auth0: its export of password hashes (NDJSON), and the JSON of its bulk imports, with `custom_password_hash`."""

import binascii
import re
from collections.abc import Callable, Mapping

from watchword.core.accounts.imports import hashes
from watchword.core.accounts.imports.account import BadRow, ImportedAccount
from watchword.core.accounts.imports.fields import Document, flag, moment, part, parts, present, text

_PBKDF2 = re.compile(r"\$(pbkdf2(?:-sha256|-sha512|-sha1)?)\$i=([0-9]{1,9})(?:,l=[0-9]+)?\$([^$]*)\$([^$]*)")


def recognises(document: Document) -> bool:
    """Whether it has one of Auth0's names for a hash, or one of its ids."""
    user_id = document.get("user_id")
    own_hash = any(name in document for name in ("passwordHash", "custom_password_hash"))
    return own_hash or (isinstance(user_id, str) and user_id.startswith("auth0|"))


def read(document: Document) -> ImportedAccount:
    """Read a user. Where the e-mail address is not a member, it is among the `identifiers`."""
    listed = next((each for each in parts(document, "identifiers") if each.get("type") == "email"), {})
    email = text(document, "email")
    plain = text(document, "passwordHash") or text(document, "password_hash")
    return ImportedAccount(
        username=text(document, "username"),
        email=email or text(listed, "value"),
        email_verified=flag(document, "email_verified") if email else flag(listed, "verified"),
        password_hash=plain or _read_custom(part(document, "custom_password_hash")),
        profile=present(document, given_name="given_name", family_name="family_name", full_name="name"),
        created_at=moment(document, "created_at"),
        disabled=flag(document, "blocked"),
    )


def _read_custom(custom: Document) -> str | None:
    if not custom:
        return None
    reader = ALGORITHMS.get(text(custom, "algorithm") or "")
    value = text(part(custom, "hash"), "value")
    if reader is None or value is None:
        raise BadRow(hashes.UNREADABLE)
    return reader(custom, value)


def _read_phc(_: Document, value: str) -> str:
    return value


def _read_pbkdf2(_: Document, value: str) -> str:
    match = _PBKDF2.fullmatch(value)
    if match is None:
        raise BadRow(hashes.UNREADABLE)
    name = match[1].removesuffix("-sha1")
    return hashes.pbkdf2(name, int(match[2]), hashes.octets_of(match[3]), hashes.octets_of(match[4]))


def _read_scrypt(custom: Document, value: str) -> str:
    cost = tuple(hashes.number(custom.get(name)) for name in ("cost", "blockSize", "parallelization"))
    salt = part(custom, "salt")
    digest = _decoded(value, text(part(custom, "hash"), "encoding") or "hex")
    octets = _decoded(text(salt, "value") or "", text(salt, "encoding") or "utf8")
    return hashes.scrypt((cost[0], cost[1], cost[2]), octets, digest)


def _decoded(value: str, encoding: str) -> bytes:
    decoder = ENCODINGS.get(encoding)
    if decoder is None:
        raise BadRow(hashes.UNREADABLE)
    return decoder(value)


def _unhex(value: str) -> bytes:
    try:
        return binascii.unhexlify(value)
    except ValueError:
        raise BadRow(hashes.UNREADABLE) from None


ENCODINGS: Mapping[str, Callable[[str], bytes]] = {
    "base64": hashes.octets_of,
    "hex": _unhex,
    "utf8": lambda value: value.encode("utf-8", "surrogatepass"),
}
ALGORITHMS: Mapping[str, Callable[[Document, str], str]] = {
    "argon2": _read_phc,
    "bcrypt": _read_phc,
    "pbkdf2": _read_pbkdf2,
    "scrypt": _read_scrypt,
}
"""The others (md5, sha1, sha256, sha512, hmac, ldap) are no slow hashes; such people need a new password."""
