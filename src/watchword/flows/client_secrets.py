"""Secrets of clients (RFC 6749 section 2.3.1). For `client_secret_jwt` the server must know the secret itself again.

Such a secret is derived from the server's own, the client's id and a salt; what is stored, salt and hash, does not tell
it. Every other secret is random, and stored as a hash alone.
"""

import secrets
from dataclasses import dataclass, field
from hmac import compare_digest

from watchword.core.models.grants import Client
from watchword.core.tokens.opaque import hash_secret, new_secret, secret_of
from watchword.core.tokens.secrets import Secrets
from watchword.flows.context import Context

SECRET_KIND = "wwcs"  # noqa: S105  the kind that leak scanners see
DERIVED = "client_secret_jwt"
_PURPOSE = "client-secret"
_SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A new secret: the text that is shown once, and what is stored of it."""

    text: str = field(repr=False)
    hashes: tuple[bytes, ...] = field(repr=False)
    salts: tuple[bytes, ...] = field(default=(), repr=False)


NO_SECRET = ClientSecret("", ())


def new_client_secret(ctx: Context, client_id: str, method: str) -> ClientSecret:
    """Return a new secret for a client that is registered for this `token_endpoint_auth_method`, derived if need be."""
    if method != DERIVED:
        text = new_secret(SECRET_KIND)
        return ClientSecret(text, (hash_secret(text),))
    salt = secrets.token_bytes(_SALT_BYTES)
    text = _derive(ctx.secrets, client_id, salt)
    return ClientSecret(text, (hash_secret(text),), (salt,))


def needs_secret(method: str) -> bool:
    """Whether a client that authenticates so has a secret."""
    return method.startswith("client_secret_")


def known_secrets(ctx: Context, client: Client) -> tuple[str, ...]:
    """Return the secrets of a client that can be derived again, whichever of the server's own made them."""
    server = [Secrets((own,)) for own in ctx.config.secrets]
    made = [_derive(own, client.id, salt) for salt in client.secret_salts for own in server]
    return tuple(text for text in made if any(compare_digest(hash_secret(text), each) for each in client.secret_hashes))


def _derive(server: Secrets, client_id: str, salt: bytes) -> str:
    return secret_of(SECRET_KIND, server.mac(salt + client_id.encode(), purpose=_PURPOSE))
