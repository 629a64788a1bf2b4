"""Logout tokens (OpenID Connect Back-Channel Logout section 2.4): how clients learn that a session has ended."""

import json
from datetime import datetime, timedelta
from typing import Any

from watchword.core.tokens.signing_keys import SigningMaterial

TYP = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIFETIME = timedelta(minutes=2)
"""As short as section 4 recommends."""


def sign_logout_token(
    *,
    issuer: str,
    client_id: str,
    subject: str | None = None,
    session_id: str | None = None,
    token_id: str,
    now: datetime,
    key: SigningMaterial,
) -> str:
    """Return the signed logout token for one client: `typ` logout+jwt, two minutes to live, and never a nonce.

    Without a session, all those of the subject have ended; `subject` is the person as this client knows them.

    Raises:
        ValueError: there is neither a subject nor a session.
    """
    if subject is None and session_id is None:
        raise ValueError("a logout token needs a subject or a session")
    members: dict[str, Any] = {
        "iss": issuer,
        "sub": subject,
        "aud": client_id,
        "jti": token_id,
        "sid": session_id,
        "iat": int(now.timestamp()),
        "exp": int((now + LIFETIME).timestamp()),
        "events": {EVENT: {}},
    }
    return key.sign(json.dumps({k: v for k, v in members.items() if v is not None}).encode(), typ=TYP)
