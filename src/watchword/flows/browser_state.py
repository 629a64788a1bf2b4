"""What a page of a client can notice of the login in its browser (OpenID Connect Session Management 1.0 section 3)."""

from watchword.core.models.sessions import BrowserSession
from watchword.core.oauth.authorize_request import AuthorizeRequest
from watchword.core.oauth.redirect_uris import origin_of
from watchword.core.oauth.session_state import new_salt, session_state_of
from watchword.core.tokens import base64url
from watchword.flows.browser_session import parse_cookie
from watchword.flows.context import Context

_PURPOSE = "browser-state"


def browser_state(ctx: Context, cookie: str | None) -> str:
    """Return what a readable cookie holds beside this login cookie: another for each login, and empty for none.

    It names nobody. It stays when the same person authenticates again, and when the server is restarted.
    """
    parsed = parse_cookie(cookie)
    return "" if parsed is None else _state(ctx, parsed.user_id, parsed.browser_id)


def find_session_state(ctx: Context, request: AuthorizeRequest, session: BrowserSession) -> str | None:
    """Return the `session_state` of an authentication response, or None: for a native client there is no origin."""
    origin = origin_of(request.redirect_uri)
    if not request.is_openid or not origin:
        return None
    state = _state(ctx, session.user_id, session.id)
    return session_state_of(client_id=request.client_id, origin=origin, browser_state=state, salt=new_salt())


def _state(ctx: Context, user_id: str, browser_id: str) -> str:
    return base64url.encode(ctx.secrets.mac(f"{user_id} {browser_id}".encode(), purpose=_PURPOSE))
