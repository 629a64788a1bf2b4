"""Where the browser goes after a logout (OpenID Connect RP-Initiated Logout sections 2 and 3)."""

from watchword.core.errors import InvalidRequest
from watchword.core.models.client_metadata import ClientMetadata
from watchword.core.oauth.redirect_uris import matches
from watchword.core.oauth.response_modes import QUERY, redirect_url
from watchword.core.tokens.id_token import IdTokenHint


def check_logout_client(client_id: str | None, hint: IdTokenHint | None) -> str | None:
    """Return for whom the logout is asked: the client of a verified hint, else the one that is named, or None.

    Raises:
        InvalidRequest: both are there, and differ (section 2).
    """
    if hint is None:
        return client_id
    if client_id not in {None, hint.client_id}:
        raise InvalidRequest(hint="the id_token_hint was made for another client than client_id")
    return hint.client_id


def find_logout_redirect(
    uri: str | None, *, state: str | None, hint: IdTokenHint | None, metadata: ClientMetadata | None
) -> str | None:
    """Return where to send the browser after the logout, `state` added as it came, or None for a page of our own.

    Only a verified hint proves who asks, and only a registered URI is gone to: its very text, but for the port of a
    native client on the loopback (section 3). `metadata` is that of the hint's client, None if it is unknown.
    """
    if uri is None or hint is None or metadata is None:
        return None
    if not matches(metadata.post_logout_redirect_uris, uri, application_type=metadata.application_type):
        return None
    return redirect_url(uri, {"state": state}, QUERY) if state is not None else uri


def front_channel_url(metadata: ClientMetadata, *, issuer: str, session_id: str) -> str | None:
    """Return what to load in an iframe so that a client ends its session, or None (Front-Channel Logout section 2).

    It names issuer and session even where the client does not insist: an address that says neither logs out whoever
    another site sends there.
    """
    if metadata.frontchannel_logout_uri is None:
        return None
    return redirect_url(metadata.frontchannel_logout_uri, {"iss": issuer, "sid": session_id}, QUERY)
