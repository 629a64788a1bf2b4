"""How an authorization response leaves: by redirection or as a form, with `state` and `iss` (RFC 9207)."""

from collections.abc import Mapping

from watchword.core.errors import WatchwordError
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.oauth.response_modes import FORM_POST, error_fields, redirect_url, success_fields
from watchword.flows.context import Context
from watchword.flows.outcomes import Answer, FormPost, Redirect


def refuse(ctx: Context, error: WatchwordError, *, redirect_uri: str, mode: str, state: str | None) -> Answer:
    """Return an error for the client. The redirect URI must have been validated."""
    return _send(redirect_uri, error_fields(error, state=state, issuer=ctx.config.issuer), mode)


def refuse_request(ctx: Context, error: WatchwordError, request: AuthorizeRequest) -> Answer:
    """Return an error for the client of a request that was understood."""
    return refuse(ctx, error, redirect_uri=request.redirect_uri, mode=request.response_mode, state=request.state)


def respond(ctx: Context, request: AuthorizeRequest, fields: Mapping[str, str | None]) -> Answer:
    """Return a success for the client."""
    sent = success_fields(fields, state=request.state, issuer=ctx.config.issuer)
    return _send(request.redirect_uri, sent, request.response_mode)


def _send(redirect_uri: str, fields: Mapping[str, str], mode: str) -> Answer:
    if mode == FORM_POST:
        return Answer(FormPost(redirect_uri, fields))
    return Answer(Redirect(redirect_url(redirect_uri, fields, mode)))
