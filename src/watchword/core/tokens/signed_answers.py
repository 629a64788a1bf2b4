"""Answers as signed JWTs: userinfo (OpenID Connect Core section 5.3.2) and introspection (RFC 9701 section 5)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from watchword.core.tokens.signing_keys import SigningMaterial

INTROSPECTION_TYP = "token-introspection+jwt"
INTROSPECTION_MEDIA_TYPE = f"application/{INTROSPECTION_TYP}"
USERINFO_MEDIA_TYPE = "application/jwt"


def sign_userinfo(claims: Mapping[str, Any], *, issuer: str, client_id: str, key: SigningMaterial) -> str:
    """Return the claims of a person, `sub` among them, as a JWT for one client. Its `typ` is JWT."""
    return _sign({**claims, "iss": issuer, "aud": client_id}, "JWT", key)


def sign_introspection(
    answer: Mapping[str, Any], *, issuer: str, client_id: str, now: datetime, key: SigningMaterial
) -> str:
    """Return an introspection answer as a JWT for whoever asked.

    The answer stands in `token_introspection` alone, and there is neither `sub` nor `exp` outside of it, so that no one
    takes it for an access token (RFC 9701 sections 5 and 8.1).
    """
    members = {"iss": issuer, "aud": client_id, "iat": int(now.timestamp()), "token_introspection": dict(answer)}
    return _sign(members, INTROSPECTION_TYP, key)


def _sign(members: Mapping[str, Any], typ: str, key: SigningMaterial) -> str:
    return key.sign(json.dumps(members, separators=(",", ":")).encode(), typ=typ)
