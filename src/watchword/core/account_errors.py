"""Account errors, for people: they leave as RFC 9457 problem documents whose `detail` is a sentence."""

from watchword.core.errors import WatchwordError


class AccountError(WatchwordError):
    """An error about an account. `code` names its page in the documentation.

    Args:
        detail: a sentence for the person, where it can say more than `description`; holds no secret.
        hint: for the log.
    """

    status = 400

    def __init__(self, detail: str = "", *, hint: str = "") -> None:
        super().__init__(hint=hint)
        self.detail = detail or self.description


class AccountDisabled(AccountError):
    """The credential is good, but its account is disabled."""

    code = "account_disabled"
    status = 403
    description = "This account is disabled."


class AccessRefused(AccountError):
    """Authenticated, but without the role, permission or condition that the route asks for."""

    code = "access_refused"
    status = 403
    description = "You are not allowed to do this."


class SignupClosed(AccountError):
    """Sign-up is closed, or needs an invitation and none was sent."""

    code = "signup_closed"
    status = 403
    description = "Sign-up is not open."


class InvalidInvite(AccountError):
    """The invitation is unknown, spent or expired."""

    code = "invalid_invite"
    status = 403
    description = "This invitation is not valid any more."


class UsernameTaken(AccountError):
    """Another account has this username, compared after NFKC and case folding."""

    code = "username_taken"
    status = 409
    description = "This username is taken."


class EmailTaken(AccountError):
    """Another account has this e-mail address, compared after NFKC and case folding."""

    code = "email_taken"
    status = 409
    description = "This e-mail address belongs to another account."


class InvalidUsername(AccountError):
    """The username breaks a rule of identifiers.py."""

    code = "invalid_username"
    status = 422
    description = "This username cannot be used."


class InvalidEmail(AccountError):
    """The e-mail address is malformed."""

    code = "invalid_email"
    status = 422
    description = "This e-mail address cannot be used."


class WeakPassword(AccountError):
    """The password breaks the policy."""

    code = "weak_password"
    status = 422
    description = "This password cannot be used."


class WrongPassword(AccountError):
    """The current password, asked for again, is wrong."""

    code = "wrong_password"
    status = 403
    description = "The current password is wrong."


class InvalidInput(AccountError):
    """A field is missing or has the wrong shape. Never repeats the value that was sent."""

    code = "invalid_input"
    status = 422
    description = "The request has a field that is missing or malformed."

    def __init__(self, detail: str = "", *, errors: tuple[tuple[str, str], ...] = (), hint: str = "") -> None:
        super().__init__(detail, hint=hint)
        self.errors = errors
        """Pairs of field path (dotted) and sentence."""


class NotFound(AccountError):
    """There is no such account, role, session or key."""

    code = "not_found"
    status = 404
    description = "There is no such thing here."


class Conflict(AccountError):
    """The thing exists already, or was changed by someone else meanwhile."""

    code = "conflict"
    status = 409
    description = "This exists already or was changed meanwhile."
