"""The client_credentials grant: a machine's token, for itself (RFC 6749 section 4.4, RFC 9068 section 5)."""

from collections.abc import Mapping

from watchword.core.errors import UnauthorizedClient
from watchword.core.ids import new_id
from watchword.core.models.authorizations import Resource
from watchword.core.models.grants import Client
from watchword.core.oauth.resources import check_resources
from watchword.core.oauth.scopes import format_scope, machine_scopes, parse_scope
from watchword.core.tokens.access_token import AccessClaims, sign_access_token
from watchword.flows.context import Context
from watchword.flows.exchange import TokenAnswer, TokenRequest
from watchword.flows.issue_time import issue_time
from watchword.flows.key_rotation import signing_material
from watchword.flows.lifetimes import access_ttl


async def exchange(ctx: Context, client: Client, request: TokenRequest) -> TokenAnswer:
    """Return an access token whose subject is the client. No session, no refresh token; without I/O.

    Raises:
        UnauthorizedClient: the client is public: it has proved nothing.
        InvalidClient: it was disabled or deleted in this moment.
        InvalidScope: `scope` is malformed. Scopes that may not be had are left out of the answer instead.
        InvalidTarget: the resource that is asked for is unknown, or not for this client.
    """
    if not client.confidential:
        raise UnauthorizedClient(hint="client_credentials for a public client")
    requested = parse_scope(request.form.get("scope", ""))
    resource = await _get_resource(ctx, client, request.form)
    had = machine_scopes(requested, declared=ctx.scopes, client=client)
    scopes = had if resource.scopes is None else had & resource.scopes
    now, ttl = ctx.clock.now(), access_ttl(ctx, client, resource)
    issued_at = await issue_time(ctx, client, client.id)
    claims = AccessClaims(
        subject=client.id,
        client_id=client.id,
        audience=resource.uri,
        scopes=scopes,
        issued_at=now,
        expires_at=now + ttl,
        token_id=new_id(issued_at),
    )
    token = sign_access_token(claims, issuer=ctx.config.issuer, key=await signing_material(ctx))
    return TokenAnswer(access_token=token, expires_in=int(ttl.total_seconds()), scope=format_scope(scopes))


async def _get_resource(ctx: Context, client: Client, form: Mapping[str, str]) -> Resource:
    """Return the resource that is asked for (RFC 8707 section 2.2), or this application."""
    uri = form.get("resource", "")
    if not uri:
        return Resource(uri=ctx.config.resource)
    await ctx.resources.know((uri,))
    known = ctx.resources.by_uri
    return known[check_resources((uri,), known=known, allowed=client.metadata.resources)[0]]
