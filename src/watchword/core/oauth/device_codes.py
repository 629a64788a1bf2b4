"""The device grant: its name, and user codes, which a person types to connect a device (RFC 8628 section 6.1)."""

import secrets as random

from watchword.core.tokens.secrets import Secrets

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
KIND = "wwdc"
"""The visible kind of a device code."""
ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"
"""Twenty letters: no vowels, so no words; no digits, so none that look like letters."""
LENGTH = 8
_GROUP = 4
_LONGEST_INPUT = 64
_SEPARATORS = str.maketrans("", "", " -\u2010\u2011\u2012\u2013\u2014_.\t")
_PURPOSE = "user-code"


def new_user_code() -> str:
    """Return a new random user code of 8 letters (34.5 bits), which attempts must be limited for."""
    return "".join(random.choice(ALPHABET) for _ in range(LENGTH))


def show_user_code(code: str) -> str:
    """Return a user code as people see it: `WDJB-MJHT`."""
    return f"{code[:_GROUP]}-{code[_GROUP:]}"


def find_user_code(text: str) -> str | None:
    """Return the code that a person typed, in any case and with any spaces or dashes, or None if it can be none."""
    if len(text) > _LONGEST_INPUT:
        return None
    code = text.translate(_SEPARATORS).upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def hash_user_code(code: str, secrets: Secrets) -> bytes:
    """Return what a user code is stored under: a MAC, since a plain hash of so few letters could be turned back."""
    return secrets.mac(code.encode(), purpose=_PURPOSE)
