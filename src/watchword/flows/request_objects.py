"""Request objects, by value and by reference (RFC 9101, OpenID Connect Core section 6)."""

from collections.abc import Mapping
from typing import Any

from watchword.core.authorize_errors import InvalidRequestObject
from watchword.core.models.grants import Client
from watchword.core.oauth.parameters import Parameters
from watchword.core.oauth.request_parameters import check_request_uri, find_source, merge
from watchword.core.tokens.request_object import UnknownRequestKey, verify_request_object
from watchword.flows.client_keys import Keys, NoKeys
from watchword.flows.context import Context


async def resolve_request(ctx: Context, client: Client, parameters: Parameters) -> Parameters:
    """Return the parameters of a request with its request object merged in, if it has one.

    Raises:
        InvalidRequest: there are two, or it contradicts what stands outside.
        InvalidRequestObject: it is not good.
        InvalidRequestUri, RequestUriNotSupported: it cannot be fetched, or is not one that the client registered.
    """
    source = find_source(parameters)
    if source is None:
        return parameters
    name, value = source
    token = value if name == "request" else await _get(ctx, client, value)
    return merge(parameters, await _verify(ctx, client, token, is_openid=parameters.is_openid))


async def _get(ctx: Context, client: Client, uri: str) -> str:
    return await ctx.request_uris.get(uri, check_request_uri(uri, client.metadata))


async def _verify(ctx: Context, client: Client, token: str, *, is_openid: bool) -> Mapping[str, Any]:
    """Return the claims of a good one. An unsigned one needs no keys, so those are not asked for before."""
    try:
        return _check(ctx, client, token, (), is_openid=is_openid)
    except UnknownRequestKey:
        keys = await _keys(ctx, client)
    try:
        return _check(ctx, client, token, keys, is_openid=is_openid)
    except UnknownRequestKey:
        return _check(ctx, client, token, await _keys(ctx, client, unknown=True), is_openid=is_openid)


async def _keys(ctx: Context, client: Client, *, unknown: bool = False) -> Keys:
    try:
        return await ctx.client_keys.find(client.metadata, unknown=unknown)
    except NoKeys as refusal:
        raise InvalidRequestObject(hint=str(refusal)) from None


def _check(ctx: Context, client: Client, token: str, keys: Keys, *, is_openid: bool) -> Mapping[str, Any]:
    return verify_request_object(
        token,
        client_id=client.id,
        metadata=client.metadata,
        issuer=ctx.config.issuer,
        keys=keys,
        is_openid=is_openid,
        now=ctx.clock.now(),
    )
