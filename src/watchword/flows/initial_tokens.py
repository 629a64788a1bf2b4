"""Initial access tokens: the operator's leave to register clients (RFC 7591 section 3). Nothing is stored of them."""

import json
from contextlib import suppress
from datetime import timedelta

from watchword.core.errors import InvalidToken
from watchword.core.ids import new_id
from watchword.core.tokens import base64url
from watchword.core.tokens.secrets import SealBroken
from watchword.flows.context import Context

PREFIX = "wwia_"
_PURPOSE = "initial-access-token"
_LONGEST = 1024


def new_initial_access_token(ctx: Context, *, ttl: timedelta) -> str:
    """Return a token with which clients may be registered until it ends, any number of them."""
    now = ctx.clock.now()
    document = json.dumps([new_id(now), int((now + ttl).timestamp())]).encode()
    return PREFIX + base64url.encode(ctx.secrets.seal(document, purpose=_PURPOSE))


def check_initial_access_token(ctx: Context, token: str) -> None:
    """Check a token of ours that has not ended. Raises `InvalidToken` for any other."""
    if token.startswith(PREFIX) and len(token) <= _LONGEST:
        with suppress(SealBroken, ValueError):
            _, ends = json.loads(ctx.secrets.open(base64url.decode(token.removeprefix(PREFIX)), purpose=_PURPOSE))
            if ctx.clock.now().timestamp() < ends:
                return
    raise InvalidToken(hint="no initial access token, or one that has ended")
