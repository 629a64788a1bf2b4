"""An interaction that is under way, sealed into a hidden field: nothing is stored before somebody has logged in.

It is bound to the browser that began it, by the hash of that browser's nonce cookie, and lives for a few minutes.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from watchword.core.authorize_errors import InteractionExpired
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.record_codec import RecordCodec
from watchword.core.tokens import base64url
from watchword.core.tokens.secrets import SealBroken
from watchword.flows.browser import Browser
from watchword.flows.context import Context

_PURPOSE = "interaction"
_LONGEST = 64 * 1024
NOTHING_SHOWN = frozenset[str]()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A request, and what the person has done for it so far.

    `hinted_subject` is that of a verified `id_token_hint`. `browser_id` is the login in which they authenticated or
    chose in this very interaction, or were shown a consent page; `authenticated_at` and `selected` say which.
    `shown_scopes` is what that page listed. A device's request has its `device_hash`. `refused` says that a login was
    wrong a moment ago, `typed` with which name.
    """

    request: AuthorizeRequest
    began_at: datetime
    nonce_hash: bytes
    hinted_subject: str | None = None
    browser_id: str | None = None
    authenticated_at: datetime | None = None
    selected: bool = False
    shown_scopes: frozenset[str] | None = None
    device_hash: bytes | None = None
    user_code: str = ""
    refused: bool = False
    typed: str = ""


_CODEC = RecordCodec(Pending)


def new_pending(ctx: Context, request: AuthorizeRequest, browser: Browser) -> Pending:
    """Return the beginning of an interaction in this browser."""
    return Pending(request=request, began_at=ctx.clock.now(), nonce_hash=_hash(browser.nonce))


def seal(ctx: Context, pending: Pending) -> str:
    """Return the text of the hidden field."""
    document = json.dumps(_CODEC.encode(pending), separators=(",", ":"))
    return base64url.encode(ctx.secrets.seal(document.encode(), purpose=_PURPOSE))


def unseal(ctx: Context, interaction: str, browser: Browser) -> Pending:
    """Return what a hidden field holds.

    Raises:
        InteractionExpired: it is none of ours, too old, or another browser's.
    """
    pending = _read(ctx, interaction)
    if pending is None or not compare_digest(pending.nonce_hash, _hash(browser.nonce)):
        raise InteractionExpired(hint="an interaction that is unreadable, or another browser's")
    if abs(ctx.clock.now() - pending.began_at) >= ctx.config.provider.interaction_ttl:
        raise InteractionExpired(hint="an interaction that is too old")
    return pending


def _read(ctx: Context, interaction: str) -> Pending | None:
    if len(interaction) > _LONGEST:
        return None
    with suppress(SealBroken, ValueError, TypeError, LookupError):
        document = ctx.secrets.open(base64url.decode(interaction), purpose=_PURPOSE)
        return _CODEC.decode(json.loads(document))
    return None


def _hash(nonce: str) -> bytes:
    return sha256(nonce.encode(errors="replace")).digest()
