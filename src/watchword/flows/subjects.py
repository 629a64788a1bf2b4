"""The name by which a client knows a person (OpenID Connect Core section 8).

A pairwise client sees the pairwise subject in ID tokens and userinfo, and so does a registered resource in access
tokens that such a client shows it. Tokens for this application itself name the account: it has to find it.
"""

from watchword.config import AuthConfig
from watchword.core.models.grants import Client
from watchword.core.tokens.pairwise import pairwise_subject, sector_of
from watchword.core.tokens.secrets import Secrets
from watchword.flows.context import Context

PAIRWISE = "pairwise"


def subject_for(ctx: Context, client: Client, user_id: str) -> str:
    """Return the `sub` of a person at a client."""
    if client.metadata.subject_type != PAIRWISE:
        return user_id
    return pairwise_subject(user_id, sector=sector_of(client.metadata), key=_key(ctx.config))


def token_subject(ctx: Context, client: Client, user_id: str, audience: str) -> str:
    """Return the `sub` of an access token."""
    return user_id if audience == ctx.config.resource else subject_for(ctx, client, user_id)


def _key(config: AuthConfig) -> bytes:
    """Return a key that stays when a new secret is put in front; only the last secret's removal would change it."""
    secret = config.provider.pairwise_secret or config.secrets[-1]
    return Secrets((secret,)).mac(b"subjects", purpose="pairwise")
