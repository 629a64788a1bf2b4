"""Usernames, e-mail addresses and the keys they are compared by (RFC 8265 section 3.3, UTS 39, RFC 5321, RFC 6531)."""

import hashlib
import unicodedata
from itertools import pairwise

from watchword.core.account_errors import InvalidEmail, InvalidUsername
from watchword.core.accounts.scripts import check_one_script

USERNAME_LENGTH = 64
"""Code points of a username after NFKC."""
EMAIL_LENGTH = 254
"""Octets of an e-mail address (RFC 5321 section 4.5.3.1.3, less the angle brackets)."""
LOCAL_PART_LENGTH = 64
"""Octets before the @ (RFC 5321 section 4.5.3.1.1)."""
LABEL_LENGTH = 63
"""Octets of a domain label in its ASCII form (RFC 1035 section 2.3.4)."""

_KEY_INPUT = 1024
_FOLDS = 4
_PUNCTUATION = frozenset("._-")
_DIGITS = frozenset("0123456789")
_ATEXT = frozenset("!#$%&'*+-/=?^_`{|}~")


def identifier_key(text: str) -> str:
    """Return the key under which an identifier is unique: NFKC, case folding and NFKC until nothing changes.

    Takes any text whatever and never raises, because callers look up what a stranger typed. Text that is longer than
    any identifier becomes a short digest, so that it costs no time and is no account's key.
    """
    if len(text) > _KEY_INPUT:
        return "long:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    for _ in range(_FOLDS):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        if folded == text:
            break
        text = folded
    return text


def check_username(text: str) -> str:
    """Return the username in NFKC: 1 to 64 letters, marks, digits and single `.`, `_`, `-` inside, of one script.

    There is no "@" in it, so a login name with one is an e-mail address. What looks like another name is refused here
    or shares its `identifier_key`.

    Raises:
        InvalidUsername: with a sentence that says what to change.
    """
    if not 0 < len(text) <= USERNAME_LENGTH * 4:
        raise InvalidUsername(f"Choose a username of 1 to {USERNAME_LENGTH} characters.")
    name = unicodedata.normalize("NFKC", text)
    if len(name) > USERNAME_LENGTH:
        raise InvalidUsername(f"Choose a username of 1 to {USERNAME_LENGTH} characters.")
    if not all(_is_name_character(char) for char in name):
        raise InvalidUsername('Use letters, the digits 0 to 9, ".", "_" and "-" in a username, and no spaces.')
    _check_punctuation(name)
    check_one_script(name)
    return name


def _is_name_character(char: str) -> bool:
    return char in _PUNCTUATION or char in _DIGITS or unicodedata.category(char)[0] in "LM"


def _check_punctuation(name: str) -> None:
    """Refuse a name that begins or ends with punctuation, begins with a mark, or has two signs side by side."""
    if name[0] in _PUNCTUATION or name[-1] in _PUNCTUATION:
        raise InvalidUsername("Begin and end a username with a letter or a digit.")
    if any(first in _PUNCTUATION and second in _PUNCTUATION for first, second in pairwise(name)):
        raise InvalidUsername('Put only one ".", "_" or "-" between letters or digits.')


def check_email(text: str) -> str:
    """Return the e-mail address in NFKC: a dot-atom, one "@", and a domain name (RFC 5321 section 4.1.2, RFC 6531).

    Quoted local parts, address literals and compatibility characters (which normalise into other addresses) are
    refused, so one text is one mailbox.

    Raises:
        InvalidEmail: with a sentence that says what to change.
    """
    if not 0 < len(text) <= EMAIL_LENGTH:
        raise InvalidEmail(f"Give an e-mail address of at most {EMAIL_LENGTH} characters.")
    email = unicodedata.normalize("NFKC", text)
    if email != unicodedata.normalize("NFC", text) or email.count("@") != 1:
        raise InvalidEmail('Give one e-mail address in ordinary letters, with one "@".')
    local, _, domain = email.partition("@")
    _check_local_part(local)
    _check_domain(domain)
    if len(email.encode()) > EMAIL_LENGTH:
        raise InvalidEmail(f"Give an e-mail address of at most {EMAIL_LENGTH} bytes.")
    return email


def _check_local_part(local: str) -> None:
    good = all(atom and all(_is_letter(char) or char in _ATEXT for char in atom) for atom in local.split("."))
    if not good or len(local.encode()) > LOCAL_PART_LENGTH:
        raise InvalidEmail('What stands before the "@" is not valid in an e-mail address.')


def _check_domain(domain: str) -> None:
    labels = domain.split(".")
    named = len(labels) > 1 or domain.casefold() == "localhost"
    if not named or not all(_is_label(label) for label in labels) or labels[-1].isdecimal():
        raise InvalidEmail('What stands behind the "@" is not a domain name.')


def _is_label(label: str) -> bool:
    if not label or label[0] == "-" or label[-1] == "-":
        return False
    if not all(char == "-" or _is_letter(char) for char in label):
        return False
    return len(label if label.isascii() else "xn--" + label.encode("punycode").decode()) <= LABEL_LENGTH


def _is_letter(char: str) -> bool:
    return char.isalnum() if char.isascii() else unicodedata.category(char)[0] in "LMN"
