"""Request objects, by value and by reference (RFC 9101, OpenID Connect Core section 6)."""

from collections.abc import Mapping
from typing import Any

from watchword.core.authorize_errors import InvalidRequestObject, InvalidRequestUri
from watchword.core.models.grants import Client
from watchword.core.oauth.parameters import Parameters
from watchword.core.oauth.request_parameters import check_fetched, check_request_uri, find_source, merge
from watchword.core.tokens.request_object import UnknownRequestKey, verify_request_object
from watchword.flows.client_keys import Keys, NoKeys
from watchword.flows.context import Context
from watchword.ports.outside import FetchFailed

_OK = 200
_ACCEPTED = "application/oauth-authz-req+jwt, application/jwt"


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
    token = value if name == "request" else await _fetch(ctx, client, value)
    return merge(parameters, await _verify(ctx, client, token, is_openid=parameters.is_openid))


async def _fetch(ctx: Context, client: Client, uri: str) -> str:
    """Fetch a registered request object, anew each time: a reload of the page uses nothing up."""
    address = check_request_uri(uri, client.metadata)
    if ctx.outside is None:
        raise InvalidRequestUri(hint="nothing can be fetched here")
    try:
        answer = await ctx.outside.fetcher.get(address, accept=_ACCEPTED)
    except FetchFailed as failure:
        raise InvalidRequestUri(hint=str(failure)) from None
    if answer.status != _OK:
        raise InvalidRequestUri(hint=f"the request_uri was answered with {answer.status}")
    return check_fetched(uri, answer.body)


async def _verify(ctx: Context, client: Client, token: str, *, is_openid: bool) -> Mapping[str, Any]:
    try:
        return _check(ctx, client, token, await _keys(ctx, client), is_openid=is_openid)
    except UnknownRequestKey:
        keys = await _keys(ctx, client, unknown=True)
        return _check(ctx, client, token, keys, is_openid=is_openid)


async def _keys(ctx: Context, client: Client, *, unknown: bool = False) -> Keys:
    """Return the client's keys; none where it has none: then only an unsigned object can be good."""
    try:
        return await ctx.client_keys.find(client.metadata, unknown=unknown)
    except NoKeys as refusal:
        if unknown:
            raise InvalidRequestObject(hint=str(refusal)) from None
        return ()


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
