"""Pure rules of an import: which row may become an account, and what is left out of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from watchword.core.account_errors import AccountError
from watchword.core.accounts.identifiers import check_email, check_username, identifier_key
from watchword.core.accounts.imports.account import BadRow, ImportedAccount
from watchword.core.accounts.imports.usernames import username_from
from watchword.core.ids import new_id
from watchword.core.models.identity import User

LARGEST_PROFILE = 64 * 1024
"""Characters of its JSON."""
UNKNOWN_HASH = "has a password hash that Watchword does not know"
PLAIN_PASSWORD = "holds a plain password (use --hash-passwords to take such)"  # noqa: S105  a sentence
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules:
    """What an import may do, as its caller decided."""

    admins: bool = False
    """Whether a row may make an administrator."""
    make_roles: bool = False
    """Whether roles that do not exist are made, without permissions."""
    leave_out_roles: bool = False
    """Whether roles in the file are ignored."""
    hash_passwords: bool = False
    """Whether plain passwords are taken, and hashed."""
    drop_unknown_hashes: bool = False
    """Whether a person whose hash is unknown becomes an account without a password."""
    stop_at_existing: bool = False
    """Whether an account that is there already is an error, and the last."""
    dry_run: bool = False
    """Whether nothing is stored."""


def user_of(account: ImportedAccount, *, rules: ImportRules, recognises: Callable[[str], bool], now: datetime) -> User:
    """Return the account that a row makes, without roles, and without the hash of a plain password.

    Raises:
        BadRow: it makes none.
    """
    username, email = _identifiers(account)
    made_at = account.created_at or now
    if not _EARLIEST <= made_at < _LATEST:
        raise BadRow("has a time of creation that cannot be")
    return User(
        id=new_id(now),
        username=username,
        username_key=identifier_key(username),
        email=email,
        email_key=identifier_key(email) if email is not None else None,
        email_verified=account.email_verified and email is not None,
        password_hash=_hash_of(account, rules, recognises),
        disabled_at=now if account.disabled else None,
        profile=_profile_of(account),
        created_at=made_at,
        updated_at=now,
    )


def _identifiers(account: ImportedAccount) -> tuple[str, str | None]:
    """A username with an @ is taken for the e-mail address that it is, if there is no other."""
    username, email = account.username, account.email
    if username is not None and "@" in username and email in (None, username):
        username, email = None, username
    try:
        email = check_email(email) if email is not None else None
        if username is None and email is None:
            raise BadRow("has neither a username nor an e-mail address")
        return (check_username(username) if username is not None else username_from(email or "")), email
    except AccountError as error:
        raise BadRow(f"is refused: {error.detail}") from None


def _hash_of(account: ImportedAccount, rules: ImportRules, recognises: Callable[[str], bool]) -> str | None:
    if account.password is not None and not rules.hash_passwords:
        raise BadRow(PLAIN_PASSWORD)
    stored = account.password_hash
    if stored is None or (stored.isascii() and stored.isprintable() and recognises(stored)):
        return stored
    if not rules.drop_unknown_hashes:
        raise BadRow(UNKNOWN_HASH)
    return None


def _profile_of(account: ImportedAccount) -> dict[str, object]:
    profile = dict(account.profile)
    if profile and len(json.dumps(profile)) > LARGEST_PROFILE:
        raise BadRow("has a profile that is too large")
    return profile
