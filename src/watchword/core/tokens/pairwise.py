"""Pairwise subjects (OpenID Connect Core section 8.1): each sector knows a person by another name."""

import hmac
from hashlib import sha256
from urllib.parse import urlsplit

from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.tokens import base64url

MIN_KEY = 32


def sector_of(metadata: ClientMetadata) -> str:
    """Return the sector identifier of a client: a host name in lower case, or the scheme of a native client.

    It is the host of `sector_identifier_uri`, else of its redirect URIs, which registration made sure share one.
    """
    uri = metadata.sector_identifier_uri or next(iter(metadata.redirect_uris), "")
    parts = urlsplit(uri)
    return parts.hostname or parts.scheme


def pairwise_subject(user_id: str, *, sector: str, key: bytes) -> str:
    """Return the `sub` of a person in a sector: the same for ever, and of no use to find them elsewhere.

    Args:
        user_id: the account's id.
        sector: what `sector_of` returned.
        key: at least 32 secret bytes. A change of it changes every subject, so it must outlive the rotation of the
            server's secrets.

    Raises:
        ValueError: the key is too short.
    """
    if len(key) < MIN_KEY:
        raise ValueError(f"a key of at least {MIN_KEY} bytes")
    return base64url.encode(hmac.digest(key, f"{len(sector)}:{sector}{user_id}".encode(), sha256))
