"""Pure rules for the authorization_code grant (RFC 6749 section 4.1.3, RFC 7636 section 4.6)."""

from datetime import datetime

from watchword.core.errors import InvalidGrant
from watchword.core.models.authorizations import AuthorizationCode
from watchword.core.oauth.pkce import check_verifier

KIND = "wwac"
"""The visible kind of a code."""


def check_code(
    code: AuthorizationCode | None,
    *,
    client_id: str,
    redirect_uri: str | None,
    verifier: str | None,
    now: datetime,
    cnf: str | None = None,
) -> AuthorizationCode:
    """Return a code that this request may redeem. One that is spent passes: the store says so, and that has results.

    `redirect_uri` must be the very text of the authorization request if that had one; if not, it may be left out, as
    OAuth 2.1 does everywhere. `cnf` is the thumbprint of the key that the request proves, if it does.

    Raises:
        InvalidGrant: the code is unknown, expired, another client's, or bound to something else than was sent.
    """
    if code is None or code.client_id != client_id:
        raise InvalidGrant(hint="no such code, or another client's")
    if code.redeemed_at is None and code.expires_at <= now:
        raise InvalidGrant(hint="the code has expired")
    given = code.redirect_uri_given or redirect_uri is not None
    if given and redirect_uri != code.redirect_uri:
        raise InvalidGrant(hint="another redirect_uri than the code was sent to")
    if code.cnf is not None and code.cnf != cnf:
        raise InvalidGrant(hint="another key than the code is bound to")
    check_verifier(verifier, code.code_challenge)
    return code
