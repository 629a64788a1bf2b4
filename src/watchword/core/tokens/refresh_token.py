"""Refresh tokens that are derived, not stored: `wwrt_<user and family>.<generation>.<mac>`."""

import re
import uuid
from dataclasses import dataclass

from watchword.core.errors import InvalidGrant
from watchword.core.tokens import base64url
from watchword.core.tokens.secrets import Secrets

_PURPOSE = "refresh-token"
_FORM = re.compile(r"(wwrt_([A-Za-z0-9_-]{43})\.([1-9][0-9]{0,9}))\.([A-Za-z0-9_-]{43})", re.ASCII)
_UUID = 16


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """What a refresh token says: whose, of which family, and the how manieth, from 1."""

    user_id: str
    family_id: str
    generation: int


def mint_refresh_token(token: RefreshToken, secrets: Secrets) -> str:
    """Return the text of a refresh token. The same token and secrets give the same text, on every replica.

    Raises:
        ValueError: an id is not a UUID, or the generation is not from 1 to 9,999,999,999.
    """
    ids = uuid.UUID(token.user_id).bytes + uuid.UUID(token.family_id).bytes
    signed = f"wwrt_{base64url.encode(ids)}.{token.generation}"
    text = f"{signed}.{base64url.encode(secrets.mac(signed.encode(), purpose=_PURPOSE))}"
    if not _FORM.fullmatch(text):
        raise ValueError("a generation is from 1 to 9,999,999,999")
    return text


def parse_refresh_token(text: str, secrets: Secrets) -> RefreshToken:
    """Return what a refresh token of ours says. Whether it is still good, its family decides.

    Raises:
        InvalidGrant: it is malformed, or its mac is of none of our secrets.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise InvalidGrant(hint="malformed refresh token")
    signed, ids, generation, mac = form.groups()
    try:
        identity, tag = base64url.decode(ids), base64url.decode(mac)
    except ValueError:
        raise InvalidGrant(hint="malformed refresh token") from None
    if not secrets.check_mac(signed.encode(), tag, purpose=_PURPOSE):
        raise InvalidGrant(hint="refresh token with a foreign mac")
    user, family = (str(uuid.UUID(bytes=part)) for part in (identity[:_UUID], identity[_UUID:]))
    return RefreshToken(user, family, int(generation))
