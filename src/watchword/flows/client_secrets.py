"""Secrets of clients that are needed again: for `client_secret_jwt` the server must know the secret itself.

Such a secret is derived from the server's own and a salt. What is stored, salt and hash, does not tell it.
"""

import secrets
from hmac import compare_digest

from watchword.core.models.grants import Client
from watchword.core.tokens.opaque import hash_secret, secret_of
from watchword.core.tokens.secrets import Secrets
from watchword.flows.context import Context

KIND = "wwcs"
_PURPOSE = "client-secret"
_SALT_BYTES = 16


def new_salt() -> bytes:
    """Return a new random salt."""
    return secrets.token_bytes(_SALT_BYTES)


def derive_secret(ctx: Context, salt: bytes) -> str:
    """Return the secret of a salt, by the first of the server's secrets."""
    return secret_of(KIND, ctx.secrets.mac(salt, purpose=_PURPOSE))


def known_secrets(ctx: Context, client: Client) -> tuple[str, ...]:
    """Return the secrets of a client that can be derived again, whichever of the server's secrets made them."""
    made = [
        secret_of(KIND, Secrets((own,)).mac(salt, purpose=_PURPOSE))
        for salt in client.secret_salts
        for own in ctx.config.secrets
    ]
    return tuple(text for text in made if any(compare_digest(hash_secret(text), each) for each in client.secret_hashes))
