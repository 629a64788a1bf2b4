"""Which resource an access token is for (RFC 8707 section 2.2): one, of those that the grant is bound to."""

from collections.abc import Mapping

from watchword.core.oauth.resources import narrow
from watchword.flows.context import Context


def choose_audience(ctx: Context, bound: tuple[str, ...], form: Mapping[str, str]) -> str:
    """Return the resource that a token request asks for, else the first that the grant is bound to, else our own.

    Raises:
        InvalidTarget: it is not one of those.
    """
    asked = (form["resource"],) if form.get("resource") else ()
    return narrow(bound or (ctx.config.resource,), asked)[0]
