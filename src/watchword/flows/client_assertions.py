"""Clients that prove who they are by a JWT of their own (RFC 7523 section 3, OpenID Connect Core section 9)."""

import logging
from collections.abc import Iterable, Mapping, Sequence

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
from watchword.flows.client_secrets import known_secrets
from watchword.flows.context import Context

_log = logging.getLogger("watchword.clients")
ENDPOINTS = ("/token", "/introspect", "/revoke", "/device_authorization", "/par")
"""Where an assertion may be sent, and so what it may be made for, beside the issuer."""


async def is_proved(ctx: Context, client: Client, form: Mapping[str, str]) -> bool:
    """Whether a request holds a good assertion of this client that nobody has used before.

    Raises:
        StoreUnavailable: nobody can tell whether it was used.
    """
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        return False
    try:
        used = await _verify(ctx, client, form.get("client_assertion", ""))
    except (InvalidClientAssertion, NoKeys) as refusal:
        _log.warning("client %s: %s", client.id, refusal)
        return False
    key, now = once_key(client.id, used.token_id), ctx.clock.now()
    return await ctx.stores.once.claim(key, expires_at=used.expires_at, now=now)


async def _verify(ctx: Context, client: Client, assertion: str) -> UsedAssertion:
    if client.metadata.auth_method == "client_secret_jwt":
        return _verify_by_secret(ctx, client, assertion)
    try:
        return _check(ctx, client, assertion, await ctx.client_keys.find(client.metadata))
    except UnknownClientKey:
        keys = await ctx.client_keys.find(client.metadata, unknown=True)
        return _check(ctx, client, assertion, keys)


def _verify_by_secret(ctx: Context, client: Client, assertion: str) -> UsedAssertion:
    """Try each of the client's secrets: two work while one replaces the other."""
    refusal = InvalidClientAssertion(hint="no secret of the client is known here")
    for key in _secret_keys(known_secrets(ctx, client)):
        try:
            return _check(ctx, client, assertion, (key,))
        except InvalidClientAssertion as error:
            refusal = error
    raise refusal


def _secret_keys(texts: Iterable[str]) -> Iterable[VerificationKey]:
    return (VerificationKey("", "HS256", OctKey.import_key(text.encode())) for text in texts)


def _check(ctx: Context, client: Client, assertion: str, keys: Sequence[VerificationKey]) -> UsedAssertion:
    root = ctx.config.issuer.rstrip("/") + ctx.config.prefix
    return verify_client_assertion(
        assertion,
        client_id=client.id,
        metadata=client.metadata,
        keys=keys,
        audiences={ctx.config.issuer, *(root + path for path in ENDPOINTS)},
        now=ctx.clock.now(),
    )
