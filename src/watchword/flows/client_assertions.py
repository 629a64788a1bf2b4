"""Clients that prove who they are by a JWT of their own (RFC 7523 section 3, OpenID Connect Core section 9)."""

import logging
from collections.abc import Collection, Mapping, Sequence

from joserfc.jwk import OctKey

from watchword.core.authorize_errors import InvalidClientAssertion
from watchword.core.models.grants import Client
from watchword.core.tokens.client_assertion import (
    ASSERTION_TYPE,
    UnknownClientKey,
    UsedAssertion,
    once_key,
    verify_client_assertion,
)
from watchword.core.tokens.jwk import VerificationKey
from watchword.flows.client_keys import NoKeys
from watchword.flows.client_secrets import DERIVED, known_secrets
from watchword.flows.context import Context

_log = logging.getLogger("watchword.clients")


async def is_proved(ctx: Context, client: Client, form: Mapping[str, str], *, endpoint: str) -> bool:
    """Whether a request to an endpoint, such as `/token`, holds a good assertion of this client, never used before.

    It may be made for the issuer, for the token endpoint, or for the endpoint that it was sent to.

    Raises:
        StoreUnavailable: nobody can tell whether it was used.
    """
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        return False
    root = ctx.config.issuer.rstrip("/") + ctx.config.prefix
    audiences = frozenset({ctx.config.issuer, f"{root}/token", root + endpoint})
    verify = _by_secret if client.metadata.auth_method == DERIVED else _by_public_key
    try:
        used = await verify(ctx, client, form.get("client_assertion", ""), audiences)
    except (InvalidClientAssertion, NoKeys) as refusal:
        _log.warning("client %s: %s", client.id, refusal)
        return False
    until = used.expires_at + ctx.config.tokens.clock_skew  # other processes may believe that it is earlier
    return await ctx.stores.once.claim(once_key(client.id, used.token_id), expires_at=until, now=ctx.clock.now())


async def _by_public_key(ctx: Context, client: Client, assertion: str, audiences: Collection[str]) -> UsedAssertion:
    try:
        return _check(ctx, client, assertion, audiences, await ctx.client_keys.find(client.metadata))
    except UnknownClientKey:
        keys = await ctx.client_keys.find(client.metadata, unknown=True)
        return _check(ctx, client, assertion, audiences, keys)


async def _by_secret(ctx: Context, client: Client, assertion: str, audiences: Collection[str]) -> UsedAssertion:
    """Try each of the client's secrets: two work while one replaces the other."""
    refusal = InvalidClientAssertion(hint="no secret of the client can be derived: give it a new one")
    for secret in known_secrets(ctx, client):
        key = VerificationKey("", "HS256", OctKey.import_key(secret.encode()))
        try:
            return _check(ctx, client, assertion, audiences, (key,))
        except InvalidClientAssertion as error:
            refusal = error
    raise refusal


def _check(
    ctx: Context, client: Client, assertion: str, audiences: Collection[str], keys: Sequence[VerificationKey]
) -> UsedAssertion:
    return verify_client_assertion(
        assertion,
        client_id=client.id,
        metadata=client.metadata,
        keys=keys,
        audiences=audiences,
        now=ctx.clock.now(),
    )
