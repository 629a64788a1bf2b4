"""The `session_state` of an authentication response (OpenID Connect Session Management 1.0 sections 2 and 3.2)."""

import secrets
from hashlib import sha256


def new_salt() -> str:
    """Return a new salt for `session_state_of`."""
    return secrets.token_hex(16)


def session_state_of(*, client_id: str, origin: str, browser_state: str, salt: str) -> str:
    """Return `session_state`: a SHA-256 in hexadecimal, a dot and the salt.

    The frame of `check_session_iframe` computes the same from the message of the client's page, the origin that sent
    it, and the cookie that holds `browser_state`.

    Args:
        client_id: of the client; it has no space.
        origin: that of its redirect URI.
        browser_state: what a script of ours can read of the login: it changes with it, and tells nothing.
        salt: new for each answer.
    """
    return f"{sha256(f'{client_id} {origin} {browser_state} {salt}'.encode()).hexdigest()}.{salt}"
