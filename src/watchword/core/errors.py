"""The errors that leave as OAuth responses (RFC 6749 section 5.2, RFC 6750 section 3.1, RFC 9470 section 3).

WatchwordError
├─ OAuthError
│  ├─ InvalidRequest ─ PayloadTooLarge
│  ├─ InvalidClient, UnauthorizedClient, UnsupportedGrantType, InvalidScope, UnsupportedTokenType
│  ├─ InvalidGrant ─ ReplayedToken
│  └─ InvalidToken, MissingToken, InsufficientScope, InsufficientUserAuthentication
├─ AccountError           (account_errors.py)
├─ Unavailable
│  ├─ StoreUnavailable
│  └─ Overloaded
└─ TooManyRequests
ConfigError               (start-up only; not a response)
"""

from typing import ClassVar


class WatchwordError(Exception):
    """An answer to a request: `code`, `status` and `description` are public, `hint` is for the log alone.

    Args:
        hint: what really happened, for the operator. Never sent to a client; never holds a secret.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    description: ClassVar[str]

    def __init__(self, *, hint: str = "") -> None:
        super().__init__(hint or self.description)
        self.hint = hint


class ConfigError(Exception):
    """A setting is missing, unsafe or contradictory. Raised at start-up only; the message says what to do."""


class OAuthError(WatchwordError):
    """An error of the OAuth protocol, sent as `{"error": code, "error_description": description}`."""

    status = 400


class InvalidRequest(OAuthError):
    """RFC 6749 section 5.2: a parameter is missing, repeated or malformed."""

    code = "invalid_request"
    description = "The request is missing a parameter, repeats one, or is malformed."


class PayloadTooLarge(InvalidRequest):
    """The body is over the limit of this endpoint (RFC 9110 section 15.5.14)."""

    status = 413
    description = "The request body is too large."


class InvalidClient(OAuthError):
    """RFC 6749 section 5.2: client authentication failed."""

    code = "invalid_client"
    status = 401
    description = "Client authentication failed."


class UnauthorizedClient(OAuthError):
    """RFC 6749 section 5.2: this client may not use this grant."""

    code = "unauthorized_client"
    description = "The client is not allowed to use this grant."


class UnsupportedGrantType(OAuthError):
    """RFC 6749 section 5.2: the grant type is not supported here."""

    code = "unsupported_grant_type"
    description = "This grant type is not supported."


class InvalidScope(OAuthError):
    """RFC 6749 section 5.2: the scope is malformed, unknown, or exceeds what was granted."""

    code = "invalid_scope"
    description = "The requested scope is invalid or exceeds what was granted."


class UnsupportedTokenType(OAuthError):
    """RFC 7009 section 2.2.1: this kind of token cannot be revoked here."""

    code = "unsupported_token_type"
    description = "This kind of token cannot be revoked."


class InvalidGrant(OAuthError):
    """RFC 6749 section 5.2: wrong credentials, or a grant that is spent, expired, revoked or someone else's."""

    code = "invalid_grant"
    description = "The credentials or the grant are invalid, expired or revoked."


class ReplayedToken(InvalidGrant):
    """A refresh token came back after its time: its family must be revoked (RFC 9700 section 4.14.2).

    Args:
        user_id: whose family it is.
        family_id: the family to revoke.
        session_id: the session the family belongs to.
        hint: for the log.
    """

    def __init__(self, *, user_id: str, family_id: str, session_id: str, hint: str = "") -> None:
        super().__init__(hint=hint)
        self.user_id = user_id
        self.family_id = family_id
        self.session_id = session_id


class MissingToken(OAuthError):
    """RFC 6750 section 3.1: no credential was sent, so the challenge carries no error code."""

    code = "missing_token"
    status = 401
    description = "Not authenticated."


class InvalidToken(OAuthError):
    """RFC 6750 section 3.1: the access token is malformed, expired, revoked or not for this audience."""

    code = "invalid_token"
    status = 401
    description = "The access token is invalid, expired or revoked."


class InsufficientScope(OAuthError):
    """RFC 6750 section 3.1: the token is good but does not carry the scopes that this route needs.

    Args:
        scopes: every scope the route needs, sorted, for the challenge (so that one new request can ask for all).
        missing: those of them that the token lacks, sorted.
        hint: for the log.
    """

    code = "insufficient_scope"
    status = 403
    description = "The access token lacks a scope that is needed here."

    def __init__(self, *, scopes: tuple[str, ...], missing: tuple[str, ...], hint: str = "") -> None:
        super().__init__(hint=hint)
        self.scopes = scopes
        self.missing = missing


class InsufficientUserAuthentication(OAuthError):
    """RFC 9470 section 3: the person must authenticate again, more recently or with a stronger method.

    Args:
        max_age: the greatest acceptable age of the authentication in seconds, or None where age is not the point.
        acr_values: the authentication contexts that would do, or an empty tuple.
        hint: for the log.
    """

    code = "insufficient_user_authentication"
    status = 401
    description = "A more recent or stronger authentication is needed."

    def __init__(self, *, max_age: int | None = None, acr_values: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(hint=hint)
        self.max_age = max_age
        self.acr_values = acr_values


class TooManyRequests(WatchwordError):
    """A rate limit was reached (RFC 6585 section 4).

    Args:
        retry_after: seconds until another try may succeed, at least 1.
        hint: for the log.
    """

    code = "too_many_requests"
    status = 429
    description = "Too many attempts. Try again later."

    def __init__(self, *, retry_after: int, hint: str = "") -> None:
        super().__init__(hint=hint)
        self.retry_after = max(1, retry_after)


class Unavailable(WatchwordError):
    """The request may be sent again. It was not carried out, unless the store was lost while it committed.

    Args:
        retry_after: seconds for the Retry-After header.
        hint: for the log.
    """

    code = "temporarily_unavailable"
    status = 503
    description = "The service is temporarily unavailable. Try again shortly."

    def __init__(self, *, retry_after: int = 1, hint: str = "") -> None:
        super().__init__(hint=hint)
        self.retry_after = max(1, retry_after)


class StoreUnavailable(Unavailable):
    """The database cannot be reached or did not answer in time."""


class Overloaded(Unavailable):
    """The queue of password hashes is full or its deadline passed; nothing was checked."""
