"""The authorization endpoint (RFC 6749 section 4.1.1, OpenID Connect Core section 3.1.2).

Client and redirect URI come first: while either is not known to be good, what is wrong is shown here, and nobody is
sent anywhere. From then on every error goes to the client, with `state` and `iss`.
"""

from collections.abc import Iterable
from dataclasses import replace

from watchword.core.authorize_errors import UnsupportedResponseType
from watchword.core.errors import InvalidRequest, OAuthError, UnauthorizedClient
from watchword.core.models.grants import Client
from watchword.core.oauth.authorize_request import AuthorizeRequest, find_redirect
from watchword.core.oauth.authorize_rules import check_request
from watchword.core.oauth.parameters import Parameters, parse_parameters
from watchword.core.oauth.response_modes import error_mode
from watchword.core.tokens.id_token import verify_id_token_hint
from watchword.flows.authorize_answers import refuse
from watchword.flows.browser import Browser
from watchword.flows.browser_session import find_login
from watchword.flows.context import Context
from watchword.flows.next_page import go_on
from watchword.flows.outcomes import Answer, ShowError
from watchword.flows.pending import Pending, new_pending
from watchword.flows.request_objects import resolve_request

GRANT = "authorization_code"


async def begin(ctx: Context, pairs: Iterable[tuple[str, str]], browser: Browser) -> Answer:
    """Answer an authorization request: a redirection, a page to show, or an error page.

    Args:
        ctx: the context.
        pairs: the decoded parameters of the query, or of the form that was posted.
        browser: who asks.

    Raises:
        Unavailable: not now; the browser may ask again.
    """
    try:
        parameters = parse_parameters(pairs)
        client = await get_authorizing_client(ctx, parameters.get("client_id"))
    except OAuthError as error:
        return Answer(ShowError(error))
    return await _begin(ctx, client, parameters, browser)


async def get_authorizing_client(ctx: Context, client_id: str | None) -> Client:
    """Return the client of a request. Raises `InvalidRequest`: there is none, or it is disabled."""
    client = ctx.client if client_id == ctx.client.id else await ctx.clients.find(client_id or "")
    if client is None or client.disabled:
        raise InvalidRequest(hint="no client_id, no such client, or a disabled one")
    return client


async def _begin(ctx: Context, client: Client, outer: Parameters, browser: Browser) -> Answer:
    try:
        parameters = await resolve_request(ctx, client, outer)
        redirect_uri = find_redirect(parameters, client.metadata)
    except OAuthError as error:
        return _first_refusal(ctx, client, outer, error)
    try:
        request = await _check(ctx, client, parameters, redirect_uri)
        pending = _with_hint(ctx, new_pending(ctx, request, browser))
    except OAuthError as error:
        mode = error_mode(parameters)
        return refuse(ctx, error, redirect_uri=redirect_uri, mode=mode, state=parameters.get("state"))
    return await go_on(ctx, client, pending, await find_login(ctx, browser.cookie))


def _first_refusal(ctx: Context, client: Client, outer: Parameters, error: OAuthError) -> Answer:
    """Return what to answer where the request object is bad, or the redirect URI.

    An error of the object is told to the client if the parameters outside of it name a good redirect URI.
    """
    try:
        redirect_uri = find_redirect(outer, client.metadata)
    except OAuthError:
        return Answer(ShowError(error))
    return refuse(ctx, error, redirect_uri=redirect_uri, mode=error_mode(outer), state=outer.get("state"))


async def _check(ctx: Context, client: Client, parameters: Parameters, redirect_uri: str) -> AuthorizeRequest:
    await ctx.resources.know(parameters.resources)
    request = check_request(
        parameters,
        redirect_uri=redirect_uri,
        metadata=client.metadata,
        resources=ctx.resources.by_uri,
        default_scopes=frozenset(ctx.config.default_scopes),
    )
    if request.wants_code and GRANT not in client.grants:
        raise UnauthorizedClient(hint=f"client {client.id} may not use {GRANT}")
    if request.response_type != "code" and not ctx.config.provider.legacy_response_types:
        raise UnsupportedResponseType(hint="hybrid and implicit response types are off")
    return replace(request, client_id=client.id)


def _with_hint(ctx: Context, pending: Pending) -> Pending:
    """Return the interaction with whom the client expects. Raises `InvalidRequest`: the hint is not one of ours."""
    hint = pending.request.id_token_hint
    if hint is None:
        return pending
    client_id = pending.request.client_id
    verified = verify_id_token_hint(hint, issuer=ctx.config.issuer, find_key=ctx.keys.find, client_id=client_id)
    request = replace(pending.request, id_token_hint=None)
    return replace(pending, request=request, hinted_subject=verified.subject)
