"""What a request to the hosted pages says of its browser: two cookies, an address and a name."""

import re
import secrets
from dataclasses import dataclass, field

_NONCE_BYTES = 32
_NONCE = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A browser at the hosted pages.

    `nonce` is a random cookie that every browser gets on its first visit: what was begun in one browser cannot go on
    in another. `cookie` stands for a login. `address` is the peer's, for rate limits.
    """

    nonce: str = field(repr=False)
    cookie: str | None = field(default=None, repr=False)
    address: str = ""
    user_agent: str = ""


def new_browser_nonce() -> str:
    """Return a new random value of the cookie that tells browsers apart: 256 bits."""
    return secrets.token_urlsafe(_NONCE_BYTES)


def is_browser_nonce(text: str) -> bool:
    """Whether a cookie has the form of such a value."""
    return bool(_NONCE.fullmatch(text))
