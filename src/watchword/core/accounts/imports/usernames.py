"""A username for people who had none: what stands before the @ of their e-mail address."""

import hashlib
import re

from watchword.core.account_errors import InvalidUsername
from watchword.core.accounts.identifiers import USERNAME_LENGTH, check_username, identifier_key

_OTHER = re.compile(r"[^\w.-]+")
_RUNS = re.compile(r"[._-]*([._-])[._-]*")
_DIGITS = 10
_ROOM = USERNAME_LENGTH - _DIGITS - 1


def username_from(email: str) -> str:
    """Return the local part without its `+tag`, cleaned; or `user-` and a digest where nothing usable is left."""
    local = _OTHER.sub("-", email.partition("@")[0].partition("+")[0])
    name = _RUNS.sub(r"\1", local)[:USERNAME_LENGTH].strip("._-")
    try:
        return check_username(name)
    except InvalidUsername:
        return f"user-{_digest(email)}"


def another_username_from(email: str) -> str:
    """Return the one for somebody whose first choice is taken: always the same for one address."""
    return f"{username_from(email)[:_ROOM].rstrip('._-')}-{_digest(email)}"


def _digest(email: str) -> str:
    """Digits only, which go with every script."""
    octets = hashlib.sha256(identifier_key(email).encode("utf-8", "surrogatepass")).digest()
    return f"{int.from_bytes(octets[:8]) % 10**_DIGITS:0{_DIGITS}}"
