"""Proof Key for Code Exchange (RFC 7636), by S256 alone (RFC 9700 section 2.1.1)."""

import re
from hashlib import sha256
from hmac import compare_digest

from watchword.core.errors import InvalidGrant, InvalidRequest
from watchword.core.tokens import base64url

METHODS = ("S256",)
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")
_DIGEST = 32
_CHALLENGE = 43


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 section 4.2)."""
    return base64url.encode(sha256(verifier.encode("ascii")).digest())


def check_challenge(challenge: str | None, method: str | None) -> str:
    """Return a `code_challenge` that came with this `code_challenge_method`.

    Raises:
        InvalidRequest: it is missing, no canonical base64url text of 32 bytes, or its method is not S256; no method
            means plain (RFC 7636 section 4.3), which is not accepted.
    """
    if challenge is None:
        raise InvalidRequest(hint="no code_challenge")
    if method not in METHODS:
        raise InvalidRequest(hint="the code_challenge_method is not S256")
    try:
        good = len(challenge) == _CHALLENGE and len(base64url.decode(challenge)) == _DIGEST
    except ValueError:
        good = False
    if not good:
        raise InvalidRequest(hint="the code_challenge is no SHA-256 in base64url")
    return challenge


def verifies(verifier: str, challenge: str) -> bool:
    """Whether a verifier is well formed (RFC 7636 section 4.1) and that of a challenge, compared in constant time."""
    return bool(_VERIFIER.fullmatch(verifier)) and compare_digest(challenge_of(verifier), challenge)


def check_verifier(verifier: str | None, challenge: str | None) -> None:
    """Check the `code_verifier` of a token request against the challenge that its code is bound to, if it is.

    Raises:
        InvalidGrant: one of both is missing, or they do not belong together. A verifier without a challenge means that
            the challenge was cut out of the authorization request (RFC 9700 section 4.8.2).
    """
    if verifier is None and challenge is None:
        return
    if verifier is None or challenge is None:
        raise InvalidGrant(hint="a code_verifier without a challenge, or a challenge without a verifier")
    if not verifies(verifier, challenge):
        raise InvalidGrant(hint="the code_verifier is not that of the challenge")
